// What a run finds, by listing and by asking: each kind, for instances and bindings, and how a
// finding is resolved.
import t from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import {
  finished,
  here,
  startKontor,
  until,
  type ProviderOptions,
  type TestKontor,
} from '../support/kontor.ts'
import { addReconciled, changeAtProvider, byListing, okay, type Reconciled } from './runs.ts'

// For the whole file on a busy machine; an idle one needs a fraction of it.
t.setTimeout(110_000)

const at = (id: string) => `/v2/service_instances/${id}`
const secret = 'hunter2-hunter2'

const kontor = await startKontor(t)
let sites = 0

interface Site extends TestKontor {
  /** Its own ids are those of `nord`; its name is another one in each test. */
  readonly nord: Reconciled
  readonly small: { service_id: string; plan_id: string }
}

/** A platform of its own with three instances at a provider, the first with two bindings. */
async function site(options: ProviderOptions = {}): Promise<Site> {
  const name = `site-${++sites}`
  const call = await kontor.newPlatform(name)
  const nord = await addReconciled(kontor, name, {
    catalog: catalogOf('nord'),
    behaviours: { '*': { mode: 'sync', dashboard: true } },
    ...options,
  })
  const small = await kontor.find(name, 'db', 'small')
  for (const id of ['i-1', 'i-2', 'i-3'])
    okay(
      await call('PUT', at(id), { ...small, ...here, parameters: { size: 1, password: secret } }),
    )
  for (const id of ['b-1', 'b-2'])
    okay(
      await call('PUT', `${at('i-1')}/service_bindings/${id}`, {
        ...small,
        parameters: { role: secret },
      }),
    )
  return { ...kontor, call, nord, small }
}

/** The ids at the provider. */
async function upstream({ nord }: Site, instanceId: string, bindingId?: string): Promise<string> {
  const { db } = kontor.running.runtime
  const instance = await db
    .selectFrom('instances')
    .select(['id', 'upstream_id'])
    .where('provider_id', '=', nord.view.id)
    .where('instance_id', '=', instanceId)
    .executeTakeFirstOrThrow()
  if (bindingId === undefined) return instance.upstream_id
  const binding = await db
    .selectFrom('bindings')
    .select('upstream_id')
    .where('instance_key', '=', instance.id)
    .where('binding_id', '=', bindingId)
    .executeTakeFirstOrThrow()
  return `${instance.upstream_id}/service_bindings/${binding.upstream_id}`
}

const ids = 'service_id=nord-db&plan_id=nord-db-small'

