// Processes and databases that die in the middle of an order. Another process takes over, and in
// the end the platform, Kontor's rows and the provider agree.
import { mkdtemp, rm, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startPostgres } from '../../tools/embedded-postgres/start.ts'
import type { FaultAction, OperationKind, Simulator } from '../../tools/simulator/types.ts'
import {
  type Call,
  finished,
  here,
  manyConnections,
  type Reply,
  startKontor,
  type TestKontor,
  until,
} from '../support/kontor.ts'
import { catalogOf } from '../support/catalogs.ts'
import { processesOf, type KontorProcess } from './processes.ts'
import { agree, readRows, settled } from './invariants.ts'

t.setTimeout(110_000)

const ai = 'accepts_incomplete=true'
const at = (id: string) => `/v2/service_instances/${id}`
// A call of a second ends within the drain, and one that hangs does not.
const quick = {
  ...manyConnections,
  KONTOR_LEASE_SECONDS: '3',
  KONTOR_INLINE_SECONDS: '10',
  KONTOR_DRAIN_SECONDS: '5',
}

// All tests but the last share a database, and the processes that the one before has left running.
const kontor = await startKontor(t, { worker: false, environment: quick })
const start = await processesOf(t, kontor, quick)
let running: readonly KontorProcess[] = []

/** Exactly so many processes that know all providers. */
async function processes<Count extends 1 | 2>(count: Count): Promise<Exactly<Count>> {
  const left = running.filter(({ child }) => child.exitCode === null && child.signalCode === null)
  for (const { child, exited } of left.slice(count)) {
    child.kill('SIGKILL')
    await exited
  }
  const missing = Array.from({ length: Math.max(0, count - left.length) }, () => start())
  running = [...left.slice(0, count), ...(await Promise.all(missing))]
  await Promise.all(running.map(({ call }) => seen(call)))
  return running as Exactly<Count>
}
type Exactly<Count> = Count extends 1
  ? readonly [KontorProcess]
  : readonly [KontorProcess, KontorProcess]

interface Doomed {
  readonly name: string
  readonly kind: OperationKind
  readonly action: FaultAction
  readonly when: 'before' | 'after'
  /** What last_operation says at the end. */
  readonly outcome: 'succeeded' | 'failed'
  /** Whether the provider's resources can be fetched; default true. */
  readonly retrievable?: boolean
  readonly inForce: boolean
}

const hang = { hang: true } as const
const doomed: readonly Doomed[] = [
  {
    name: 'provision-after',
    kind: 'provision',
    action: hang,
    when: 'after',
    outcome: 'succeeded',
    inForce: true,
  },
  {
    name: 'provision-before',
    kind: 'provision',
    action: hang,
    when: 'before',
    outcome: 'failed',
    inForce: false,
  },
  {
    name: 'provision-blind',
    kind: 'provision',
    action: hang,
    when: 'after',
    outcome: 'failed',
    retrievable: false,
    inForce: false,
  },
  {
    name: 'update-after',
    kind: 'update',
    action: hang,
    when: 'after',
    outcome: 'succeeded',
    inForce: true,
  },
  {
    name: 'update-before',
    kind: 'update',
    action: hang,
    when: 'before',
    outcome: 'failed',
    inForce: false,
  },
  {
    name: 'bind-after',
    kind: 'bind',
    action: hang,
    when: 'after',
    outcome: 'succeeded',
    inForce: true,
  },
  {
    name: 'bind-before',
    kind: 'bind',
    action: hang,
    when: 'before',
    outcome: 'failed',
    inForce: false,
  },
  {
    name: 'unbind-after',
    kind: 'unbind',
    action: hang,
    when: 'after',
    outcome: 'succeeded',
    inForce: true,
  },
  {
    name: 'unbind-before',
    kind: 'unbind',
    action: hang,
    when: 'before',
    outcome: 'succeeded',
    inForce: true,
  },
  {
    name: 'deprovision-after',
    kind: 'deprovision',
    action: hang,
    when: 'after',
    outcome: 'succeeded',
    inForce: true,
  },
  {
    name: 'deprovision-before',
    kind: 'deprovision',
    action: hang,
    when: 'before',
    outcome: 'succeeded',
    inForce: true,
  },
]

