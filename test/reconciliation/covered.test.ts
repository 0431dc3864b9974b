// What a run has answers on, and what it has not: only an answer of the provider creates or
// resolves a finding.
import t from 'tap'
import { here, startKontor, until, type TestKontor } from '../support/kontor.ts'
import { scriptedProvider, type ScriptedProvider } from '../support/scripted-provider.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import { okay, reconciliationOf, type Reconciled } from './runs.ts'
import type { Teardown } from '../support/teardown.ts'

// For the whole file on a busy machine; an idle one needs a fraction of it.
t.setTimeout(110_000)

const at = (id: string) => `/v2/service_instances/${id}`
const inventory = { inventoryPath: '/inventory' }
const listing = (...instances: object[]) => answer(200, { instances })
const lost: Script = (_request, response) => {
  response.destroy()
}

interface Site
  extends Omit<ScriptedProvider, 'order'>, Pick<Reconciled, 'reconcile' | 'findings' | 'open'> {
  readonly kontor: TestKontor
  order(ids: readonly string[], body?: object): Promise<void>
  /** The provider's id of the instance. */
  upstreamId(instanceId: string): Promise<string>
  /** Service and plan as we hold them. */
  readonly same: { readonly service_id: string; readonly plan_id: string }
}

async function site(
  t: Teardown,
  settings: Record<string, unknown> = {},
  environment: Record<string, string> = {},
): Promise<Site> {
  const kontor = await startKontor(t, { environment })
  const provider = await scriptedProvider(t, kontor, 'nord', { settings })
  const small = await kontor.find('nord', 'db', 'small')
  const { db } = kontor.running.runtime
  return {
    ...provider,
    ...reconciliationOf(kontor, provider.id),
    kontor,
    same: { service_id: 'nord-db', plan_id: 'nord-db-small' },
    async order(ids, body = {}) {
      for (const id of ids) okay(await kontor.call('PUT', at(id), { ...small, ...here, ...body }))
    },
    upstreamId: async (id) =>
      (
        await db
          .selectFrom('instances')
          .select('upstream_id')
          .where('instance_id', '=', id)
          .executeTakeFirstOrThrow()
      ).upstream_id,
  }
}

const many = (count: number) => Array.from({ length: count }, (_, n) => `i-${n}`)

t.test('a listing without plans and bindings resolves no finding about them', async (t) => {
  const { kontor, respond, reconcile, open, findings, order, upstreamId, same } = await site(
    t,
    inventory,
  )
  await order(['i-1'])
  const instance = { instance_id: await upstreamId('i-1'), ...same, bindings: [] }
  respond({ inventory: listing({ ...instance, plan_id: 'nord-db-large', bindings: ['strange'] }) })
  await reconcile()
  const both = ['different instance i-1', 'unknown binding of no platform']
  t.strictSame(await open(), both)
  respond({ inventory: listing({ instance_id: instance.instance_id }) })
  t.match(await reconcile(), { state: 'succeeded', instancesChecked: 1 })
  t.strictSame(await open(), both, 'the listing has nothing about them')
  respond({ inventory: listing(instance) })
  await reconcile()
  t.strictSame(await open(), [])

  await kontor.running.runtime.db
    .updateTable('findings')
    .set({ resolved_at: new Date(Date.now() - 31 * 86_400_000) })
    .where('kind', '=', 'unknown')
    .execute()
  await reconcile()
  t.match(
    await findings('?state=all'),
    [{ kind: 'different' }],
    'a finding that was resolved over a month ago is deleted',
  )
})

