// A provider whose binding credentials Kontor never writes down.
import pg from 'pg'
import t, { type Test } from 'tap'
import type { ServiceBehaviour } from '../../tools/simulator/types.ts'
import { catalogOf } from '../support/catalogs.ts'
import {
  finished,
  here,
  startKontor,
  until,
  type TestKontor,
  type TestProvider,
} from '../support/kontor.ts'

async function results(kontor: TestKontor): Promise<Array<{ binding_id: string; kept: boolean }>> {
  const client = new pg.Client({ connectionString: kontor.databaseUrl })
  await client.connect()
  return client
    .query<{ binding_id: string; kept: boolean }>(
      'select binding_id, result is not null as kept from bindings where deleted_at is null order by binding_id',
    )
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

const fetches = ({ simulator }: TestProvider) => simulator.state().requests['fetch_binding'] ?? 0

async function build(
  t: Test,
  { retrievable = true, behaviour = { mode: 'sync' } as ServiceBehaviour, keep = false } = {},
) {
  const kontor = await startKontor(t)
  const catalog = catalogOf('north')
  for (const service of catalog.services) service['bindings_retrievable'] = retrievable
  const provider = await kontor.addProvider('north', { catalog, behaviours: { '*': behaviour } })
  if (!keep)
    t.match(
      await kontor.admin('PATCH', `/api/providers/${provider.view.id}`, {
        storeBindingCredentials: false,
      }),
      { status: 200, body: { storeBindingCredentials: false } },
    )
  const ids = await kontor.find('north', 'db', 'small')
  const I = '/v2/service_instances/a'
  await kontor.call('PUT', `${I}?accepts_incomplete=true`, { ...ids, ...here })
  if (behaviour.mode === 'async') await finished(kontor.call, I)
  const published = async () =>
    (await kontor.call('GET', '/v2/catalog')).body.services.find(
      ({ id }: { id: string }) => id === ids.service_id,
    ).bindings_retrievable as boolean
  return { kontor, provider, ids, I, B: `${I}/service_bindings/b`, published }
}

t.test('what the provider gives again is asked of it again, and nothing is kept', async (t) => {
  const { kontor, provider, ids, I, B, published } = await build(t)
  t.equal(await published(), true)
  const made = await kontor.call('PUT', B, ids)
  t.equal(made.status, 201)
  t.ok(made.body.credentials.password ?? made.body.credentials, 'the platform has them')
  t.strictSame(await results(kontor), [{ binding_id: 'b', kept: false }])
  t.equal(fetches(provider), 0)
  t.match(await kontor.call('GET', B), {
    status: 200,
    body: { credentials: made.body.credentials },
  })
  t.match(await kontor.call('PUT', B, ids), {
    status: 200,
    body: { credentials: made.body.credentials },
  })
  t.equal(fetches(provider), 2)
  t.strictSame(await results(kontor), [{ binding_id: 'b', kept: false }])

  const rotated = await kontor.call('PUT', `${I}/service_bindings/c`, {
    ...ids,
    predecessor_binding_id: 'b',
  })
  t.equal(rotated.status, 201, 'a rotation needs what was ordered, not what was given')
  t.equal((await kontor.admin('POST', `/api/providers/${provider.view.id}/reconcile`)).status, 202)
  t.match(
    (
      await until(
        () => kontor.admin('GET', `/api/providers/${provider.view.id}/reconciliation`),
        ({ body }) => body.finishedAt != null,
      )
    ).body,
    { bindingsChecked: 2, error: null },
  )
  t.strictSame(
    (await kontor.admin('GET', `/api/providers/${provider.view.id}/findings`)).body.items,
    [],
  )
})

t.test(
  'an asynchronous binding is read by its platform alone, for a provider may give it a single time',
  async (t) => {
    const { kontor, provider, ids, B } = await build(t, {
      behaviour: { mode: 'async', asyncBinding: true, provisionSeconds: 0.1, bindSeconds: 0.1 },
    })
    t.equal((await kontor.call('PUT', `${B}?accepts_incomplete=true`, ids)).status, 202)
    t.equal((await finished(kontor.call, B)).body.state, 'succeeded')
    t.equal(fetches(provider), 0)
    t.ok((await kontor.call('GET', B)).body.credentials)
    t.strictSame(await results(kontor), [{ binding_id: 'b', kept: false }])

    provider.simulator.faults.add({ on: 'fetch_binding', times: 1, do: { status: 500 } })
    t.equal((await kontor.call('GET', B)).status, 502)
    provider.simulator.faults.add({ on: 'fetch_binding', times: 1, do: { status: 404 } })
    t.equal((await kontor.call('GET', B)).status, 404)
  },
)

t.test('what it does not give again is given once', async (t) => {
  const { kontor, ids, B, published } = await build(t, { retrievable: false })
  t.equal(await published(), false)
  const made = await kontor.call('PUT', `${B}?accepts_incomplete=true`, ids)
  t.equal(made.status, 201)
  t.ok(made.body.credentials)
  t.match(await kontor.call('GET', B), { status: 405, body: { description: /not kept/ } })
  const again = await kontor.call('PUT', B, ids)
  t.match(again, {
    status: 500,
    body: { description: /does not give them again\. Unbind it, and bind anew/ },
  })
  t.equal((await kontor.call('PUT', B, { ...ids, parameters: { other: 1 } })).status, 409)
  t.equal((await kontor.call('DELETE', `${B}?${new URLSearchParams(ids).toString()}`)).status, 200)
  t.equal((await kontor.call('PUT', B, ids)).status, 201)
})

t.test('a change drops what was kept, and one back keeps what comes', async (t) => {
  const { kontor, provider, ids, I, B } = await build(t, { keep: true })
  const made = await kontor.call('PUT', B, ids)
  t.strictSame(await results(kontor), [{ binding_id: 'b', kept: true }])
  const change = (storeBindingCredentials: boolean) =>
    kontor.admin('PATCH', `/api/providers/${provider.view.id}`, { storeBindingCredentials })
  await change(false)
  t.strictSame(
    await results(kontor),
    [{ binding_id: 'b', kept: false }],
    'gone when the answer comes',
  )
  await change(true)
  await kontor.call('PUT', `${I}/service_bindings/c`, ids)
  t.strictSame(await results(kontor), [
    { binding_id: 'b', kept: false },
    { binding_id: 'c', kept: true },
  ])
  t.match(
    await kontor.call('GET', B),
    { status: 200, body: { credentials: made.body.credentials } },
    'what was dropped is asked for',
  )
})
