// ROT: a new binding that replaces an old one.
import t, { type Test } from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { finished, startKontor, type Reply } from '../support/kontor.ts'
import { accepted, inProgress, scriptedProvider, succeeded } from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'
import { traces } from '../support/witness.ts'
import { ai, maker, statusAndWord } from './making.ts'

t.setTimeout(60_000)
const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.5' } })
const { call } = kontor
const { make } = maker(kontor)
const { simulator: sync } = await kontor.addProvider('sync', { catalog: withFixed('sync') })
const { simulator: later } = await kontor.addProvider('later', {
  behaviours: { '*': { mode: 'sync', asyncBinding: true, bindSeconds: 0.3, unbindSeconds: 0.3 } },
})
await kontor.addProvider('brief', {
  behaviours: { '*': { mode: 'sync', bindingExpiresDays: 1e-9 } },
})
const scripted = await scriptedProvider(t, kontor, 'scripted')
const plan = {
  sync: await kontor.find('sync', 'db', 'small'),
  fixed: await kontor.find('sync', 'fixed', 'plain'),
  never: await kontor.find('sync', 'fixed', 'never'),
  later: await kontor.find('later', 'db', 'small'),
  brief: await kontor.find('brief', 'db', 'small'),
  scripted: scripted.small,
}

// Only a plan declares rotation: binding_rotatable of the offering is ignored.
function withFixed(provider: string) {
  const plans = [
    { id: 'plain', name: 'plain', description: 'plain' },
    { id: 'never', name: 'never', description: 'never', binding_rotatable: false },
  ]
  return {
    services: [
      ...catalogOf(provider).services,
      {
        id: 'fixed',
        name: 'fixed',
        description: 'fixed',
        bindable: true,
        binding_rotatable: true,
        plans,
      },
    ],
  }
}

const sent = () => (scripted.requests('bind').at(-1)?.body ?? {}) as Record<string, unknown>
const rotate = (path: string, predecessor: string, more: object = {}, query = '') =>
  call('PUT', `${path}?${query}`, { predecessor_binding_id: predecessor, ...more })
const idOf = (path: string) => path.split('/').at(-1) ?? ''

/** A new binding. */
async function bound(ids: typeof plan.sync, more: object = {}) {
  const made = await make(ids)
  const reply = await call('PUT', `${made.B}?${ai}`, { ...ids, ...more })
  if (reply.status === 202) await finished(call, made.B, reply.body.operation)
  if (reply.status > 202) throw new Error(`The binding was not made: ${reply.text}`)
  return { ...made, old: idOf(made.B), next: `${made.B}-next` }
}

async function changesNothing(t: Test, send: () => Promise<Reply>): Promise<Reply> {
  const look = async () => ({
    ...(await traces(kontor.running.runtime.db, sync)),
    requests: scripted.requests().length,
  })
  const before = await look()
  const reply = await send()
  t.strictSame(await look(), before, 'nothing has changed, here or there')
  return reply
}

await t.test(
  'ROT-01 Kontor sends no rotation for a plan without binding_rotatable of its own',
  async (t) => {
    for (const ids of [plan.fixed, plan.never]) {
      const { next, old } = await bound(ids)
      t.equal((await changesNothing(t, () => rotate(next, old, ids))).status, 400)
    }
  },
)

await t.test(
  "ROT-02 a rotation reaches the provider as a PUT of a new binding_id that names the provider's old one",
  async (t) => {
    const { ids, next, old } = await bound(plan.scripted)
    const before = scripted.requests('bind').at(-1)?.path
    t.equal((await rotate(next, old, ids)).status, 201)
    const path = scripted.requests('bind').at(-1)?.path ?? ''
    t.not(path, before)
    t.strictSame(sent(), {
      service_id: 'scripted-db',
      plan_id: 'scripted-db-small',
      predecessor_binding_id: idOf(before ?? ''),
    })
    t.not(sent()['predecessor_binding_id'], old, "the platform's own id means nothing there")
  },
)

await t.test(
  'ROT-03 the predecessor is a binding of the same instance that has not expired',
  async (t) => {
    const good = await bound(plan.sync)
    t.equal((await rotate(good.next, good.old)).status, 201)
    const [one, two] = [await bound(plan.scripted), await bound(plan.scripted)]
    t.equal(
      (await changesNothing(t, () => rotate(one.next, two.old))).status,
      400,
      'of another instance',
    )
    scripted.respond({ bind: answer(201, { metadata: { expires_at: '2020-01-01T00:00:00.0Z' } }) })
    const gone = await bound(plan.scripted)
    scripted.respond({ bind: answer(201) })
    t.equal((await changesNothing(t, () => rotate(gone.next, gone.old))).status, 400, 'expired')
  },
)