t.test('kill -9 in the middle of each kind of call: a second process takes over', async (t) => {
  const [first, second] = await processes(2)
  const cases = await Promise.all(doomed.map((one) => arrange(first.call, one)))

  // Long ones, to kill the process while they wait or are compensated.
  const { simulator: waiting } = await kontor.addProvider('waiting', {
    behaviours: { '*': { mode: 'async', provisionSeconds: 4 } },
  })
  const { simulator: removing } = await kontor.addProvider('removing')
  removing.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
  removing.faults.add({ on: 'deprovision', when: 'after', do: hang })
  await seen(first.call)
  const waitingIds = await kontor.find('waiting', 'db', 'small')
  const removingIds = await kontor.find('removing', 'db', 'small')
  const waits = await first.call('PUT', `${at('waiting')}?${ai}`, { ...waitingIds, ...here })
  t.equal(waits.status, 202)
  const removes = await first.call('PUT', `${at('removing')}?${ai}`, { ...removingIds, ...here })
  t.equal(removes.status, 202)
  // The second process may work on them too; whichever does is killed or goes on.
  await until(
    () => removing.state().requests['deprovision'] ?? 0,
    (count) => count === 1,
  )

  for (const { simulator, one } of cases) {
    simulator.faults.add({ on: one.kind, when: one.when, do: one.action })
    if (one.retrievable === false)
      simulator.faults.add({ on: 'last_operation', times: 0, do: { status: 404 } })
  }
  const orders = cases.map(({ send }) => send().catch((error: unknown) => String(error)))
  await Promise.all(
    cases.map(({ simulator, one, earlier }) =>
      until(
        () => simulator.state().requests[one.kind] ?? 0,
        (count) => count === earlier + 1,
      ),
    ),
  )
  first.child.kill('SIGKILL')
  const killedAt = performance.now()
  t.ok(
    (await Promise.all(orders)).every((end) => typeof end === 'string'),
    'the callers lost their connections',
  )

  await settled(kontor)
  const recoveredMs = Math.round(performance.now() - killedAt)
  t.comment(`all ${cases.length + 2} orders ended ${recoveredMs} ms after kill -9 (lease 3 s)`)
  t.ok(recoveredMs < 30_000, `recovered in ${recoveredMs} ms`)
  for (const { one, simulator, path, isInForce } of cases) {
    await t.test(one.name, async (t) => {
      const last = await second.call('GET', `${path}/last_operation`)
      t.match(last, { status: 200, body: { state: one.outcome } }, last.text)
      agree(t, await readRows(kontor, one.name), simulator)
      t.equal(await isInForce(), one.inForce)
      if (one.kind === 'update')
        t.equal(
          simulator.state().requests['deprovision'],
          undefined,
          'an update never leads to a delete',
        )
    })
  }
  await t.test('waiting', async (t) => {
    t.match(
      await second.call('GET', `${at('waiting')}/last_operation?operation=${waits.body.operation}`),
      { body: { state: 'succeeded' } },
    )
    agree(t, await readRows(kontor, 'waiting'), waiting)
    t.equal(waiting.state().effects.provisioned, 1)
  })
  await t.test('compensating', async (t) => {
    t.match(
      await second.call(
        'GET',
        `${at('removing')}/last_operation?operation=${removes.body.operation}`,
      ),
      { body: { state: 'failed' } },
    )
    agree(t, await readRows(kontor, 'removing'), removing)
    t.strictSame(removing.state().instances, [])
  })
})

