// A provider that fails again and again opens its circuit: no order is lost, the state is visible,
// and waiting orders continue by themselves when the provider is back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { startSimulator } from '../../tools/simulator/start.ts'
import type { Simulator } from '../../tools/simulator/types.ts'
import { agree, readRows, settled } from '../faults/invariants.ts'
import { catalogOf } from '../support/catalogs.ts'
import {
  caller,
  finished,
  here,
  startKontor,
  until,
  type Call,
  type TestKontor,
} from '../support/kontor.ts'

// The waits of an open circuit add up.
t.setTimeout(110_000)

const ai = 'accepts_incomplete=true'
const at = (id: string) => `/v2/service_instances/${id}`
const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))
const out = { on: 'any', times: 0, do: { status: 503 } } as const
const calls = ({ state }: Pick<Simulator, 'state'>) =>
  Object.values(state().requests).reduce((sum, count) => sum + count, 0)

const circuitOf = async (admin: Call, id: string) =>
  (await admin('GET', `/api/providers/${id}`)).body.circuit

const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.5' } })
// Without a worker only the tests call its providers.
const idle = await startKontor(t, { worker: false })

type PlanIds = Awaited<ReturnType<TestKontor['find']>>

/**
 * Orders an instance each time until one is not sent: then the circuit is open.
 * @returns how many orders failed
 */
async function fail(call: Call, ids: PlanIds): Promise<number> {
  for (let n = 0; ; n++) {
    const path = at(`failing-${ids.plan_id}-${n}`)
    const { status } = await call('PUT', path, { ...ids, ...here })
    if (status === 503) return n
    if (status !== 502) throw new Error(`An order that was to fail got ${status}.`)
    // One order after the other: the circuit opens only after a second of failures, however many
    // there are.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The admin's view of a second process, which serves requests but has no worker. */
async function elsewhere(t: Test, kontor: TestKontor): Promise<Call> {
  const running = await run(readConfig(kontor.environment), createLog('silent'), {
    worker: false,
    http: true,
  })
  t.teardown(() => running.stop())
  return caller(running.url ?? '', {
    authorization: `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']}`,
  })
}

t.test(
  'during an outage Kontor sends only single trials, loses nothing, and continues when it is over',
  async (t) => {
    const { call } = kontor
    const { simulator, view } = await kontor.addProvider('nord', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 1 } },
    })
    const { simulator: sued } = await kontor.addProvider('sued')
    const [ids, suedIds] = [
      await kontor.find('nord', 'db', 'small'),
      await kontor.find('sued', 'db', 'small'),
    ]
    t.match(view.circuit, { state: 'closed', since: null })
    const other = await elsewhere(t, kontor)
    const begun = await call('PUT', `${at('begun')}?${ai}`, { ...ids, ...here })
    t.equal(begun.status, 202)
    await until(
      () => simulator.state().requests['last_operation'] ?? 0,
      (count) => count > 0,
    )

    const id = simulator.faults.add(out)
    const started = Date.now()
    // Fewer than ten may be enough: the calls of the worker fail too.
    t.ok((await fail(call, ids)) > 0)
    const seen = await until(
      () => circuitOf(other, view.id),
      ({ state }) => state !== 'closed',
    )
    t.match(
      seen,
      {
        state: /open/,
        since: /Z$/,
        until: /Z$/,
        reason: 'The provider answers with server errors.',
      },
      'another process shows it',
    )
    const sent = calls(simulator)
    const retries = new Map(
      (await readRows(kontor)).running.map(({ id, retries }) => [id, retries]),
    )

    const refused = await until(
      () => call('PUT', at('sync'), { ...ids, ...here }),
      ({ status }) => status !== 502,
    )
    // The trial may just be due; then it is this very order.
    t.match(refused, {
      status: 503,
      headers: { 'retry-after': /^[1-9]\d*$/ },
      body: { description: /^nord does not work at present/ },
    })
    const queued = await Promise.all(
      times(5, (n) => call('PUT', `${at(`queued-${n}`)}?${ai}`, { ...ids, ...here })),
    )
    t.strictSame(
      queued.map(({ status }) => status),
      times(5, () => 202),
    )
    t.equal(
      (await call('PUT', at('elsewhere'), { ...suedIds, ...here })).status,
      201,
      'orders elsewhere work as ever',
    )
    t.match(
      (await call('GET', '/metrics')).text,
      /^kontor_provider_circuit\{provider="sued",state="closed"\} 1$/m,
    )

    await until(
      () => calls(simulator),
      (count) => count >= sent + 3,
      40_000,
    )
    // The circuit waits at least half of 1, 2 and 4 seconds before each trial.
    t.ok(Date.now() - started >= 3_500, `three trials within ${Date.now() - started} ms`)
    const { running } = await readRows(kontor)
    t.ok(
      running.every(
        ({ id, state, retries: now }) => state !== 'parked' && now <= (retries.get(id) ?? 0),
      ),
      `an outage uses up no tries: ${JSON.stringify(running.map(({ state, retries }) => [state, retries]))}`,
    )

    simulator.faults.clear(id)
    t.match(await finished(call, at('begun'), begun.body.operation), {
      body: { state: 'succeeded' },
    })
    const ends = await Promise.all(
      queued.map(({ body }, n) => finished(call, at(`queued-${n}`), body.operation)),
    )
    // Whichever of them was the trial: a provider that does not answer the question gets no order.
    t.strictSame(
      ends.map(({ body }) => body.state),
      times(5, () => 'succeeded'),
      JSON.stringify(ends.map(({ body }) => body)),
    )
    agree(t, await settled(kontor), {
      state: () => ({
        ...simulator.state(),
        instances: [...simulator.state().instances, ...sued.state().instances],
      }),
    } as Simulator)
    t.match(
      await until(
        () => circuitOf(other, view.id),
        ({ state }) => state === 'closed',
      ),
      { state: 'closed', since: /Z$/, until: undefined, reason: undefined },
    )
    t.match(
      (await call('GET', '/metrics')).text,
      /^kontor_provider_circuit\{provider="nord",state="closed"\} 1$/m,
    )
  },
)

