// Platforms through the management API, and what they can do while they or an organisation above
// them are suspended.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { writeAsKontor } from '../support/accept-rows.ts'
import {
  caller,
  finished,
  here,
  startKontor,
  until,
  type Call,
  type Reply,
} from '../support/kontor.ts'
import { traces } from '../support/witness.ts'
import { createPlatform } from './platforms.ts'

const kontor = await startKontor(t)
const { admin } = kontor
const { simulator } = await kontor.addProvider('nord')
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`
const I = '/v2/service_instances/i-1'
const reason = { reason: 'Ticket 4711.' }
const names = ({ body }: Reply) => body.items.map(({ name }: { name: string }) => name)

for (const [name, parent] of [
  ['land', null],
  ['stadt', 'land'],
  ['elsewhere', null],
] as const) {
  await admin('POST', '/api/organisations', { name, displayName: name, level: 'land', parent })
}

t.test('a platform is created, read, listed and changed', async (t) => {
  const created = await admin('POST', '/api/platforms', {
    name: 'cf',
    displayName: 'CF of the Stadt',
    kind: 'cloudfoundry',
    organisation: 'stadt',
  })
  t.match(created, {
    status: 201,
    headers: { location: `/api/platforms/${created.body.id}` },
    body: {
      name: 'cf',
      displayName: 'CF of the Stadt',
      kind: 'cloudfoundry',
      organisation: { name: 'stadt' },
      state: 'active',
    },
  })
  t.strictSame((await admin('GET', '/api/platforms/cf')).body, created.body)
  t.match(
    await admin('PATCH', '/api/platforms/cf', {
      displayName: 'Kube',
      kind: 'kubernetes',
      organisation: 'land',
    }),
    {
      status: 200,
      body: { displayName: 'Kube', kind: 'kubernetes', organisation: { name: 'land' } },
    },
  )
  t.match(await admin('POST', '/api/platforms', { name: 'plain' }), {
    status: 201,
    body: { displayName: 'plain', kind: 'other', organisation: null },
  })
  t.strictSame(names(await admin('GET', '/api/platforms')), ['plain', 'cf', 'first'])
  t.strictSame(names(await admin('GET', '/api/platforms?organisation=land')), ['cf'])
  t.strictSame(names(await admin('GET', '/api/platforms?kind=other&limit=1')), ['plain'])
  const wrong: ReadonlyArray<
    readonly [body: Record<string, unknown>, status: number, says: RegExp]
  > = [
    [{ name: 'cf' }, 409, /named "cf"/],
    [{ name: '-' }, 400, /^name must match/],
    [{}, 400, /^name is missing/],
    [{ name: 'x1', kind: 'vm' }, 400, /^kind must be one of/],
    [
      { name: 'x1', organisation: 'nobody' },
      400,
      /^organisation: there is no organisation "nobody"/,
    ],
    [{ name: 'x1', password: 'mine' }, 400, /^password is not a known field/],
  ]
  for (const [body, status, says] of wrong)
    t.match(
      await admin('POST', '/api/platforms', body),
      { status, body: { detail: says } },
      JSON.stringify(body),
    )
  t.match(await admin('GET', '/api/platforms/nobody'), {
    status: 404,
    body: { detail: 'There is no such platform.' },
  })
})

/** Everything that orders something new is refused, and everything else goes on. */
async function ordersNothing(t: Test, call: Call, says: RegExp): Promise<void> {
  const before = await traces(kontor.running.runtime.db, simulator)
  const refused: ReadonlyArray<readonly [method: string, path: string, body: unknown]> = [
    ['PUT', '/v2/service_instances/new', { ...small, ...here }],
    ['PUT', '/v2/service_instances/new?accepts_incomplete=true', { ...small, ...here }],
    ['PATCH', I, { service_id: small.service_id, plan_id: large.plan_id }],
    ['PATCH', I, { service_id: small.service_id, parameters: { n: 2 } }],
    ['PUT', `${I}/service_bindings/new`, small],
    ['PUT', `${I}/service_bindings/new`, { predecessor_binding_id: 'b-1' }],
  ]
  for (const [method, path, body] of refused)
    t.match(
      await call(method, path, body),
      { status: 403, body: { description: says } },
      `${method} ${path}`,
    )
  t.strictSame(
    await traces(kontor.running.runtime.db, simulator),
    before,
    'nothing was written or sent',
  )
  t.equal((await call('GET', '/v2/catalog')).status, 200)
  t.match((await call('GET', I)).body, small)
  t.equal((await call('GET', `${I}/last_operation`)).body.state, 'succeeded')
  t.equal((await call('GET', `${I}/service_bindings/b-1`)).status, 200)
  t.equal(
    (await call('PUT', I, { ...small, ...here })).status,
    200,
    'an order sent again is not new',
  )
  t.equal((await call('PUT', `${I}/service_bindings/b-1`, small)).status, 200)
  t.equal(
    (
      await call('PATCH', I, {
        service_id: small.service_id,
        context: { platform: 'cloudfoundry' },
      })
    ).status,
    200,
    'what only keeps it up to date',
  )
}

t.test('a suspended platform orders nothing new, and can delete what it has', async (t) => {
  const { call } = await createPlatform(kontor, 'paused', { organisation: 'stadt' })
  const order = async (t: Test) => {
    t.equal((await call('PUT', I, { ...small, ...here })).status, 201)
    t.equal((await call('PUT', `${I}/service_bindings/b-1`, small)).status, 201)
  }
  await order(t)
  t.match(await admin('POST', '/api/platforms/paused/suspend', {}), {
    status: 400,
    body: { detail: /^reason is missing/ },
  })
  for (const [what, says] of [
    ['platforms/paused', /^This platform is suspended: nothing new/],
    ['organisations/stadt', /^The organisation "stadt" is suspended/],
    ['organisations/land', /^The organisation "land" is suspended/],
  ] as const) {
    await t.test(what, async (t) => {
      t.match(await admin('POST', `/api/${what}/suspend`, reason), {
        status: 200,
        body: { state: 'suspended' },
      })
      t.match(
        await admin('POST', `/api/${what}/suspend`, reason),
        { status: 200, body: { state: 'suspended' } },
        'twice is once',
      )
      await ordersNothing(t, call, says)
      t.equal((await call('DELETE', `${I}/service_bindings/b-1?${ids}`)).status, 200)
      t.equal((await call('DELETE', `${I}?${ids}`)).status, 200)
      t.match(await admin('POST', `/api/${what}/resume`, reason), {
        status: 200,
        body: { state: 'active' },
      })
      await order(t)
    })
  }
  const events = await kontor.running.runtime.db
    .selectFrom('audit_events')
    .select(['actor', 'details'])
    .where('action', '=', 'platform.suspended')
    .execute()
  t.strictSame(events, [
    { actor: 'admin', details: { from: 'active', to: 'suspended', reason: 'Ticket 4711.' } },
  ])
})

t.test('every process learns of a suspension', async (t) => {
  const { authorization } = await createPlatform(kontor, 'everywhere')
  const { running } = await kontor.another()
  const call = caller(running.url ?? '', { authorization, 'x-broker-api-version': '2.17' })
  t.equal((await call('PUT', '/v2/service_instances/early', { ...small, ...here })).status, 201)
  await admin('POST', '/api/platforms/everywhere/suspend', reason)
  // Each try orders another instance, so that one that is still accepted has no effect on the next.
  for (let round = 0; ; round++) {
    const { status } = await call('PUT', `/v2/service_instances/late-${round}`, {
      ...small,
      ...here,
    })
    if (status === 403) break
    t.ok(status === 201 && round < 500, `${status} ${round}`)
  }
})

t.test('an operation under way ends although its platform is suspended', async (t) => {
  const { call } = await createPlatform(kontor, 'under-way')
  const slow = await kontor.addProvider('slow', {
    behaviours: { '*': { mode: 'async', provisionSeconds: 1 } },
  })
  const plan = await kontor.find('slow', 'db', 'small')
  t.equal(
    (await call('PUT', '/v2/service_instances/slow?accepts_incomplete=true', { ...plan, ...here }))
      .status,
    202,
  )
  await admin('POST', '/api/platforms/under-way/suspend', reason)
  t.equal(
    (await call('PUT', '/v2/service_instances/slow?accepts_incomplete=true', { ...plan, ...here }))
      .status,
    202,
    'and can be sent again',
  )
  t.equal((await finished(call, '/v2/service_instances/slow')).body.state, 'succeeded')
  t.equal(slow.simulator.state().instances.length, 1)
})

t.test('a platform is retired when it has no instances, and is unknown from then on', async (t) => {
  const { id, call } = await createPlatform(kontor, 'ending', { organisation: 'elsewhere' })
  t.equal((await call('PUT', I, { ...small, ...here })).status, 201)
  await admin('PUT', '/api/platforms/ending/mappings/k8s_namespace/team', {
    organisation: 'elsewhere',
  })
  const retire = () => admin('POST', '/api/platforms/ending/retire', reason)
  t.match(await retire(), {
    status: 409,
    body: { detail: /^The platform still has 1 instance, / },
  })
  t.equal((await call('DELETE', `${I}?${ids}`)).status, 200, 'it can still sign in')
  t.match(await retire(), { status: 200, body: { state: 'retired' } })
  const unknown = await caller(kontor.url, {
    authorization: 'Basic bm9ib2R5Om5vYm9keQ==',
    'x-broker-api-version': '2.17',
  })('GET', '/v2/catalog')
  const { status, text } = await call('GET', '/v2/catalog')
  t.strictSame([status, text], [401, unknown.text])
  t.match(await admin('GET', `/api/platforms/${id}/credentials`), {
    status: 200,
    body: { items: { length: 0 } },
  })
  t.match((await admin('GET', `/api/platforms/${id}/mappings`)).body, { items: { length: 0 } })
  for (const [method, path, body] of [
    ['POST', 'retire', reason],
    ['POST', 'resume', reason],
    ['POST', 'credentials', { kind: 'basic' }],
    ['PUT', 'mappings/k8s_namespace/a', { organisation: 'land' }],
  ] as const) {
    t.match(
      await admin(method, `/api/platforms/ending/${path}`, body),
      { status: 409, body: { detail: 'The platform is retired.' } },
      path,
    )
  }
  t.match(await admin('PATCH', '/api/platforms/ending', { kind: 'other' }), { status: 409 })
  t.match(await admin('POST', '/api/platforms', { name: 'ending' }), {
    status: 409,
    body: { detail: /exists already/ },
  })
  t.notOk(names(await admin('GET', '/api/platforms')).includes('ending'))
  t.strictSame(names(await admin('GET', '/api/platforms?state=retired')), ['ending'])
  t.equal(
    (await admin('POST', '/api/organisations/elsewhere/retire', reason)).status,
    200,
    'and no longer keeps its organisation from being retired',
  )
})

/** How many of Kontor's queries wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
    kontor.running.runtime.db,
  )
  return rows[0]?.count ?? 0
}

/** Holds a lock until both requests of `act` wait for it, then releases it. */
async function whileLocked(
  lock: ReturnType<typeof sql>,
  first: () => Promise<Reply>,
  second: () => Promise<Reply>,
): Promise<Reply[]> {
  return kontor.running.runtime.db
    .transaction()
    .execute(async (tx) => {
      await lock.execute(tx)
      const one = first()
      await until(waiting, (count) => count === 1)
      const two = second()
      await until(waiting, (count) => count === 2)
      return [one, two]
    })
    .then(async (both) => Promise.all(both))
}

t.test('no order is accepted for a platform that is being retired', async (t) => {
  for (const what of ['platforms', 'organisations'] as const) {
    const make = async (name: string) => {
      const { call } = await createPlatform(kontor, name)
      await admin('POST', '/api/organisations', { name, displayName: name, level: 'land' })
      if (what === 'organisations')
        await admin('PUT', `/api/platforms/${name}/mappings/cf_organization/org`, {
          organisation: name,
        })
      // A mapping prevents retiring, too: it is deleted behind this process, which still knows it.
      if (what === 'organisations')
        await writeAsKontor(
          kontor.running.runtime.db,
          'organisation_mappings',
          { external_id: 'org' },
          (tx) => tx.deleteFrom('organisation_mappings').where('external_id', '=', 'org').execute(),
        )
      return {
        order: () => call('PUT', I, { ...small, ...here }),
        retire: () => admin('POST', `/api/${what}/${name}/retire`, reason),
      }
    }
    const before = await make(`before-${what}`)
    const [ordered, refused] = await whileLocked(
      sql`select from providers for update`,
      before.order,
      before.retire,
    )
    t.match(
      refused,
      { status: 409, body: { detail: /still has 1 instance/ } },
      'it waits for an order that is being written',
    )
    t.equal(ordered?.status, 201)
    const after = await make(`after-${what}`)
    const [retired, late] = await whileLocked(
      sql`lock table instances in row exclusive mode`,
      after.retire,
      after.order,
    )
    t.equal(retired?.status, 200)
    const closed = what === 'platforms' ? 'This platform' : `The organisation "after-${what}"`
    t.match(
      late,
      {
        status: 403,
        body: {
          description:
            `${closed} is retired: nothing new can be ordered. What is there can ` +
            'still be read and deleted.',
        },
      },
      'an order that waited for it gets this answer',
    )
  }
})