t.test('neither a listing nor a GET with fewer fields resolves a finding of a GET', async (t) => {
  const { kontor, path, upstream, respond, reconcile, findings, order, upstreamId, same } =
    await site(t)
  await order(['i-1'], { parameters: { size: 1, backup: { enabled: true, days: [1, 2] } } })
  respond({
    fetch_instance: answer(200, {
      parameters: { size: 1, backup: { enabled: true, days: [1, 2], retention: 7 }, region: 'x' },
    }),
  })
  t.match(await reconcile(), { state: 'succeeded', instancesChecked: 1 })
  t.strictSame(await findings(), [], 'defaults of the provider, at any depth')
  respond({
    fetch_instance: answer(200, {
      ...same,
      parameters: { size: 2, backup: { enabled: true, days: [1, 2, 3] } },
    }),
  })
  await reconcile()
  const found = [
    {
      kind: 'different',
      resolvedAt: null,
      details: { fields: ['parameters.backup.days', 'parameters.size'] },
    },
  ]
  t.match(await findings(), found)
  respond({ fetch_instance: answer(200, same) })
  await reconcile()
  t.match(await findings(), found, 'the listing has no parameters')
  const settings = { url: upstream.url, timeoutSeconds: 2 }
  okay(await kontor.admin('PATCH', path, { settings: { ...settings, ...inventory } }))
  respond({ inventory: listing({ instance_id: await upstreamId('i-1'), ...same, bindings: [] }) })
  t.match(await reconcile(), { state: 'succeeded', byListing: true, instancesChecked: 1 })
  t.match(await findings(), found, 'a listing never does')
  respond({
    inventory: listing({
      instance_id: await upstreamId('i-1'),
      ...same,
      plan_id: 'nord-db-large',
      bindings: [],
    }),
  })
  await reconcile()
  t.match(
    await findings(),
    [{ details: { fields: ['parameters.backup.days', 'parameters.size', 'plan_id'] } }],
    'fields of a listing are added',
  )
  okay(await kontor.admin('PATCH', path, { settings }))
  respond({
    fetch_instance: answer(200, {
      ...same,
      parameters: { size: 1, backup: { enabled: true, days: [1, 2] } },
    }),
  })
  await reconcile()
  t.strictSame(await findings(), [])
})

t.test('an instance that a listing omits and a GET returns is compared', async (t) => {
  const { respond, reconcile, findings, order } = await site(t, inventory)
  await order(['i-1'], { parameters: { size: 1 } })
  respond({ inventory: listing(), fetch_instance: answer(404, {}) })
  await reconcile()
  t.match(await findings(), [{ kind: 'missing' }])
  respond({ fetch_instance: answer(200, { parameters: { size: 2 } }) })
  t.match(await reconcile(), { state: 'succeeded', instancesChecked: 1 })
  t.match(await findings(), [{ kind: 'different', details: { fields: ['parameters.size'] } }])
  t.equal((await findings()).length, 1, 'no longer missing')
})

t.test('a link is compared without its query, which may contain a token', async (t) => {
  const { kontor, respond, reconcile, findings, order } = await site(t)
  respond({ provision: answer(201, { dashboard_url: 'https://dash.example/i-1?token=1' }) })
  await order(['i-1'])
  respond({ fetch_instance: answer(200, { dashboard_url: 'https://dash.example/i-1?token=2#x' }) })
  await reconcile()
  t.strictSame(await findings(), [])
  let turn = 0
  respond({
    fetch_instance: (request, response) => {
      answer(200, { dashboard_url: `https://other.example/i-1?token=${turn++}` })(request, response)
    },
  })
  await reconcile()
  const [finding] = await findings()
  t.match(finding, { details: { fields: ['dashboard_url'] } })
  okay(
    await kontor.admin('POST', `/api/findings/${finding?.id ?? ''}/acknowledge`, {
      reason: 'They moved.',
    }),
  )
  await reconcile()
  t.strictSame(await findings(), [], 'another token is no news')
})

t.test(
  'bindings of different instances may share an id, and a correct entry outweighs a wrong one',
  async (t) => {
    const { kontor, respond, reconcile, findings, order, upstreamId, same } = await site(
      t,
      inventory,
    )
    await order(['i-1', 'i-2'])
    const { db } = kontor.running.runtime
    okay(
      await kontor.call(
        'PUT',
        `${at('i-1')}/service_bindings/b-1`,
        await kontor.find('nord', 'db', 'small'),
      ),
    )
    const { upstream_id: own } = await db
      .selectFrom('bindings')
      .select('upstream_id')
      .executeTakeFirstOrThrow()
    const [one, two] = [await upstreamId('i-1'), await upstreamId('i-2')]
    const list = (first: string[], second: string[]) =>
      listing(
        { instance_id: two, ...same, bindings: second },
        { instance_id: one, ...same, bindings: first },
        { instance_id: two, ...same, bindings: second },
      )
    respond({ inventory: list([own, 'b'], [own, 'b']) })
    t.match(await reconcile(), { state: 'succeeded', bindingsChecked: 1 })
    t.strictSame(
      (await findings())
        .map(
          ({ kind, upstreamId, upstreamInstanceId }) =>
            `${kind} ${upstreamId} in ${upstreamInstanceId}`,
        )
        .toSorted(),
      [`unknown b in ${one}`, `unknown b in ${two}`].toSorted(),
    )
    respond({ inventory: list(['b'], [own]) })
    await reconcile()
    t.strictSame(
      (await findings())
        .map(({ kind, upstreamInstanceId }) => `${kind} in ${upstreamInstanceId}`)
        .toSorted(),
      [`different in ${one}`, `unknown in ${one}`],
    )
  },
)

