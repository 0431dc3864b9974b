// What visibility rules do to catalogs and orders.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { newId } from '../../src/ids.ts'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { catalogOf } from '../support/catalogs.ts'
import { writeAsKontor } from '../support/accept-rows.ts'
import { here, startKontor, until, type Call, type Reply } from '../support/kontor.ts'
import { map, move, organisation, platform } from './tenants.ts'
import type { Teardown } from '../support/teardown.ts'

const path = '/v2/catalog'

interface Service {
  readonly name: string
  readonly plans: ReadonlyArray<{ readonly name: string }>
}

const planNames = ({ body }: Reply): string[] =>
  (body.services as Service[]).flatMap(({ name, plans }) =>
    plans.map((plan) => `${name}/${plan.name}`),
  )
const seenBy = async (call: Call): Promise<string[]> => planNames(await call('GET', path))
const everything = ['nord-db/small', 'nord-db/large', 'nord-app/only']

/** `app` is an AI for municipalities. */
function labelled(): OsbCatalog {
  const catalog = catalogOf('nord')
  const [db, app] = catalog.services
  return {
    services: [
      {
        ...db,
        plans:
          db?.plans.map((plan) => ({
            ...plan,
            metadata: { dvc: { approval: plan.name === 'large' ? 'two-step' : 'none' } },
          })) ?? [],
      },
      {
        ...app,
        tags: ['ai'],
        metadata: { dvc: { eligibleLevels: ['kommune', 'land'], protection: { vsNfd: true } } },
      },
    ] as OsbCatalog['services'],
  }
}

const kontor = await startKontor(t)
const { admin } = kontor
const other = await kontor.another()
await kontor.addProvider('nord', { catalog: labelled() })
const land = await organisation(kontor, 'land', 'land')
const amt = await organisation(kontor, 'amt', 'land', land)
const stadt = await organisation(kontor, 'stadt', 'kommune')
const ofLand = await platform(kontor, 'of-land', land)
const ofAmt = await platform(kontor, 'of-amt', amt)
const ofStadt = await platform(kontor, 'of-stadt', stadt)
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const app = await kontor.find('nord', 'app')

interface RuleOrder {
  readonly effect?: string
  readonly who?: object
  readonly what?: object
  readonly reason?: string
  readonly conceal?: boolean
  readonly comment?: string
}

const order = (rule: RuleOrder) => ({
  effect: 'allow',
  who: { everybody: true },
  what: { everything: true },
  reason: 'It is so.',
  ...rule,
})

/** Removed at the end of the test. */
async function rule(t: Teardown, given: RuleOrder): Promise<string> {
  const reply = await admin('POST', '/api/visibility-rules', order(given))
  if (reply.status !== 201) throw new Error(reply.text)
  const id = reply.body.id as string
  t.teardown(() => admin('DELETE', `/api/visibility-rules/${id}`))
  return id
}

t.test('without rules every platform sees everything', async (t) => {
  for (const { call } of [ofLand, ofAmt, ofStadt]) t.strictSame(await seenBy(call), everything)
})

t.test('an allow rule opens its plans to its subjects only', async (t) => {
  const cases: ReadonlyArray<readonly [who: object, seers: readonly string[]]> = [
    [{ platform: 'of-land' }, ['of-land']],
    [{ platform: ofAmt.id }, ['of-amt']],
    [{ organisation: 'land' }, ['of-land', 'of-amt']],
    // An order through the platform of the land may be for the amt below it.
    [{ organisation: amt }, ['of-land', 'of-amt']],
    [{ level: 'kommune' }, ['of-stadt']],
    [{ organisation: 'land', platform: 'of-amt' }, ['of-amt']],
    [{ organisation: 'stadt', level: 'land' }, []],
    [{ everybody: true }, ['of-land', 'of-amt', 'of-stadt']],
  ]
  for (const [who, seers] of cases) {
    const {
      body: { id },
    } = await admin(
      'POST',
      '/api/visibility-rules',
      order({ who, what: { offering: 'nord-db', plan: 'large' } }),
    )
    for (const [name, { call }] of Object.entries({
      'of-land': ofLand,
      'of-amt': ofAmt,
      'of-stadt': ofStadt,
    })) {
      t.strictSame(
        await seenBy(call),
        seers.includes(name) ? everything : ['nord-db/small', 'nord-app/only'],
        `${JSON.stringify(who)} ${name}`,
      )
    }
    t.equal((await admin('DELETE', `/api/visibility-rules/${String(id)}`)).status, 204)
  }
  t.strictSame(await seenBy(ofStadt.call), everything, 'and all is as before when it is gone')
})

