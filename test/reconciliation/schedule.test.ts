// When runs happen: on time, once over all processes, and again when a process dies during one.
import t from 'tap'
import { processesOf, type KontorProcess } from '../faults/processes.ts'
import { here, startKontor, until, type TestKontor } from '../support/kontor.ts'
import { addReconciled, changeAtProvider, byListing, okay, over, type Reconciled } from './runs.ts'

// For the whole file on a busy machine; an idle one needs a fraction of it.
t.setTimeout(110_000)

const kontor = await startKontor(t)
// It registers providers and reads rows; processes carry the runs out. Each test goes on with the
// process that the one before has left.
const registry = await startKontor(t, { worker: false })
const startProcess = await processesOf(t, registry, { KONTOR_LEASE_SECONDS: '2' })
let next: KontorProcess | undefined

const at = (id: string) => `/v2/service_instances/${id}`

async function runsOf(
  {
    running: {
      runtime: { db },
    },
  }: TestKontor,
  providerId: string,
) {
  return db
    .selectFrom('reconciliation_runs')
    .selectAll()
    .where('provider_id', '=', providerId)
    .orderBy('requested_at')
    .execute()
}

t.test('each run that is due happens once, however many processes there are', async (t) => {
  await kontor.another()
  await kontor.another()
  const nord = await addReconciled(kontor, 'nord', { ...byListing, reconcileSeconds: 1 })
  okay(
    await kontor.call('PUT', at('i-1'), { ...(await kontor.find('nord', 'db', 'small')), ...here }),
  )
  const id = nord.simulator.state().instances[0]?.instance_id ?? ''
  await changeAtProvider(nord, 'DELETE', `${id}?service_id=nord-db&plan_id=nord-db-small`)
  await until(
    () => runsOf(kontor, nord.view.id),
    (runs) => runs.length >= 3,
  )
  t.equal(
    (await kontor.admin('PATCH', `/api/providers/${nord.view.id}`, { reconcileSeconds: 0 })).status,
    200,
  )
  const runs = await until(
    () => runsOf(kontor, nord.view.id),
    (rows) => rows.every(({ finished_at: end }) => end !== null),
  )
  // One may have been running when the registration was changed.
  t.ok(
    runs.every(
      ({ cause, fencing_token, error }) =>
        cause === 'schedule' &&
        fencing_token === 1 &&
        (error === null || /registration changed/.test(error)),
    ),
    JSON.stringify(runs),
  )
  const starts = runs.map(({ requested_at: time }) => time.getTime())
  t.ok(
    starts.slice(1).every((time, before) => time - (starts[before] ?? 0) >= 1_000),
    `never before its time: ${starts.join(' ')}`,
  )
  const asked = nord.simulator.state().requests['inventory'] ?? 0
  t.ok(
    asked <= runs.length && asked >= runs.filter(({ error }) => error === null).length,
    `the provider was asked as often: ${asked}`,
  )
  t.match(await nord.findings('?state=all'), [{ kind: 'missing' }], 'and the finding is one')
  t.equal((await nord.findings('?state=all')).length, 1)
})

t.test('the registration sets the interval, a later change too, and 0 means never', async (t) => {
  const {
    admin,
    running: {
      runtime: { db },
    },
  } = kontor
  const next = async () =>
    (
      await db
        .selectFrom('providers')
        .select(['name', 'next_reconcile_at'])
        .where('name', 'in', ['daily', 'never'])
        .orderBy('name')
        .execute()
    ).map(({ next_reconcile_at: time }) => time)
  const { view } = await kontor.addProvider('daily', { reconcileSeconds: 86_400 })
  const { view: never } = await kontor.addProvider('never', { reconcileSeconds: 0 })
  t.match([view, never], [{ reconcileSeconds: 86_400 }, { reconcileSeconds: 0 }])
  const [daily] = await until(next, ([first]) => first !== null)
  t.ok(
    daily !== null && daily !== undefined && daily.getTime() <= Date.now() + 86_400_000,
    'at a random time within its interval',
  )
  t.match(await admin('PATCH', `/api/providers/${view.id}`, { reconcileSeconds: 60 }), {
    status: 200,
    body: { reconcileSeconds: 60 },
  })
  await until(
    next,
    ([first]) => first !== null && first !== undefined && first.getTime() <= Date.now() + 60_000,
  )
  t.equal((await next())[1], null)
  t.strictSame(await runsOf(kontor, never.id), [])
  for (const reconcileSeconds of [-1, 1.5, '60', null, 31_536_001])
    t.match(await admin('PATCH', `/api/providers/${view.id}`, { reconcileSeconds }), {
      status: 400,
      body: { detail: /^reconcileSeconds must be/ },
    })
  const plain = {
    name: 'plain',
    backend: 'osb',
    settings: { url: 'http://127.0.0.1:9' },
    credentials: { none: true },
  }
  t.match(await admin('POST', '/api/providers', plain), {
    status: 201,
    body: { reconcileSeconds: 86_400 },
  })
  for (const inventoryPath of ['', 'x', '/a?b', '/a b', '/a#b', 7])
    t.match(
      await admin('POST', '/api/providers', {
        ...plain,
        name: 'odd',
        settings: { ...plain.settings, inventoryPath },
      }),
      { status: 400, body: { detail: /inventoryPath must/ } },
    )
})