t.test('kill -9 of the only process: the next start takes over', async (t) => {
  const { simulator } = await kontor.addProvider('only')
  const [first] = await processes(1)
  const ids = await kontor.find('only', 'db', 'small')
  simulator.faults.add({ on: 'provision', when: 'after', do: hang })
  const order = first.call('PUT', at('only'), { ...ids, ...here }).catch((error: unknown) => error)
  await until(
    () => simulator.state().instances.length,
    (count) => count === 1,
  )
  first.child.kill('SIGKILL')
  t.ok((await order) instanceof Error)
  await first.exited
  const killedAt = performance.now()
  const [second] = await processes(1)
  agree(t, await settled(kontor, 'only'), simulator)
  t.comment(`start and recovery took ${Math.round(performance.now() - killedAt)} ms (lease 3 s)`)
  t.equal(
    (await second.call('PUT', at('only'), { ...ids, ...here })).status,
    200,
    'the same order again finds it',
  )
  t.equal(simulator.state().effects.provisioned, 1)
})

t.test('a process that is paused past its lease writes nothing when it resumes', async (t) => {
  const catalog = catalogOf('paused')
  // Not retrievable: what is in doubt is removed, so a late "ready" would be wrong.
  for (const offering of catalog.services) offering.instances_retrievable = false
  const { simulator } = await kontor.addProvider('paused', { catalog })
  const [sleeper] = await processes(2)
  const ids = await kontor.find('paused', 'db', 'small')
  simulator.faults.add({ on: 'last_operation', times: 0, do: { status: 404 } })
  simulator.faults.add({ on: 'provision', do: { delayMs: 1_000 }, when: 'after' })
  const order = sleeper.call('PUT', at('paused'), { ...ids, ...here })
  await until(
    () => simulator.state().instances.length,
    (count) => count === 1,
  )
  sleeper.child.kill('SIGSTOP')
  const rows = await settled(kontor, 'paused')
  t.strictSame(rows.instances, [])
  t.strictSame(simulator.state().instances, [], 'what was made was removed')
  const before = await operations()

  sleeper.child.kill('SIGCONT')
  const late = await order
  t.equal(late.status, 503, `its caller gets no false success: ${late.text}`)
  t.match(late.headers, { 'retry-after': /\d/ })
  t.strictSame(await operations(), before, 'not one row was touched')
  t.equal((await sleeper.call('PUT', at('paused'), { ...ids, ...here })).status, 201, 'it works on')
  agree(t, await settled(kontor, 'paused'), simulator)
})

t.test('SIGTERM lets a call under way end, and its caller gets the answer', async (t) => {
  const { simulator } = await kontor.addProvider('draining')
  const [, second] = await processes(2)
  const ids = await kontor.find('draining', 'db', 'small')
  simulator.faults.add({ on: 'provision', do: { delayMs: 1_000 } })
  const order = second.call('PUT', at('draining'), { ...ids, ...here })
  await until(
    () => simulator.state().requests['provision'],
    (count) => count === 1,
  )
  second.child.kill('SIGTERM')
  const reply = await order
  t.equal(reply.status, 201, reply.text)
  t.strictSame(await second.exited, { code: 0, signal: null })
  agree(t, await readRows(kontor, 'draining'), simulator)
})

t.test('a call that does not end is aborted when the drain time is over', async (t) => {
  const { simulator } = await kontor.addProvider('endless', { settings: { timeoutSeconds: 50 } })
  const [only] = await processes(1)
  const ids = await kontor.find('endless', 'db', 'small')
  simulator.faults.add({ on: 'provision', when: 'after', times: 2, do: hang })
  const sync = only.call('PUT', at('endless-sync'), { ...ids, ...here })
  const later = only.call('PUT', `${at('endless-async')}?${ai}`, { ...ids, ...here })
  await until(
    () => simulator.state().instances.length,
    (count) => count === 2,
  )
  const stoppedAt = performance.now()
  only.child.kill('SIGTERM')
  t.match(await sync, {
    status: 503,
    headers: { 'retry-after': /\d/ },
    body: { description: /interrupted/ },
  })
  t.equal((await later).status, 202, 'an async order is polled at the process that takes over')
  t.strictSame(await only.exited, { code: 0, signal: null })
  t.ok(
    performance.now() - stoppedAt < 20_000,
    `it took ${Math.round(performance.now() - stoppedAt)} ms`,
  )
  await processes(1)
  await settled(kontor)
  agree(t, await rowsOf(kontor, 'endless-'), simulator)
})