t.test('what a rule names', async (t) => {
  const db = ['nord-db/small', 'nord-db/large']
  const cases: ReadonlyArray<readonly [what: object, left: readonly string[]]> = [
    [{ provider: 'nord' }, []],
    [{ everything: true }, []],
    [{ offering: 'nord-app' }, db],
    [{ offering: app.service_id }, db],
    [{ plan: 'only' }, db],
    [{ plan: small.plan_id }, ['nord-db/large', 'nord-app/only']],
    [{ offering: 'nord-db', plan: 'small' }, ['nord-db/large', 'nord-app/only']],
    [{ label: { name: 'tag', value: 'ai' } }, db],
    [{ label: { name: 'tag', value: 'nord' } }, []],
    [{ label: { name: 'tag', value: 'a' } }, everything],
    [{ label: { name: 'dvc.approval', value: 'two-step' } }, ['nord-db/small', 'nord-app/only']],
    [{ label: { name: 'dvc.eligibleLevels', value: 'land' } }, db],
    [{ label: { name: 'dvc.protection.vsNfd', value: 'true' } }, db],
    [{ label: { name: 'kontor.provider', value: 'nord' } }, []],
    [{ label: { name: 'dvc', value: '[object Object]' } }, everything],
    [{ label: { name: '__proto__.x', value: 'y' } }, everything],
    [
      { offering: 'nord-db', label: { name: 'dvc.approval', value: 'none' } },
      ['nord-db/large', 'nord-app/only'],
    ],
  ]
  for (const [what, left] of cases) {
    const { status, body } = await admin(
      'POST',
      '/api/visibility-rules',
      order({ effect: 'deny', who: { platform: 'of-stadt' }, what }),
    )
    t.equal(status, 201, JSON.stringify(what))
    t.strictSame(await seenBy(ofStadt.call), left, JSON.stringify(what))
    t.strictSame(await seenBy(ofLand.call), everything)
    await admin('DELETE', `/api/visibility-rules/${String(body.id)}`)
  }
})

t.test('a deny rule overrides every allow rule', async (t) => {
  await rule(t, { who: { organisation: 'land' }, what: { offering: 'nord-app' } })
  await rule(t, { who: { platform: 'of-amt' }, what: { offering: 'nord-app' } })
  await rule(t, {
    effect: 'deny',
    who: { organisation: 'amt' },
    what: { label: { name: 'tag', value: 'ai' } },
  })
  t.ok((await seenBy(ofLand.call)).includes('nord-app/only'))
  t.notOk((await seenBy(ofAmt.call)).includes('nord-app/only'))
  t.notOk((await seenBy(ofStadt.call)).includes('nord-app/only'))
})