for (const [how, options] of [
  ['by listing', byListing],
  ['by asking', {}],
] as const) {
  const isListing = how === 'by listing'

  t.test(`${how}: where both sides agree there is no finding`, async (t) => {
    const { nord } = await site(options)
    t.match(await nord.reconcile(), {
      state: 'succeeded',
      cause: 'request',
      byListing: isListing,
      instancesChecked: 3,
      bindingsChecked: 2,
      skipped: 0,
      unclear: 0,
      leftOut: 0,
      error: null,
    })
    t.strictSame(await nord.findings('?state=all'), [])
  })

  t.test(
    `${how}: what the provider no longer has is missing, nothing is deleted, and there is ` +
      'one finding',
    async (t) => {
      const kontor = await site(options)
      const { nord, call, admin, small } = kontor
      await changeAtProvider(nord, 'DELETE', `${await upstream(kontor, 'i-1', 'b-2')}?${ids}`)
      await changeAtProvider(nord, 'DELETE', `${await upstream(kontor, 'i-2')}?${ids}`)
      t.match(await nord.reconcile(), { state: 'succeeded', error: null })
      t.strictSame(await nord.open(), ['missing binding b-2', 'missing instance i-2'])
      const [first] = await nord.findings('?kind=missing')
      t.match(first, {
        providerId: nord.view.id,
        details: { text: /no such/ },
        resolvedAt: null,
        acknowledgedAt: null,
        platformId: /^[0-9a-f-]{36}$/,
      })
      await nord.reconcile()
      const again = await nord.findings('?state=all')
      t.equal(again.length, 2, 'the second run finds the same two')
      t.match(
        again.find(({ id }) => id === first?.id),
        { firstSeenAt: first?.firstSeenAt },
      )
      t.ok(again.every(({ firstSeenAt, lastSeenAt }) => lastSeenAt > firstSeenAt))
      t.equal((await call('GET', at('i-2'))).status, 200, 'the platform still has what it ordered')
      t.match(
        (await admin('GET', '/metrics')).text,
        `kontor_findings_open{provider="${nord.view.name}",kind="missing"} 2`,
      )

      // The platform deletes it: then neither side has it, and the finding is resolved.
      t.equal(
        (
          await call(
            'DELETE',
            `${at('i-2')}?service_id=${small.service_id}&plan_id=${small.plan_id}`,
          )
        ).status,
        200,
      )
      await nord.reconcile()
      t.strictSame(await nord.open(), ['missing binding b-2'])
      t.match(await nord.findings('?state=all'), { length: 2 }, 'resolved ones are kept')
      t.equal(
        (await nord.findings('?state=all')).filter(({ resolvedAt }) => resolvedAt !== null).length,
        1,
      )
    },
  )

  t.test(
    `${how}: another plan is different, by ids that may be shown, until it is the same again`,
    async (t) => {
      const kontor = await site(options)
      const { nord } = kontor
      const path = `${await upstream(kontor, 'i-3')}`
      await changeAtProvider(nord, 'PATCH', path, {
        service_id: 'nord-db',
        plan_id: 'nord-db-large',
      })
      await nord.reconcile()
      t.match(await nord.findings(), [
        {
          kind: 'different',
          object: 'instance',
          instanceId: 'i-3',
          details: {
            fields: ['plan_id'],
            ours: { planId: 'nord-db-small' },
            theirs: { planId: 'nord-db-large' },
          },
        },
      ])
      await changeAtProvider(nord, 'PATCH', path, {
        service_id: 'nord-db',
        plan_id: 'nord-db-small',
      })
      await nord.reconcile()
      t.strictSame(await nord.open(), [])
      await changeAtProvider(nord, 'PATCH', path, {
        service_id: 'nord-db',
        plan_id: 'nord-db-large',
      })
      await nord.reconcile()
      t.equal(
        (await nord.findings('?state=all')).length,
        2,
        'the same again is a new finding, for the first was over',
      )
    },
  )
}

t.test(
  'by asking: findings on parameters, versions and bindings name the fields only',
  async (t) => {
    const kontor = await site()
    const {
      nord,
      admin,
      running: {
        runtime: { db },
      },
    } = kontor
    await changeAtProvider(nord, 'PATCH', await upstream(kontor, 'i-1'), {
      service_id: 'nord-db',
      parameters: { password: `${secret}-changed`, size: 2, added: `${secret}-added` },
    })
    // The same binding created again: other credentials, other parameters.
    const binding = await upstream(kontor, 'i-1', 'b-1')
    await changeAtProvider(nord, 'DELETE', `${binding}?${ids}`)
    await changeAtProvider(nord, 'PUT', binding, {
      service_id: 'nord-db',
      plan_id: 'nord-db-small',
      parameters: { role: `${secret}-role` },
    })
    await nord.reconcile()
    t.match(
      (await nord.findings())
        .map(({ object, details }) => `${object}: ${details.fields?.join(', ') ?? ''}`)
        .toSorted(),
      ['binding: credentials, parameters.role', 'instance: parameters.password, parameters.size'],
      'a field that only the provider has is a default of its own',
    )
    const credentials = JSON.stringify(
      nord.simulator
        .state()
        .instances.flatMap(({ bindings }) => bindings.map(({ data }) => data['credentials'])),
    )
    const { text } = await admin('GET', `/api/providers/${nord.view.id}/findings?state=all`)
    const kept = JSON.stringify(await db.selectFrom('findings').selectAll().execute())
    const values = [...credentials.matchAll(/"(?:password|uri|token)":"([^"]{8,})"/g)].map(
      ([, value]) => value ?? '',
    )
    t.ok(values.length > 0)
    for (const word of ['hunter2', ...values]) {
      t.notOk(text.includes(word), 'not shown')
      t.notOk(kept.includes(word), 'not kept')
    }
  },
)

