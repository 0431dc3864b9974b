// A provider whose binding credentials Kontor does not store.
import pg from 'pg'
import t, { type Test } from 'tap'
import { deleteCredentials } from '../../src/bindings/delete-credentials.ts'
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

async function query<Row extends pg.QueryResultRow>(
  { databaseUrl }: TestKontor,
  text: string,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return client
    .query<Row>(text)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

const results = (kontor: TestKontor) =>
  query<{ binding_id: string; stored: boolean }>(
    kontor,
    `select binding_id, result is not null as stored from bindings
     where deleted_at is null order by binding_id`,
  )

const fetches = ({ simulator }: TestProvider) => simulator.state().requests['fetch_binding'] ?? 0

async function build(
  t: Test,
  {
    retrievable = true,
    behaviour = { mode: 'sync' } as ServiceBehaviour,
    store = false,
    worker = true,
  } = {},
) {
  const kontor = await startKontor(t, { worker })
  const catalog = catalogOf('north')
  for (const service of catalog.services) service['bindings_retrievable'] = retrievable
  const provider = await kontor.addProvider('north', { catalog, behaviours: { '*': behaviour } })
  if (!store)
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

t.test('credentials that can be fetched are fetched again each time, and not stored', async (t) => {
  const { kontor, provider, ids, I, B, published } = await build(t)
  t.equal(await published(), true)
  const made = await kontor.call('PUT', B, ids)
  t.equal(made.status, 201)
  t.ok(made.body.credentials.password ?? made.body.credentials, 'the platform gets them')
  t.strictSame(await results(kontor), [{ binding_id: 'b', stored: false }])
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
  t.strictSame(await results(kontor), [{ binding_id: 'b', stored: false }])

  const rotated = await kontor.call('PUT', `${I}/service_bindings/c`, {
    ...ids,
    predecessor_binding_id: 'b',
  })
  t.equal(rotated.status, 201, 'a rotation needs the order of its predecessor, not its credentials')
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
  'an asynchronous binding is only fetched for its platform: it may be available a single time',
  async (t) => {
    const { kontor, provider, ids, B } = await build(t, {
      behaviour: { mode: 'async', asyncBinding: true, provisionSeconds: 0.1, bindSeconds: 0.1 },
    })
    t.equal((await kontor.call('PUT', `${B}?accepts_incomplete=true`, ids)).status, 202)
    t.equal((await finished(kontor.call, B)).body.state, 'succeeded')
    t.equal(fetches(provider), 0)
    t.ok((await kontor.call('GET', B)).body.credentials)
    t.strictSame(await results(kontor), [{ binding_id: 'b', stored: false }])

    provider.simulator.faults.add({ on: 'fetch_binding', times: 1, do: { status: 500 } })
    t.equal((await kontor.call('GET', B)).status, 502)
    provider.simulator.faults.add({ on: 'fetch_binding', times: 1, do: { status: 404 } })
    t.equal((await kontor.call('GET', B)).status, 404)
  },
)

t.test('credentials that cannot be fetched are returned once', async (t) => {
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

t.test(
  'turning storage off drops stored credentials, and turning it on stores new ones',
  async (t) => {
    // Without jobs, so that the request deletes them.
    const { kontor, provider, ids, I, B } = await build(t, { store: true, worker: false })
    const made = await kontor.call('PUT', B, ids)
    t.strictSame(await results(kontor), [{ binding_id: 'b', stored: true }])
    const change = (storeBindingCredentials: boolean) =>
      kontor.admin('PATCH', `/api/providers/${provider.view.id}`, { storeBindingCredentials })
    t.match(await change(false), { status: 200, body: { deletingBindingCredentialsSince: null } })
    t.strictSame(
      await results(kontor),
      [{ binding_id: 'b', stored: false }],
      'gone before the response',
    )
    await change(true)
    await kontor.call('PUT', `${I}/service_bindings/c`, ids)
    t.strictSame(await results(kontor), [
      { binding_id: 'b', stored: false },
      { binding_id: 'c', stored: true },
    ])
    t.match(
      await kontor.call('GET', B),
      { status: 200, body: { credentials: made.body.credentials } },
      'what was dropped is fetched',
    )
  },
)

t.test('jobs delete what the request could not delete', async (t) => {
  const { kontor, provider, ids, I, B } = await build(t, { store: true })
  const url = `/api/providers/${provider.view.id}`
  const change = async (storeBindingCredentials: boolean) =>
    (await kontor.admin('PATCH', url, { storeBindingCredentials })).body
  await kontor.call('PUT', B, ids)
  await query(
    kontor,
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
    create trigger refuse before update of result on bindings for each row
      when (old.result is not null and new.result is null) execute function refuse()`,
  )
  t.match(await change(false), {
    storeBindingCredentials: false,
    deletingBindingCredentialsSince: /Z$/,
  })
  t.match(await change(true), {
    storeBindingCredentials: true,
    deletingBindingCredentialsSince: null,
  })
  t.match(
    await deleteCredentials(kontor.running.runtime.db, provider.view.id, undefined),
    { kind: 'ended' },
    'a change back ends the deletion',
  )
  t.strictSame(await results(kontor), [{ binding_id: 'b', stored: true }])

  const { deletingBindingCredentialsSince: since } = await change(false)
  t.match(since, /Z$/)
  t.equal((await change(false)).deletingBindingCredentialsSince, since, 'still the same deletion')
  await kontor.call('PUT', `${I}/service_bindings/c`, ids)
  t.strictSame(
    await results(kontor),
    [
      { binding_id: 'b', stored: true },
      { binding_id: 'c', stored: false },
    ],
    'the policy applies to new bindings',
  )
  await query(kontor, 'drop trigger refuse on bindings')
  await until(
    () => kontor.admin('GET', url),
    ({ body }) => body.deletingBindingCredentialsSince === null,
  )
  t.match(await results(kontor), [{ stored: false }, { stored: false }])
})

/**
 * Installs a trigger that waits until `open` is called. `waiting` resolves when that many sessions
 * wait for a lock, at the gate or behind it.
 */
async function closeGate(kontor: TestKontor, trigger: string) {
  const client = new pg.Client({ connectionString: kontor.databaseUrl })
  await client.connect()
  await client.query(`select pg_advisory_lock(1);
    create or replace function wait_at_gate() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(1); return new; end $$;
    create trigger gate before ${trigger} execute function wait_at_gate()`)
  return {
    waiting: (count: number) =>
      until(
        () =>
          query(
            kontor,
            `select from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'`,
          ),
        ({ length }) => length === count,
      ),
    async open() {
      await client.query('select pg_advisory_unlock(1)')
      await client.end()
    },
  }
}

t.test('a bind that settles during the change leaves nothing stored', async (t) => {
  const { kontor, provider, ids, I } = await build(t, { store: true })
  const url = `/api/providers/${provider.view.id}`
  const change = (storeBindingCredentials: boolean) =>
    kontor.admin('PATCH', url, { storeBindingCredentials })
  const bind = (id: string) => kontor.call('PUT', `${I}/service_bindings/${id}`, ids)
  const gone = async () => {
    await until(
      () => kontor.admin('GET', url),
      ({ body }) => body.deletingBindingCredentialsSince === null,
    )
    t.notOk((await results(kontor)).some(({ stored }) => stored))
  }

  const bindFirst = await closeGate(
    kontor,
    'update of result on bindings for each row when (new.result is not null)',
  )
  const before = bind('before')
  await bindFirst.waiting(1)
  const afterBind = change(false)
  await bindFirst.waiting(2)
  await bindFirst.open()
  t.match(await before, { status: 201 })
  t.match(await afterBind, { status: 200 })
  await gone()

  await query(kontor, 'drop trigger gate on bindings')
  t.match(await change(true), { status: 200 })
  const changeFirst = await closeGate(kontor, 'update on providers for each row')
  const beforeBind = change(false)
  await changeFirst.waiting(1)
  const after = bind('after')
  await changeFirst.waiting(2)
  await changeFirst.open()
  t.match(await beforeBind, { status: 200 })
  t.match(await after, { status: 201 })
  await gone()
})

t.test(
  'orders pass while a portion is being deleted, and a change back waits for it',
  async (t) => {
    const { kontor, provider, ids, I, B } = await build(t, { store: true })
    const url = `/api/providers/${provider.view.id}`
    const change = (storeBindingCredentials: boolean) =>
      kontor.admin('PATCH', url, { storeBindingCredentials })
    await kontor.call('PUT', B, ids)
    const gate = await closeGate(
      kontor,
      'update of result on bindings for each row when (old.result is not null and new.result is null)',
    )
    const off = change(false)
    await gate.waiting(1)
    t.match(await kontor.admin('GET', url), {
      body: { storeBindingCredentials: false, deletingBindingCredentialsSince: /Z$/ },
    })
    t.equal(
      (await kontor.call('PUT', '/v2/service_instances/other', { ...ids, ...here })).status,
      201,
    )
    t.equal((await kontor.call('PUT', `${I}/service_bindings/c`, ids)).status, 201)
    const on = change(true)
    await gate.waiting(2)
    await gate.open()
    t.match(await Promise.all([off, on]), [{ status: 200 }, { status: 200 }])
    t.equal((await kontor.call('PUT', `${I}/service_bindings/d`, ids)).status, 201)
    t.strictSame(await results(kontor), [
      { binding_id: 'b', stored: false },
      { binding_id: 'c', stored: false },
      { binding_id: 'd', stored: true },
    ])
  },
)