t.test(
  'an order for a hidden plan is refused with the reason; what was ordered before goes on',
  async (t) => {
    t.equal(
      (await ofStadt.call('PUT', '/v2/service_instances/before', { ...large, ...here })).status,
      201,
    )
    t.equal(
      (await ofStadt.call('PUT', '/v2/service_instances/small', { ...small, ...here })).status,
      201,
    )
    await rule(t, {
      who: { level: 'land' },
      what: { offering: 'nord-db', plan: 'large' },
      reason: 'Only states may order it.',
    })
    const refused = {
      status: 400,
      body: {
        description: 'The plan "large" of "nord-db" is not offered here: Only states may order it.',
      },
    }
    t.match(
      await ofStadt.call('PUT', '/v2/service_instances/after', { ...large, ...here }),
      refused,
    )
    t.match(
      await ofStadt.call('PATCH', '/v2/service_instances/small', {
        service_id: small.service_id,
        plan_id: large.plan_id,
      }),
      refused,
      'nor can another one be changed to it',
    )
    t.equal(
      (await ofAmt.call('PUT', '/v2/service_instances/amt', { ...large, ...here })).status,
      201,
    )

    const I = '/v2/service_instances/before'
    t.match(
      await ofStadt.call('PUT', I, { ...large, ...here }),
      { status: 200 },
      'the same order again',
    )
    t.match(await ofStadt.call('GET', I), { status: 200, body: { plan_id: large.plan_id } })
    t.match(
      await ofStadt.call('PATCH', I, { service_id: large.service_id, parameters: { size: 2 } }),
      { status: 200 },
    )
    t.match(
      await ofStadt.call('PATCH', I, { ...large, parameters: { size: 3 } }),
      { status: 200 },
      'naming the plan that it has',
    )
    t.match(await ofStadt.call('PUT', `${I}/service_bindings/b`, large), { status: 201 })
    const ids = `service_id=${large.service_id}&plan_id=${large.plan_id}`
    t.match(await ofStadt.call('DELETE', `${I}/service_bindings/b?${ids}`), { status: 200 })
    t.match(await ofStadt.call('DELETE', `${I}?${ids}`), { status: 200 })
  },
)

t.test('a concealed plan looks like one that does not exist', async (t) => {
  await rule(t, {
    who: { level: 'land' },
    what: { offering: 'nord-db', plan: 'large' },
    conceal: true,
  })
  await ofStadt.call('PUT', '/v2/service_instances/concealed', { ...small, ...here })
  const unknown = '00000000-0000-4000-8000-000000000000'
  const bodies: Array<readonly [method: string, path: string, body: object]> = [
    ['PUT', '/v2/service_instances/x', here],
    ['PUT', '/v2/service_instances/x', { ...here, maintenance_info: { version: '7.0.0' } }],
    ['PATCH', '/v2/service_instances/concealed', {}],
  ]
  for (const [method, at, body] of bodies) {
    const answers = await Promise.all(
      [large.plan_id, unknown].map((planId) =>
        ofStadt.call(method, at, { service_id: small.service_id, plan_id: planId, ...body }),
      ),
    )
    t.equal(answers[0]?.status, 400)
    t.strictSame(
      [answers[0]?.status, answers[0]?.body],
      [answers[1]?.status, answers[1]?.body],
      `${method} ${JSON.stringify(body)}`,
    )
  }
})

t.test('a plan stays concealed whatever else refuses it', async (t) => {
  const unknown = await ofStadt.call('PUT', '/v2/service_instances/x', {
    ...large,
    plan_id: '00000000-0000-4000-8000-000000000000',
    ...here,
  })
  const answer = async () => {
    const { status, body } = await ofStadt.call('PUT', '/v2/service_instances/x', {
      ...large,
      ...here,
    })
    return [status, body]
  }
  const open = await rule(t, {
    who: { platform: 'of-land' },
    what: { offering: 'nord-db', plan: 'large' },
    conceal: true,
  })
  await rule(t, {
    effect: 'deny',
    who: { organisation: 'stadt' },
    what: { provider: 'nord' },
    reason: 'There is no contract.',
  })
  t.strictSame(
    await answer(),
    [unknown.status, unknown.body],
    'a deny rule with a reason does not reveal what an allow rule conceals',
  )
  await admin('PATCH', `/api/visibility-rules/${open}`, { conceal: false })
  t.match(await answer(), [400, { description: /There is no contract/ }])
  await rule(t, {
    effect: 'deny',
    who: { level: 'kommune' },
    what: { offering: 'nord-db' },
    conceal: true,
  })
  t.strictSame(
    await answer(),
    [unknown.status, unknown.body],
    'nor does it reveal what another deny rule conceals',
  )
  await admin('PATCH', `/api/visibility-rules/${open}`, {
    conceal: true,
    who: { platform: 'of-stadt' },
  })
  t.match(
    (await ofLand.call('PUT', '/v2/service_instances/x', { ...large, ...here })).body,
    unknown.body,
  )
})