t.test(
  'by listing: an instance that was never ordered is unknown, and so is a deleted one that ' +
    'is still there',
  async (t) => {
    const kontor = await site(byListing)
    const { nord, call, small } = kontor
    const query = `service_id=${small.service_id}&plan_id=${small.plan_id}`
    await changeAtProvider(nord, 'PUT', 'stranger', {
      service_id: 'nord-db',
      plan_id: 'nord-db-small',
      ...here,
    })
    await changeAtProvider(nord, 'PUT', 'stranger/service_bindings/its-own', {
      service_id: 'nord-db',
      plan_id: 'nord-db-small',
    })
    await changeAtProvider(
      nord,
      'PUT',
      `${await upstream(kontor, 'i-1')}/service_bindings/strange-one`,
      { service_id: 'nord-db', plan_id: 'nord-db-small' },
    )
    nord.simulator.faults.add({ on: 'deprovision', do: { forget: true } })
    nord.simulator.faults.add({ on: 'unbind', do: { forget: true } })
    t.equal(
      (await call('DELETE', `${at('i-2')}?${query}`)).status,
      200,
      'the provider says it is gone',
    )
    t.equal((await call('DELETE', `${at('i-1')}/service_bindings/b-1?${query}`)).status, 200)
    // A deleted one counts after the time in which its delete may still be in progress
    // (KONTOR_IN_DOUBT_SECONDS).
    const open = await until(
      async () => {
        await nord.reconcile()
        return nord.open()
      },
      (open) => open.length >= 4,
    )
    t.strictSame(open, [
      'unknown binding b-1',
      'unknown binding of no platform',
      'unknown instance i-2',
      'unknown instance of no platform',
    ])
    const found = await nord.findings('?kind=unknown')
    t.match(
      found.find(({ upstreamId }) => upstreamId === 'stranger'),
      { platformId: null, details: { text: /has not created/, bindings: 1 } },
    )
    t.match(
      found.find(({ instanceId, object }) => instanceId === 'i-2' && object === 'instance'),
      { details: { text: /was deleted at 20/, deletedAt: /^20/ } },
    )
    t.match(
      found.find(({ upstreamId }) => upstreamId === 'strange-one'),
      { upstreamInstanceId: await upstream(kontor, 'i-1') },
    )
    t.equal(nord.simulator.state().instances.length, 4, 'and nothing was removed there')

    await changeAtProvider(nord, 'DELETE', `stranger/service_bindings/its-own?${ids}`)
    await changeAtProvider(nord, 'DELETE', `stranger?${ids}`)
    await nord.reconcile()
    t.strictSame(await nord.open(), [
      'unknown binding b-1',
      'unknown binding of no platform',
      'unknown instance i-2',
    ])
  },
)

t.test('by listing: many pages are read to the end', async (t) => {
  const kontor = await site(byListing)
  kontor.nord.simulator.configure({ inventoryPageSize: 1, nulls: true })
  t.match(await kontor.nord.reconcile(), {
    state: 'succeeded',
    instancesChecked: 3,
    bindingsChecked: 2,
  })
  t.strictSame(await kontor.nord.open(), [])
  t.equal(kontor.nord.simulator.state().requests['inventory'], 3)
})

t.test('an instance that a provider cannot return is skipped, not missing', async (t) => {
  const catalog = catalogOf('nord')
  for (const service of catalog.services)
    Object.assign(service, { instances_retrievable: false, bindings_retrievable: false })
  const nord = await addReconciled(kontor, 'blind', { catalog })
  okay(
    await kontor.call('PUT', at('i-1'), {
      ...(await kontor.find('blind', 'db', 'small')),
      ...here,
    }),
  )
  t.match(await nord.reconcile(), { state: 'succeeded', instancesChecked: 0, skipped: 1 })
  t.strictSame(await nord.open(), [])
  t.equal(nord.simulator.state().requests['fetch_instance'], undefined)
})