t.test(
  'Kontor waits for a database that dies: 503 meanwhile, everything goes on afterwards',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kontor-crash-'))
    await chmod(folder, 0o711)
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    let postgres = await startPostgres({ folder })
    t.teardown(() => postgres.stop())
    const kontor = await startKontor(t, {
      databaseUrl: postgres.url,
      migrate: true,
      environment: quick,
    })
    const start = await processesOf(t, kontor, quick)
    const { simulator } = await kontor.addProvider('nord')
    const { simulator: later } = await kontor.addProvider('spaet', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 2 } },
    })
    const child = await start()
    const [ids, laterIds] = [
      await kontor.find('nord', 'db', 'small'),
      await kontor.find('spaet', 'db', 'small'),
    ]
    const waiting = await child.call('PUT', `${at('waiting')}?${ai}`, { ...laterIds, ...here })
    t.equal(waiting.status, 202)

    await t.test('kill -9 of the postmaster', async (t) => {
      const replies: Reply[] = []
      const load = [child.call, kontor.call].map((call, lane) =>
        orderOnAndOn(call, lane, ids, replies),
      )
      await until(
        () => replies.length,
        (count) => count > 20,
      )
      process.kill(postgres.pid, 'SIGKILL')
      await until(
        () => replies.length,
        (count) => count > 100,
      )
      await until(
        () => replies.slice(-20),
        (last) => last.every(({ status }) => status === 201),
      )
      for (const one of load) one.stop()
      await Promise.all(load.map(({ ended }) => ended))
      t.ok(
        replies.every(({ status }) => status === 201 || status === 503),
        JSON.stringify(
          replies.filter(({ status }) => status !== 201 && status !== 503).map(({ text }) => text),
        ),
      )
      t.comment(
        `${replies.filter(({ status }) => status === 503).length} of ${replies.length} orders got 503`,
      )
      t.ok(
        replies
          .filter(({ status }) => status === 503)
          .every(({ headers }) => headers['retry-after'] !== undefined),
      )
      await settled(kontor)
      agree(t, await rowsOf(kontor, 'r'), simulator)
    })

    await t.test('a database that is away for a while', async (t) => {
      await postgres.stop()
      t.match(
        await until(
          () => child.call('GET', '/readyz'),
          ({ status }) => status !== 200,
        ),
        { status: 503, body: { status: 'not ready' } },
      )
      t.equal((await child.call('GET', '/healthz')).status, 200)
      t.equal((await child.call('GET', '/v2/catalog')).status, 200, 'the catalog needs no database')
      for (const [method, path, body] of [
        ['PUT', at('n'), { ...ids, ...here }],
        ['PATCH', at('waiting'), { service_id: ids.service_id }],
        ['GET', at('waiting'), undefined],
        ['GET', `${at('waiting')}/last_operation`, undefined],
        ['PUT', `${at('waiting')}/service_bindings/b`, ids],
        [
          'DELETE',
          `${at('waiting')}?service_id=${ids.service_id}&plan_id=${ids.plan_id}`,
          undefined,
        ],
      ] as const) {
        t.match(
          await child.call(method, path, body),
          { status: 503, headers: { 'retry-after': '5' }, body: { description: /database/ } },
          `${method} ${path}`,
        )
      }
      postgres = await startPostgres({ folder, port: postgres.port })
      t.match(
        await until(
          () => child.call('GET', '/readyz'),
          ({ status }) => status === 200,
        ),
        { body: { status: 'ready' } },
      )
      t.equal(
        (
          await until(
            () => child.call('PUT', at('after'), { ...ids, ...here }),
            ({ status }) => status !== 503,
          )
        ).status,
        201,
      )
      t.match(
        await finished(child.call, at('waiting'), waiting.body.operation),
        { body: { state: 'succeeded' } },
        'what waited goes on',
      )
      const next = await child.call('PUT', `${at('next')}?${ai}`, { ...laterIds, ...here })
      t.match(
        await finished(child.call, at('next'), next.body.operation),
        { body: { state: 'succeeded' } },
        'the job queue works on',
      )
      t.equal(child.child.exitCode, null, 'all in the same process')
      t.equal(later.state().effects.provisioned, 2)
    })
  },
)