t.test(
  'a subject of an allow rule gets the reason of the deny rule, because it may know the plan',
  async (t) => {
    await rule(t, {
      who: { platform: 'of-land' },
      what: { offering: 'nord-db', plan: 'large' },
      conceal: true,
    })
    await rule(t, { who: { platform: 'of-stadt' }, what: { offering: 'nord-db', plan: 'large' } })
    await rule(t, {
      effect: 'deny',
      who: { organisation: 'stadt' },
      what: { provider: 'nord' },
      reason: 'There is no contract.',
    })
    t.match(await ofStadt.call('PUT', '/v2/service_instances/x', { ...large, ...here }), {
      status: 400,
      body: { description: /There is no contract/ },
    })
  },
)

t.test('an order is judged for the organisation that it is for', async (t) => {
  const shared = await platform(kontor, 'shared', null)
  const fromStadt = { ...here, context: { platform: 'kubernetes', namespace: 'stadt' } }
  await map(kontor, shared.id, 'stadt', stadt)
  await rule(t, {
    who: { organisation: 'stadt' },
    what: { offering: 'nord-app' },
    reason: 'Only for the town.',
  })
  t.ok(
    (await seenBy(shared.call)).includes('nord-app/only'),
    'one of its organisations may order it',
  )
  t.match(await shared.call('PUT', '/v2/service_instances/s-1', { ...app, ...here }), {
    status: 400,
    body: { description: /Only for the town/ },
  })
  t.match(await shared.call('PUT', '/v2/service_instances/s-2', { ...app, ...fromStadt }), {
    status: 201,
  })

  const seen = await admin('GET', `/api/platforms/${shared.id}/visibility?offering=nord-app`)
  t.match(seen, {
    status: 200,
    body: {
      organisation: null,
      items: [{ plan: { name: 'only' }, inCatalog: true, mayOrder: false, because: 'not_allowed' }],
    },
  })
  t.match(
    await admin(
      'GET',
      `/api/platforms/${shared.id}/visibility?offering=nord-app&organisation=stadt`,
    ),
    { body: { organisation: { name: 'stadt' }, items: [{ mayOrder: true, because: 'allowed' }] } },
  )
})

t.test(
  'each platform has its own tag, and a date that moves whenever its own catalog does',
  async (t) => {
    const look = async () => {
      const { headers } = await ofStadt.call('GET', path)
      return {
        etag: String(headers['etag']),
        modified: Date.parse(String(headers['last-modified'])),
      }
    }
    const conditional = async (headers: Record<string, string>) =>
      (await ofStadt.call('GET', path, undefined, headers)).status
    const steps: Array<() => Promise<unknown>> = []
    const ids: string[] = []
    for (const what of [{ plan: 'only' }, { offering: 'nord-db', plan: 'large' }]) {
      steps.push(async () => {
        ids.push(
          (
            await admin(
              'POST',
              '/api/visibility-rules',
              order({ effect: 'deny', who: { organisation: 'stadt' }, what }),
            )
          ).body.id,
        )
      })
    }
    // Another organisation now: nothing is denied to it.
    steps.push(
      () => move(kontor, ofStadt.id, land),
      () => move(kontor, ofStadt.id, stadt),
    )
    steps.push(() =>
      admin('PATCH', `/api/visibility-rules/${ids[0] ?? ''}`, { who: { platform: 'of-land' } }),
    )
    steps.push(() => admin('DELETE', `/api/visibility-rules/${ids[1] ?? ''}`))
    t.teardown(() => admin('DELETE', `/api/visibility-rules/${ids[0] ?? ''}`))
    // Before there was any rule it had a date, too.
    let before = await look()
    for (const [at, step] of steps.entries()) {
      await step()
      const now = await look()
      t.not(now.etag, before.etag, `step ${at}`)
      t.ok(now.modified > before.modified, `step ${at}: ${now.modified} ${before.modified}`)
      t.equal(await conditional({ 'if-none-match': before.etag }), 200)
      t.equal(
        await conditional({ 'if-modified-since': new Date(before.modified).toUTCString() }),
        200,
      )
      t.equal(await conditional({ 'if-none-match': now.etag }), 304)
      t.equal(await conditional({ 'if-modified-since': new Date(now.modified).toUTCString() }), 304)
      t.strictSame(await look(), now, 'and it stays while nothing changes')
      before = now
    }
    t.strictSame(await seenBy(ofStadt.call), everything)
  },
)