t.test('an operator acknowledges a finding until it changes', async (t) => {
  const kontor = await site()
  const {
    nord,
    admin,
    running: {
      runtime: { db },
    },
  } = kontor
  const path = await upstream(kontor, 'i-1')
  await changeAtProvider(nord, 'PATCH', path, { service_id: 'nord-db', parameters: { size: 2 } })
  await nord.reconcile()
  const [finding] = await nord.findings()
  const to = `/api/findings/${finding?.id ?? ''}/acknowledge`
  for (const body of [
    {},
    { reason: '' },
    { reason: '  ' },
    { reason: 1 },
    { reason: 'x', more: 1 },
    { reason: 'x'.repeat(1_001) },
  ])
    t.equal((await admin('POST', to, body)).status, 400, JSON.stringify(body).slice(0, 40))
  for (const id of ['nothing', '00000000-0000-7000-8000-000000000000'])
    t.match(await admin('POST', `/api/findings/${id}/acknowledge`, { reason: 'x' }), {
      status: 404,
      body: { type: /not_found$/ },
    })
  t.match(await admin('POST', to, { reason: 'They resized it, ticket 17.' }), {
    status: 200,
    body: { acknowledgedAt: /^20/, acknowledgedReason: 'They resized it, ticket 17.' },
  })
  t.strictSame(await nord.open(), [])
  t.equal((await nord.findings('?state=all')).length, 1)
  t.match(
    await db
      .selectFrom('audit_events')
      .selectAll()
      .where('object_id', '=', finding?.id ?? '')
      .execute(),
    [
      {
        actor: 'admin',
        action: 'finding.acknowledged',
        object_id: finding?.id,
        details: { reason: 'They resized it, ticket 17.' },
      },
    ],
  )
  t.notMatch(
    (await admin('GET', '/metrics')).text,
    `kontor_findings_open{provider="${nord.view.name}"`,
  )

  await nord.reconcile()
  t.strictSame(await nord.open(), [], 'the same is still known')
  await changeAtProvider(nord, 'PATCH', path, { service_id: 'nord-db', parameters: { size: 3 } })
  await nord.reconcile()
  t.match(
    await nord.findings(),
    [{ id: finding?.id, acknowledgedAt: null, acknowledgedReason: null }],
    'another value of the same field opens it again',
  )
  await changeAtProvider(nord, 'PATCH', path, { service_id: 'nord-db', parameters: { size: 1 } })
  await nord.reconcile()
  t.match(
    await admin('POST', to, { reason: 'late' }),
    { status: 409, body: { type: /conflict$/ } },
    'resolved',
  )
})

t.test('findings come in pages, and only to the admin', async (t) => {
  const kontor = await site(byListing)
  const { nord, admin, call } = kontor
  for (const id of ['s-1', 's-2', 's-3', 's-4', 's-5'])
    await changeAtProvider(nord, 'PUT', id, {
      service_id: 'nord-db',
      plan_id: 'nord-db-small',
      ...here,
    })
  const { id: run } = await nord.reconcile()
  const path = `/api/providers/${nord.view.id}`
  const seen: string[] = []
  for (let cursor = ''; ;) {
    const { body } = await admin('GET', `${path}/findings?limit=2${cursor}`)
    seen.push(...body.items.map(({ upstreamId }: { upstreamId: string }) => upstreamId))
    if (body.next === null) break
    cursor = `&cursor=${String(body.next)}`
  }
  t.strictSame(seen.toSorted(), ['s-1', 's-2', 's-3', 's-4', 's-5'])
  t.strictSame(await nord.findings('?kind=missing'), [])
  for (const query of [
    'state=closed',
    'kind=odd',
    'limit=0',
    'limit=1001',
    'limit=x',
    'cursor=1',
    'cursor=',
  ])
    t.equal((await admin('GET', `${path}/findings?${query}`)).status, 400, query)
  t.match((await admin('GET', `${path}/reconciliation`)).body, { id: run, state: 'succeeded' })
  for (const odd of [
    '/api/reconciliations/x',
    '/api/reconciliations/00000000-0000-7000-8000-000000000000',
    '/api/providers/x/findings',
    '/api/providers/x/reconciliation',
  ])
    t.equal((await admin('GET', odd)).status, 404, odd)
  t.equal((await admin('POST', '/api/providers/x/reconcile')).status, 404)
  const other = await addReconciled(kontor, 'west')
  t.equal(
    (await admin('GET', `/api/providers/${other.view.id}/reconciliation`)).status,
    404,
    'never reconciled',
  )
  for (const [method, each] of [
    ['GET', `${path}/findings`],
    ['GET', `${path}/reconciliation`],
    ['POST', `${path}/reconcile`],
    ['POST', '/api/findings/x/acknowledge'],
  ] as const)
    t.equal((await call(method, each)).status, 401, 'not to a platform')
  t.equal((await finished(call, at('i-1'))).status, 200)
})