t.test('a process that stops hands its run on at once', async (t) => {
  const first = await startProcess({ KONTOR_LEASE_SECONDS: '60' })
  const provider = await addReconciled(registry, 'stopped')
  await order('stopped')
  provider.simulator.faults.add({ on: 'fetch_instance', do: { hang: true } })
  const at = await beginRun(provider)
  first.child.kill('SIGTERM')
  await first.exited
  next = await startProcess()
  t.match(await over(registry, at), { state: 'succeeded', instancesChecked: 1 })
})

t.test('a run whose process is killed is run again by another, to the same end', async (t) => {
  const first = next ?? (await startProcess())
  const provider = await addReconciled(registry, 'killed')
  await order('killed')
  provider.simulator.faults.add({ on: 'fetch_instance', do: { hang: true } })
  const at = await beginRun(provider)
  t.match((await registry.admin('GET', at)).body, { state: 'running' })
  first.child.kill('SIGKILL')
  await first.exited
  next = await startProcess()
  t.match(await over(registry, at), { state: 'succeeded', instancesChecked: 1 })
  t.match(await runsOf(registry, provider.view.id), [{ fencing_token: 2 }])
  t.strictSame(await provider.findings('?state=all'), [])
})

t.test(
  'a process that is paused in a run beyond its claim writes nothing afterwards',
  async (t) => {
    const paused = next ?? (await startProcess())
    const provider = await addReconciled(registry, 'paused')
    await order('paused')
    const id = provider.simulator.state().instances[0]?.instance_id ?? ''
    // The first process gets 404, after another one has got 200.
    provider.simulator.faults.add({ on: 'fetch_instance', do: { status: 404 } })
    provider.simulator.faults.add({ on: 'fetch_instance', do: { delayMs: 1_500 } })
    const endsOf = () => paused.log().match(/reconciliation ended|claimed row failed/g)?.length ?? 0
    const earlier = endsOf()
    const at = await beginRun(provider)
    paused.child.kill('SIGSTOP')
    await startProcess()
    t.match(await over(registry, at), { state: 'succeeded' })
    const before = await runsOf(registry, provider.view.id)
    paused.child.kill('SIGCONT')
    // It runs again when it has logged how the run ended for it.
    await until(endsOf, (count) => count > earlier)
    t.strictSame(await runsOf(registry, provider.view.id), before)
    t.strictSame(await provider.findings('?state=all'), [])
    t.ok(provider.simulator.state().instances.some((instance) => instance.instance_id === id))
  },
)

/** Orders one instance. */
async function order(provider: string): Promise<void> {
  const ids = await registry.find(provider, 'db', 'small')
  okay(await registry.call('PUT', at(provider), { ...ids, ...here }))
}

/** Requests a run and waits until it asks the provider. @returns its address */
async function beginRun({ view, simulator }: Reconciled): Promise<string> {
  const started = await registry.admin('POST', `/api/providers/${view.id}/reconcile`)
  await until(
    () => simulator.state().requests['fetch_instance'] ?? 0,
    (count) => count === 1,
  )
  return String(started.headers['location'])
}