t.test('a rule for others leaves the tag as it is', async (t) => {
  await rule(t, { effect: 'deny', who: { platform: 'of-land' }, what: { plan: 'only' } })
  const before = await ofStadt.call('GET', path)
  await rule(t, { effect: 'deny', who: { platform: 'of-land' }, what: { offering: 'nord-db' } })
  t.equal(
    (
      await ofStadt.call('GET', path, undefined, {
        'if-none-match': String(before.headers['etag']),
      })
    ).status,
    304,
  )
  t.equal(
    (
      await ofStadt.call('GET', path, undefined, {
        'if-none-match': String((await ofLand.call('GET', path)).headers['etag']),
      })
    ).status,
    200,
    "a tag of another's catalog is no tag of this one",
  )
})

t.test(
  'platforms that see the same get the same bytes, and all who ask at once get them',
  async (t) => {
    await rule(t, { effect: 'deny', who: { organisation: 'land' }, what: { plan: 'only' } })
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? ofLand : ofAmt).call('GET', path)),
    )
    t.equal(new Set(replies.map(({ headers }) => headers['etag'])).size, 1)
    t.equal(new Set(replies.map(({ text }) => text)).size, 1)
  },
)

t.test('another process learns of a rule and of its end', async (t) => {
  const { body } = await admin(
    'POST',
    '/api/visibility-rules',
    order({ effect: 'deny', what: { offering: 'nord-db' } }),
  )
  t.ok(
    await until(
      () => seenBy(other.call),
      (seen) => seen.length === 1,
    ),
  )
  await other.admin('DELETE', `/api/visibility-rules/${String(body.id)}`)
  t.ok(
    await until(
      () => seenBy(kontor.call),
      (seen) => seen.length === 3,
    ),
  )
})

t.test('rules are written, changed, listed and audited', async (t) => {
  const created = await admin(
    'POST',
    '/api/visibility-rules',
    order({
      who: { organisation: 'land', level: 'land' },
      what: { offering: 'nord-db', plan: 'small', label: { name: 'tag', value: 'postgresql' } },
      comment: 'Ticket 1',
    }),
  )
  const id = String(created.body.id)
  t.match(created, {
    status: 201,
    headers: { location: `/api/visibility-rules/${id}` },
    body: {
      effect: 'allow',
      who: { organisation: { id: land, name: 'land' }, level: 'land' },
      reason: 'It is so.',
      conceal: false,
      comment: 'Ticket 1',
      what: {
        offering: { id: small.service_id, name: 'nord-db' },
        plan: { id: small.plan_id, name: 'small' },
        label: { name: 'tag', value: 'postgresql' },
      },
    },
  })
  t.strictSame((await other.admin('GET', `/api/visibility-rules/${id}`)).body, created.body)
  const changed = await admin('PATCH', `/api/visibility-rules/${id}`, {
    effect: 'deny',
    what: { provider: 'nord' },
    conceal: true,
    comment: null,
  })
  t.match(changed, {
    status: 200,
    body: {
      id,
      effect: 'deny',
      who: created.body.who,
      what: { provider: { name: 'nord' } },
      conceal: true,
      comment: null,
    },
  })
  t.notOk('plan' in changed.body.what)
  t.strictSame((await admin('GET', '/api/visibility-rules')).body.items, [changed.body])
  t.equal((await admin('DELETE', `/api/visibility-rules/${id}`)).status, 204)
  for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { conceal: true }]] as const) {
    for (const none of [id, 'nonsense'])
      t.match(
        await admin(method, `/api/visibility-rules/${none}`, body),
        { status: 404 },
        `${method} ${none}`,
      )
  }
  const events = await kontor.running.runtime.db
    .selectFrom('audit_events')
    .select(['actor', 'action', 'details'])
    .where('object_kind', '=', 'visibility_rule')
    .where('object_id', '=', id)
    .orderBy('id')
    .execute()
  t.match(events, [
    {
      actor: 'admin',
      action: 'visibility-rule.created',
      details: { comment: 'Ticket 1', organisationId: land },
    },
    { action: 'visibility-rule.changed', details: { effect: 'deny', conceal: true } },
    { action: 'visibility-rule.removed' },
  ])
})