interface Arranged {
  readonly one: Doomed
  readonly simulator: Simulator
  readonly path: string
  readonly earlier: number
  send(): Promise<Reply>
  isInForce(): Promise<boolean>
}

async function arrange(call: Call, one: Doomed): Promise<Arranged> {
  const catalog = catalogOf(one.name)
  for (const offering of catalog.services) offering.instances_retrievable = one.retrievable ?? true
  const { simulator } = await kontor.addProvider(one.name, {
    catalog,
    settings: { timeoutSeconds: 50 },
  })
  const [small, large] = [
    await kontor.find(one.name, 'db', 'small'),
    await kontor.find(one.name, 'db', 'large'),
  ]
  await seen(call)
  const instance = at(one.name)
  const binding = `${instance}/service_bindings/${one.name}`
  const query = `?${ai}&service_id=${small.service_id}&plan_id=${small.plan_id}`
  const verbs: Record<OperationKind, () => Promise<Reply>> = {
    provision: () => call('PUT', `${instance}?${ai}`, { ...small, ...here }),
    update: () =>
      call('PATCH', `${instance}?${ai}`, { service_id: small.service_id, plan_id: large.plan_id }),
    deprovision: () => call('DELETE', `${instance}${query}`),
    bind: () => call('PUT', `${binding}?${ai}`, small),
    unbind: () => call('DELETE', `${binding}${query}`),
  }
  if (one.kind !== 'provision') await verbs.provision()
  if (one.kind === 'unbind') await verbs.bind()
  const rows = () => readRows(kontor, one.name)
  const isReady = ({ state }: { state: string }) => state === 'ready'
  const inForce: Record<OperationKind, () => Promise<boolean>> = {
    provision: async () => (await rows()).instances.some(isReady),
    update: async () =>
      (await rows()).instances.some(({ upstream_plan_id: plan }) => plan.endsWith('large')),
    deprovision: async () => (await rows()).instances.length === 0,
    bind: async () => (await rows()).bindings.some(isReady),
    unbind: async () => (await rows()).bindings.length === 0,
  }
  const isOfBinding = one.kind === 'bind' || one.kind === 'unbind'
  return {
    one,
    simulator,
    path: isOfBinding ? binding : instance,
    earlier: simulator.state().requests[one.kind] ?? 0,
    send: verbs[one.kind],
    isInForce: inForce[one.kind],
  }
}

// The other process loads a new catalog a moment later.
async function seen(call: Call): Promise<void> {
  const { body } = await kontor.call('GET', '/v2/catalog')
  await until(
    () => call('GET', '/v2/catalog'),
    (there) => there.status === 200 && there.body.services.length >= body.services.length,
  )
}

function operations() {
  return kontor.running.runtime.db
    .selectFrom('operations')
    .select(['id', 'state', 'fencing_token', 'updated_at', 'lease_until'])
    .orderBy('id')
    .execute()
}

/** Of the instances and bindings whose ids begin so. */
async function rowsOf(kontor: TestKontor, prefix: string) {
  const rows = await readRows(kontor)
  return {
    ...rows,
    instances: rows.instances.filter(({ instance_id: id }) => id.startsWith(prefix)),
    bindings: rows.bindings.filter(({ binding_id: id }) => id.startsWith(prefix)),
  }
}

function orderOnAndOn(
  call: Call,
  lane: number,
  ids: object,
  replies: Reply[],
): { stop(): void; ended: Promise<void> } {
  let stopped = false
  const ended = (async () => {
    for (let n = 0; !stopped; n++)
      replies.push(await call('PUT', at(`r${lane}-${n}`), { ...ids, ...here }))
  })()
  return {
    stop() {
      stopped = true
    },
    ended,
  }
}