await t.test(
  'ROT-04 an invalid predecessor is 400, a busy one ConcurrencyError, and nothing is created',
  async (t) => {
    const { I, B, next, old, query } = await bound(plan.scripted)
    const other = await bound(plan.scripted)
    for (const [path, predecessor] of [
      [next, 'unheard-of'],
      [next, other.old],
      [next, idOf(next)],
      [next, ''],
    ] as const) {
      t.match(
        await changesNothing(t, () => rotate(path, predecessor)),
        { status: 400, body: { description: /predecessor/ } },
        predecessor,
      )
    }
    const stranger = await kontor.newPlatform('stranger')
    t.equal((await stranger('PUT', next, { predecessor_binding_id: old })).status, 404)
    const brief = await bound(plan.brief)
    t.match(await rotate(brief.next, brief.old), { status: 400, body: { description: /expired/ } })

    scripted.respond({ bind: accepted(), binding_last_operation: inProgress })
    await call('PUT', `${I}/service_bindings/being-made?${ai}`, plan.scripted)
    t.strictSame(statusAndWord(await rotate(next, 'being-made')), [422, 'ConcurrencyError'])
    scripted.respond({
      bind: answer(500),
      unbind: answer(200),
      binding_last_operation: answer(200, { state: 'failed' }),
    })
    await finished(call, `${I}/service_bindings/being-made`)
    t.match(await changesNothing(t, () => rotate(next, 'being-made')), {
      status: 400,
      body: { description: /could not be made/ },
    })
    scripted.respond({ bind: answer(201), unbind: accepted(), binding_last_operation: inProgress })
    t.equal((await call('DELETE', `${B}?${query}&${ai}`)).status, 202)
    t.strictSame(statusAndWord(await rotate(next, old)), [422, 'ConcurrencyError'])
    scripted.respond({ unbind: answer(200), binding_last_operation: succeeded })
    t.match(await finished(call, B), { body: { state: 'succeeded' } })
    t.equal((await rotate(next, old)).status, 400, 'it is gone')
    t.equal((await call('GET', next)).status, 404)
  },
)

await t.test(
  'ROT-05 old and new are both valid, and the end of one leaves the other',
  async (t) => {
    for (const first of ['old', 'next'] as const) {
      const { B, next, old, query, ids } = await bound(plan.sync)
      const made = await rotate(next, old)
      const before = await call('GET', B)
      t.strictSame([made.status, before.status], [201, 200])
      t.not(made.body.credentials.password, before.body.credentials.password)
      const [goes, stays, kept] =
        first === 'old' ? ([B, next, made.body] as const) : ([next, B, before.body] as const)
      t.equal((await call('DELETE', `${goes}?${query}`)).status, 200)
      t.strictSame((await call('GET', stays)).body.credentials, kept.credentials)
      t.equal((await call('GET', goes)).status, 404)
      const there = sync
        .state()
        .instances.flatMap(({ bindings }) => bindings)
        .map(({ data }) => (data['credentials'] as { password: string }).password)
      t.ok(there.includes(kept.credentials.password), 'at the provider too')
      t.equal(
        (await call('PUT', stays, first === 'old' ? { predecessor_binding_id: old } : ids)).status,
        200,
        'and the platform can still repeat it',
      )
    }
  },
)

await t.test(
  'ROT-06 predecessor_binding_id alone is enough; ids that are sent must match',
  async (t) => {
    const { ids, next, old } = await bound(plan.scripted)
    for (const wrong of [
      { service_id: plan.sync.service_id },
      { plan_id: scripted.large.plan_id },
      { ...plan.sync },
      { service_id: '' },
      { ...ids, plan_id: '' },
    ]) {
      t.equal(
        (await changesNothing(t, () => rotate(next, old, wrong))).status,
        400,
        JSON.stringify(wrong),
      )
    }
    t.equal((await rotate(next, old)).status, 201)
    t.match(
      sent(),
      { service_id: 'scripted-db', plan_id: 'scripted-db-small', predecessor_binding_id: /./ },
      'the provider gets all three',
    )
    for (const [index, some] of [
      { service_id: ids.service_id },
      { plan_id: ids.plan_id },
      ids,
    ].entries())
      t.equal((await rotate(`${next}-${index}`, old, some)).status, 201)
  },
)