t.test('an invalid rule is refused by the name of the field', async (t) => {
  const cases: ReadonlyArray<readonly [rule: object, says: RegExp]> = [
    [{ effect: 'maybe' }, /effect/],
    [{ who: {} }, /^who/],
    [{ who: { everybody: true, level: 'land' } }, /^who/],
    [{ who: { level: 'kreis' } }, /^who\.level/],
    [{ who: { platform: 'nobody' } }, /^who\.platform: there is no platform "nobody"/],
    [{ who: { organisation: 'nobody' } }, /^who\.organisation/],
    [{ what: {} }, /^what/],
    [{ what: { everything: true, plan: 'small' } }, /^what/],
    [{ what: { provider: 'west' } }, /^what\.provider/],
    [{ what: { offering: 'db' } }, /^what\.offering: the catalog has no offering "db"/],
    [{ what: { plan: 'huge' } }, /^what\.plan/],
    [{ what: { offering: 'nord-app', plan: 'small' } }, /^what\.plan/],
    [
      { what: { offering: 'nord-app', plan: small.plan_id } },
      /^what\.plan: that is no plan of "nord-app"/,
    ],
    [{ what: { label: { name: 'a b', value: 'c' } } }, /^what\.label\.name/],
    [{ what: { label: { name: 'a.b.c.d.e.f.g.h.i', value: 'c' } } }, /^what\.label\.name/],
    [{ what: { label: { name: 'tag' } } }, /^what\.label\.value/],
    [{ reason: ' ' }, /^reason/],
    [{ reason: 'x'.repeat(201) }, /^reason/],
    [{ comment: 'x'.repeat(501) }, /^comment/],
    [{ more: 1 }, /^more is not a known field/],
  ]
  for (const [wrong, says] of cases)
    t.match(
      await admin('POST', '/api/visibility-rules', { ...order({}), ...wrong }),
      { status: 400, body: { detail: says } },
      JSON.stringify(wrong).slice(0, 80),
    )
  t.match(await admin('GET', `/api/platforms/${ofLand.id}/visibility?plan=huge`), {
    status: 400,
    body: { detail: /^plan/ },
  })
  t.match(await admin('GET', '/api/platforms/nobody/visibility'), { status: 404 })
  t.strictSame((await admin('GET', '/api/visibility-rules')).body.items, [])
})

t.test('a platform that another process has just made is explained, too', async (t) => {
  // As another process writes it, without the notification.
  const created = new Date()
  const id = newId(created)
  await writeAsKontor(kontor.running.runtime.db, 'platforms', { id }, (tx) =>
    tx.insertInto('platforms').values({ id, name: 'just-made', created_at: created }).execute(),
  )
  t.match(await admin('GET', '/api/platforms/just-made/visibility'), {
    status: 200,
    body: { platform: { name: 'just-made' }, organisation: null },
  })
})