t.test('errors on questions neither end a run nor stop an order', async (t) => {
  const { kontor, path, respond, reconcile, findings, order } = await site(t)
  await order(many(14))
  okay(
    await kontor.call(
      'PUT',
      `${at('i-0')}/service_bindings/b`,
      await kontor.find('nord', 'db', 'small'),
    ),
  )
  // Longer than the second for which failures must continue before a circuit opens.
  respond({
    fetch_instance: (request, response) => {
      setTimeout(() => {
        answer(500, {})(request, response)
      }, 400)
    },
  })
  t.match(await reconcile(), {
    state: 'succeeded',
    unclear: 14,
    instancesChecked: 0,
    bindingsChecked: 1,
    error: null,
  })
  t.match((await kontor.admin('GET', path)).body, { circuit: { state: 'closed', since: null } })
  await order(['after'])
  respond({ fetch_binding: answer(400, {}) })
  t.match(
    await reconcile(),
    { state: 'failed', unclear: 16, error: /no usable answer/ },
    'no answer was usable',
  )
  t.strictSame(await findings('?state=all'), [])
})

t.test(
  'a provider that stops answering after its listing is asked no more, and the listing counts',
  async (t) => {
    const { respond, requests, reconcile, open, order } = await site(t, inventory)
    await order(many(14))
    respond({ inventory: listing({ instance_id: 'strange' }), fetch_instance: lost })
    t.match(await reconcile(), { state: 'succeeded', unclear: 14, error: null })
    t.ok(requests('fetch_instance').length < 14)
    t.strictSame(await open(), ['unknown instance of no platform'])
  },
)

t.test('a registration that changes during a run ends the run', async (t) => {
  const { kontor, path, respond, requests, findings, order } = await site(t, inventory)
  await order(['i-1'])
  const held: Array<() => void> = []
  respond({
    inventory: (request, response) => {
      held.push(() => {
        listing({ instance_id: 'strange' })(request, response)
      })
    },
  })
  const started = await kontor.admin('POST', `${path}/reconcile`)
  await until(
    () => requests('inventory').length,
    (count) => count === 1,
  )
  okay(await kontor.admin('PATCH', path, { displayName: 'Another' }))
  for (const release of held) release()
  const { body } = await until(
    () => kontor.admin('GET', String(started.headers['location'])),
    (reply) => reply.body.finishedAt !== null,
  )
  t.match(body, { state: 'failed', error: 'The registration changed meanwhile.' })
  t.strictSame(await findings('?state=all'), [])
})

t.test('an unknown instance that Kontor is about to remove is still a finding', async (t) => {
  const { kontor, respond, reconcile, open, order, upstreamId, same } = await site(t, inventory, {
    KONTOR_IN_DOUBT_SECONDS: '1',
  })
  await order(['i-1'])
  const id = await upstreamId('i-1')
  const small = await kontor.find('nord', 'db', 'small')
  okay(
    await kontor.call(
      'DELETE',
      `${at('i-1')}?service_id=${small.service_id}&plan_id=${small.plan_id}`,
    ),
  )
  respond({ inventory: listing({ instance_id: id, ...same, bindings: [] }) })
  const found = ['unknown instance i-1']
  await until(
    async () => {
      await reconcile()
      return open()
    },
    (open) => open.length > 0,
  )
  // As a parked operation leaves it.
  const { db } = kontor.running.runtime
  const operation = await db
    .selectFrom('operations')
    .select(['id', 'platform_id', 'provider_id'])
    .where('kind', '=', 'deprovision')
    .executeTakeFirstOrThrow()
  const now = new Date()
  await db
    .insertInto('orphans')
    .values({
      id: operation.id,
      platform_id: operation.platform_id,
      provider_id: operation.provider_id,
      operation_id: operation.id,
      instance_id: 'i-1',
      upstream_id: id,
      upstream_service_id: same.service_id,
      upstream_plan_id: same.plan_id,
      cause: 'retained',
      created_at: now,
      updated_at: now,
    })
    .execute()
  await reconcile()
  t.strictSame(await open(), found, 'it is still listed')
  respond({ inventory: listing() })
  await reconcile()
  t.strictSame(await open(), [])
})