t.test(
  'queued orders survive a provider that cannot be reached: no trial consumes one',
  async (t) => {
    const kontor = await startKontor(t)
    const { call, admin } = kontor
    const folder = await mkdtemp(join(tmpdir(), 'kontor-circuit-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const credentials = { username: 'kontor', password: 'of-the-provider' }
    const options = {
      catalog: catalogOf('nord'),
      provider: 'nord',
      stateFile: join(folder, 'journal'),
      behaviours: { '*': { mode: 'sync' } },
      ...credentials,
    } as const
    const before = await startSimulator(options)
    t.teardown(() => before.stop())
    const {
      body: { id },
    } = await admin('POST', '/api/providers', {
      name: 'nord',
      backend: 'osb',
      settings: { url: before.url },
      credentials,
      refreshSeconds: 3600,
    })
    const ids = await kontor.find('nord', 'db', 'small')

    await before.stop()
    // Fewer than ten may be enough: the calls of the worker fail too.
    t.ok((await fail(call, ids)) > 0)
    t.match(
      await until(
        () => circuitOf(admin, id),
        ({ state }) => state !== 'closed',
      ),
      { reason: 'The provider cannot be reached.' },
    )
    const queued = await Promise.all(
      times(3, (n) => call('PUT', `${at(`queued-${n}`)}?${ai}`, { ...ids, ...here })),
    )
    t.strictSame(
      queued.map(({ status }) => status),
      [202, 202, 202],
    )
    const waits = new Set<string>()
    await until(
      async () => waits.add((await circuitOf(admin, id)).until),
      ({ size }) => size >= 3,
    )
    t.ok(
      (await readRows(kontor)).running.every(
        ({ state, retries }) => ['accepted', 'calling'].includes(state) && retries === 0,
      ),
      'all three still wait, after two trials',
    )

    const back = await startSimulator({ ...options, port: before.port })
    t.teardown(() => back.stop())
    for (const [n, { body }] of queued.entries())
      t.match(await finished(call, at(`queued-${n}`), body.operation), {
        body: { state: 'succeeded' },
      })
    agree(t, await settled(kontor), back)
    t.equal(back.state().effects.provisioned, 3)
  },
)

t.test(
  'when the wait is over Kontor sends one trial call, and the others still have to wait',
  async (t) => {
    const { call, admin } = idle
    const { simulator, view } = await idle.addProvider('single')
    const ids = await idle.find('single', 'db', 'small')
    t.equal((await call('PUT', at('single-there'), { ...ids, ...here })).status, 201)
    const id = simulator.faults.add(out)
    t.ok((await fail(call, ids)) >= 10)
    t.match(
      await call('PUT', at('single-there'), { ...ids, ...here }),
      { status: 200 },
      'an order sent again needs no provider',
    )
    const sent = calls(simulator)
    await until(
      () => circuitOf(admin, view.id),
      ({ state }) => state === 'half_open',
    )
    t.equal(calls(simulator), sent, 'nothing was sent meanwhile')

    simulator.faults.clear(id)
    simulator.faults.add({ on: 'provision', do: { delayMs: 3_000 } })
    const replies = await Promise.all(
      times(5, (n) => call('PUT', at(`single-o${n}`), { ...ids, ...here })),
    )
    t.strictSame(
      replies.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 503, 503, 503, 503],
    )
    t.equal(calls(simulator), sent + 1)
    await until(
      () => circuitOf(admin, view.id),
      ({ state }) => state === 'closed',
    )
    t.strictSame(
      (
        await Promise.all(times(5, (n) => call('PUT', at(`single-p${n}`), { ...ids, ...here })))
      ).map(({ status }) => status),
      times(5, () => 201),
    )
  },
)

t.test(
  'a readable catalog ends the wait but does not close the circuit: the next call decides',
  async (t) => {
    const { call, admin } = idle
    const { simulator, view } = await idle.addProvider('catalog')
    const ids = await idle.find('catalog', 'db', 'small')
    const id = simulator.faults.add({ ...out, on: 'provision' })
    t.ok((await fail(call, ids)) >= 10)
    t.match((await admin('POST', `/api/providers/${view.id}/refresh`)).body, {
      catalog: { stale: false },
    })
    t.equal(
      (await call('PUT', at('catalog-a'), { ...ids, ...here })).status,
      502,
      'this one is tried',
    )
    t.equal((await call('PUT', at('catalog-b'), { ...ids, ...here })).status, 503)
    simulator.faults.clear(id)
    await admin('POST', `/api/providers/${view.id}/refresh`)
    t.equal((await call('PUT', at('catalog-c'), { ...ids, ...here })).status, 201)
    t.equal((await call('PUT', at('catalog-d'), { ...ids, ...here })).status, 201, 'closed again')
  },
)

t.test(
  'a provider that fails more than half of its calls opens its circuit, though some answers are good',
  async (t) => {
    const { call } = idle
    const { simulator } = await idle.addProvider('half')
    const [ids, app] = [
      await idle.find('half', 'db', 'small'),
      await idle.find('half', 'app', 'only'),
    ]
    simulator.faults.add({ ...out, on: 'provision', match: { service_id: 'half-db' } })
    let last = 201
    for (let n = 0; n < 40 && last === 201; n++) {
      await Promise.all([
        call('PUT', at(`half-a${n}`), { ...ids, ...here }),
        call('PUT', at(`half-b${n}`), { ...ids, ...here }),
      ])
      last = (await call('PUT', at(`half-good${n}`), { ...app, ...here })).status
    }
    t.equal(last, 503)
    t.ok(calls(simulator) >= 30, `after ${calls(simulator)} calls`)
  },
)

t.test('an instance whose operation is broken does not stop the orders of others', async (t) => {
  const { call, admin } = kontor
  const { simulator, view } = await kontor.addProvider('broken', {
    behaviours: { 'broken-db': { mode: 'async', provisionSeconds: 600 }, '*': { mode: 'sync' } },
  })
  const [ids, app] = [
    await kontor.find('broken', 'db', 'small'),
    await kontor.find('broken', 'app', 'only'),
  ]
  simulator.faults.add({
    on: 'last_operation',
    times: 0,
    do: { status: 500, headers: { 'retry-after': '0' } },
  })
  t.equal((await call('PUT', `${at('broken')}?${ai}`, { ...ids, ...here })).status, 202)
  await until(
    () => simulator.state().requests['last_operation'] ?? 0,
    (count) => count >= 15,
  )
  t.match(
    await circuitOf(admin, view.id),
    { state: 'closed' },
    'fifteen failures in a row, all of one instance',
  )
  t.equal((await call('PUT', at('not-broken'), { ...app, ...here })).status, 201)
})

t.test(
  'the circuits of a dead process soon stop counting; a change of the provider closes its circuit',
  async (t) => {
    const {
      call,
      admin,
      running: {
        runtime: { db },
      },
    } = idle
    const { simulator, view } = await idle.addProvider('dead')
    const since = new Date()
    const dead = {
      provider_id: view.id,
      process_id: 'b7f0e0c4-54b0-4a5e-9d0c-0d3c5b1f6a11',
      state: 'open',
      since,
      until: new Date(Date.now() + 60_000),
      reason: 'The provider cannot be reached.',
    }
    await db.insertInto('provider_circuits').values(dead).execute()
    t.strictSame(await circuitOf(admin, view.id), {
      state: 'open',
      since: since.toISOString(),
      until: dead.until.toISOString(),
      reason: dead.reason,
    })
    await db
      .updateTable('provider_circuits')
      .set({ until: new Date(Date.now() - 1_000) })
      .execute()
    t.match(await circuitOf(admin, view.id), { state: 'half_open' })
    await db
      .updateTable('provider_circuits')
      .set({ seen_at: sql`now() - interval '31 seconds'` })
      .execute()
    t.match(await circuitOf(admin, view.id), { state: 'closed' })

    const ids = await idle.find('dead', 'db', 'small')
    const id = simulator.faults.add(out)
    t.ok((await fail(call, ids)) >= 10)
    t.match(
      await until(
        () => circuitOf(admin, view.id),
        ({ state }) => state !== 'closed',
      ),
      { reason: 'The provider answers with server errors.' },
    )
    simulator.faults.clear(id)
    t.equal(
      (await admin('PATCH', `/api/providers/${view.id}`, { displayName: 'Nord' })).status,
      200,
    )
    t.equal((await call('PUT', at('dead-new'), { ...ids, ...here })).status, 201)
    await until(
      () => circuitOf(admin, view.id),
      ({ state }) => state === 'closed',
    )
  },
)