t.test('other work comes between the plans that are explained', async (t) => {
  const [database] = catalogOf('wide').services
  // Takes long to parse for its length.
  const slow = Object.fromEntries(Array.from({ length: 4_000 }, (_, at) => [`k${at}`, at]))
  const plans = Array.from({ length: 60 }, (_, index) => ({
    ...database?.plans[0],
    id: `wide-${index}`,
    name: `wide-${index}`,
    metadata: { slow, colour: 'red' },
  }))
  const catalog = { services: [{ ...database, plans }] } as OsbCatalog
  const { view } = await kontor.addProvider('wide', { catalog })
  t.teardown(() => admin('DELETE', `/api/providers/${view.id}`))
  const denial = await rule(t, {
    effect: 'deny',
    what: { label: { name: 'colour', value: 'red' } },
  })

  // What the registration parsed would make short work of the explanation.
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  // Turns of the event loop that took a slice of the work (3 ms) or more.
  let long = 0
  let since = performance.now()
  const turn = () => {
    if (performance.now() - since >= 3) long++
    since = performance.now()
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  const { body } = await admin('GET', `/api/platforms/${ofStadt.id}/visibility`)
  clearImmediate(next)
  const items = body.items as Array<{ readonly rules: readonly string[] }>
  t.equal(items.filter(({ rules }) => rules.includes(denial)).length, 60)
  t.ok(long >= 3, `${long} turns`)
})

t.test('a name that two offerings share is refused unless the offering is named', async (t) => {
  await kontor.addProvider('west')
  t.match(await admin('POST', '/api/visibility-rules', order({ what: { plan: 'small' } })), {
    status: 400,
    body: { detail: /several offerings have a plan "small"/ },
  })
  await rule(t, { effect: 'deny', what: { provider: 'west' } })
  t.strictSame(await seenBy(ofStadt.call), everything)
  t.match(
    await admin('GET', `/api/platforms/${ofStadt.id}/visibility?offering=west-db&plan=small`),
    { body: { items: [{ because: 'denied', inCatalog: false, mayOrder: false }] } },
  )
})

t.test('the first rule and the end of the last one move the date, too', async (t) => {
  const fresh = await startKontor(t)
  await fresh.addProvider('nord')
  const look = async () => String((await fresh.call('GET', path)).headers['last-modified'])
  const dates = [await look()]
  const { body } = await fresh.admin(
    'POST',
    '/api/visibility-rules',
    order({ effect: 'deny', what: { offering: 'nord-app' } }),
  )
  dates.push(await look())
  await fresh.admin('DELETE', `/api/visibility-rules/${String(body.id)}`)
  dates.push(await look())
  const times = dates.map((date) => Date.parse(date))
  t.ok(
    times[0] !== undefined &&
      times[1] !== undefined &&
      times[2] !== undefined &&
      times[0] < times[1] &&
      times[1] < times[2],
    dates.join(', '),
  )
  for (const date of dates.slice(0, 2))
    t.equal((await fresh.call('GET', path, undefined, { 'if-modified-since': date })).status, 200)
})

t.test('with a closed catalog, only what an allow rule names is offered', async (t) => {
  const closed = await startKontor(t, { environment: { KONTOR_VISIBILITY: 'closed' } })
  await closed.addProvider('nord')
  t.strictSame(await seenBy(closed.call), [])
  const { body } = await closed.admin(
    'POST',
    '/api/visibility-rules',
    order({ what: { offering: 'nord-db' } }),
  )
  t.strictSame(await seenBy(closed.call), ['nord-db/small', 'nord-db/large'])
  const plan = await closed.find('nord', 'db', 'small')
  await closed.admin('DELETE', `/api/visibility-rules/${String(body.id)}`)
  t.strictSame(await seenBy(closed.call), [])
  t.match(await closed.call('PUT', '/v2/service_instances/i', { ...plan, ...here }), {
    status: 400,
    body: { description: /is not offered here: It has not been opened to you/ },
  })
})