await t.test(
  "ROT-07 the predecessor's parameters and app carry over, unless the request sends new ones",
  async (t) => {
    const was = {
      parameters: { role: 'reader', deep: { a: [1] } },
      bind_resource: { app_guid: 'app-1', x: 1 },
      context: { platform: 'cloudfoundry' },
    }
    const { next, old } = await bound(plan.scripted, was)
    t.equal((await rotate(next, old)).status, 201)
    t.match(sent(), was)
    t.strictSame((await call('GET', next)).body.parameters, was.parameters)
    t.equal((await rotate(`${next}-2`, idOf(next))).status, 201)
    t.match(sent(), was, 'over more than one rotation')
    t.equal((await rotate(`${next}-3`, old, { parameters: { role: 'writer' } })).status, 201)
    t.strictSame(sent()['parameters'], { role: 'writer' })

    const deprecated = await bound(plan.scripted, { app_guid: 'app-1' })
    t.equal((await rotate(deprecated.next, deprecated.old)).status, 201)
    t.equal(sent()['app_guid'], 'app-1')
    t.equal(
      (
        await rotate(`${deprecated.next}-2`, deprecated.old, {
          bind_resource: { app_guid: 'app-2' },
        })
      ).status,
      201,
    )
    t.strictSame(
      [sent()['app_guid'], sent()['bind_resource']],
      [undefined, { app_guid: 'app-2' }],
      'never two apps in one order',
    )
  },
)

await t.test('ROT-08 a rotation is answered as a bind is', async (t) => {
  const now = await bound(plan.sync)
  const made = await rotate(now.next, now.old)
  t.match(made, { status: 201, body: { credentials: { host: String } } })
  const again = await rotate(now.next, now.old)
  t.strictSame([again.status, again.body], [200, made.body])
  t.equal((await rotate(now.next, now.old, { parameters: { a: 1 } })).status, 409)
  t.equal((await rotate(`${now.next}-2`, 'unheard-of')).status, 400)

  const then = await bound(plan.later)
  const before = later.state().effects.bound
  t.strictSame(statusAndWord(await rotate(then.next, then.old)), [422, 'AsyncRequired'])
  t.equal(later.state().effects.bound, before)
  const begun = await rotate(then.next, then.old, {}, ai)
  t.equal(begun.status, 202)
  t.strictSame(Object.keys(begun.body), ['operation'])
  t.match(await finished(call, then.next, begun.body.operation), { body: { state: 'succeeded' } })
  t.match(await call('GET', then.next), { status: 200, body: { credentials: { host: String } } })
})

await t.test(
  'ROT-09 a repeated rotation is the same operation; with another predecessor it is 409',
  async (t) => {
    for (const ids of [plan.sync, plan.later]) {
      const { I, B, next, old, query } = await bound(ids)
      const third = `${I}/service_bindings/${old}-third`
      const made = await call('PUT', `${third}?${ai}`, ids)
      if (made.status === 202) await finished(call, third)
      const first = await rotate(next, old, {}, ai)
      const again = await rotate(next, old, ids, ai)
      t.strictSame([first.status, again.status], ids === plan.sync ? [201, 200] : [202, 202])
      t.equal(again.body.operation, first.body.operation)
      for (const differing of [{ predecessor_binding_id: `${old}-third` }, ids]) {
        t.equal(
          (await call('PUT', `${next}?${ai}`, differing)).status,
          409,
          'while it is made and after',
        )
      }
      t.match(await finished(call, next), { body: { state: 'succeeded' } })
      const ended = await call('DELETE', `${B}?${query}&${ai}`)
      if (ended.status === 202) await finished(call, B)
      t.equal((await rotate(next, old)).status, 200, 'also when the predecessor is gone')
      t.equal((await rotate(next, `${old}-third`)).status, 409)
    }
  },
)

await t.test(
  'ROT-10 predecessor_binding_id on a plan without rotation is 400, not an ordinary bind',
  async (t) => {
    for (const ids of [plan.fixed, plan.never]) {
      const { next, old } = await bound(ids)
      t.match(await changesNothing(t, () => rotate(next, old, ids)), {
        status: 400,
        body: { description: /cannot be rotated/ },
      })
      t.equal((await call('GET', next)).status, 404)
      t.equal((await call('PUT', next, ids)).status, 201)
    }
  },
)
