// Sends each request of an instance's life twenty times at once, to two processes in turn, as a
// proxy or queue between platform and broker repeats unanswered requests. One of them takes effect,
// and each answer is legal.
import t, { type Test } from 'tap'
import type { OperationHandlers, ServiceBehaviour } from '../../tools/simulator/types.ts'
import {
  here,
  manyConnections,
  type Reply,
  startKontor,
  type TestKontor,
  until,
} from '../support/kontor.ts'
import { processesOf, type KontorProcess } from './processes.ts'
import { agree, readRows, settled } from './invariants.ts'

t.setTimeout(110_000)

const times = 20
const rounds = 2

const direct: ServiceBehaviour = { mode: 'sync' }
const later: ServiceBehaviour = {
  mode: 'async',
  asyncBinding: true,
  provisionSeconds: 0.3,
  updateSeconds: 0.3,
  bindSeconds: 0.2,
  unbindSeconds: 0.2,
  deprovisionSeconds: 0.2,
}

interface Storm {
  readonly what: keyof OperationHandlers
  readonly method: 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: object
  /** What the specification allows for the first, and for a repetition. */
  readonly legal: readonly number[]
}

interface Caller {
  readonly processes: readonly KontorProcess[]
  readonly waits: boolean
}

t.test('async: each request twenty times at once is one effect', async (t) => {
  await liveInStorms(t, { direct, later }, true)
})

t.test('sync: each request twenty times at once is one effect', async (t) => {
  await liveInStorms(t, { direct }, false)
})

async function liveInStorms(
  t: Test,
  behaviours: Readonly<Record<string, ServiceBehaviour>>,
  waits: boolean,
): Promise<void> {
  const kontor = await startKontor(t, { worker: false, environment: manyConnections })
  const simulators = Object.fromEntries(
    await Promise.all(
      Object.entries(behaviours).map(async ([name, behaviour]) => {
        const { simulator } = await kontor.addProvider(name, { behaviours: { '*': behaviour } })
        // Shows a resource that is created twice.
        simulator.configure({ duplicateDetection: false })
        return [name, simulator] as const
      }),
    ),
  )
  const start = await processesOf(t, kontor)
  const processes = await Promise.all([start(), start()])
  for (const { call } of processes)
    await until(
      () => call('GET', '/v2/catalog'),
      ({ body }) => body?.services?.length === 2 * Object.keys(behaviours).length,
    )
  for (let round = 1; round <= rounds; round++) {
    await Promise.all(
      Object.entries(simulators).map(async ([name, simulator]) => {
        const instance = `${name}-${round}`
        for (const storm of await stormsOf(kontor, name, instance)) {
          const before = simulator.state().effects
          const replies = await rage({ processes, waits }, storm)
          const where = `${instance} ${storm.method} ${storm.path}`
          judge(t, replies, storm, waits, where)
          const rows = await settled(kontor, instance)
          t.strictSame(
            simulator.state().effects,
            { ...before, [storm.what]: before[storm.what] + 1 },
            `${where}: one effect`,
          )
          const isGone = storm.what === 'deprovisioned'
          t.equal(rows.instances.length, isGone ? 0 : 1, `${where}: one row`)
        }
      }),
    )
  }
  for (const [name, simulator] of Object.entries(simulators)) {
    const rows = await readRows(kontor)
    agree(
      t,
      { ...rows, instances: rows.instances.filter(({ instance_id: id }) => id.startsWith(name)) },
      simulator,
    )
    t.strictSame(simulator.state().effects, {
      provisioned: rounds,
      updated: rounds,
      bound: rounds,
      unbound: rounds,
      deprovisioned: rounds,
    })
  }
}

async function stormsOf(kontor: TestKontor, provider: string, id: string): Promise<Storm[]> {
  const [small, large] = [
    await kontor.find(provider, 'db', 'small'),
    await kontor.find(provider, 'db', 'large'),
  ]
  const instance = `/v2/service_instances/${id}`
  const binding = `${instance}/service_bindings/${id}-b`
  const ids = (plan: typeof small) => `&service_id=${plan.service_id}&plan_id=${plan.plan_id}`
  return [
    {
      what: 'provisioned',
      method: 'PUT',
      path: `${instance}?`,
      body: { ...small, ...here, parameters: { size: 1 } },
      legal: [200, 201, 202],
    },
    {
      what: 'updated',
      method: 'PATCH',
      path: `${instance}?`,
      body: { ...large, parameters: { size: 2 } },
      legal: [200, 202],
    },
    {
      what: 'bound',
      method: 'PUT',
      path: `${binding}?`,
      body: { ...large, parameters: { role: 'reader' } },
      legal: [200, 201, 202],
    },
    { what: 'unbound', method: 'DELETE', path: `${binding}?${ids(large)}`, legal: [200, 202, 410] },
    {
      what: 'deprovisioned',
      method: 'DELETE',
      path: `${instance}?${ids(large)}`,
      legal: [200, 202, 410],
    },
  ]
}

function rage({ processes, waits }: Caller, { method, path, body }: Storm): Promise<Reply[]> {
  return Promise.all(
    Array.from({ length: times }, (_each, at) => {
      const { call } = processes[at % processes.length] ?? {}
      if (call === undefined) throw new Error('There is no process to ask.')
      return call(method, `${path}${waits ? '&accepts_incomplete=true' : ''}`, body)
    }),
  )
}

function judge(
  t: Test,
  replies: readonly Reply[],
  { what, legal }: Storm,
  waits: boolean,
  where: string,
): void {
  const answers = replies
    .map(
      ({ status, body }) => `${status}${body?.error === undefined ? '' : ` ${String(body.error)}`}`,
    )
    .join(', ')
  t.ok(
    replies.every(({ status, body }) => legal.includes(status) || isToRepeat(status, body, waits)),
    `${where}: ${answers}`,
  )
  const operations = new Set(
    replies.filter(({ status }) => status === 202).map(({ body }) => body.operation as unknown),
  )
  // An update that arrives just as the same one ends is sent on, and changes nothing; of the other
  // kinds only one takes effect.
  if (what !== 'updated') t.ok(operations.size <= 1, `${where}: all 202 name the same operation`)
  t.ok(
    replies.some(({ status }) => legal.includes(status) && status !== 410),
    `${where}: one of them succeeds`,
  )
  // A create is answered as new once.
  const made = replies.filter(({ status }) => status === 201).length
  if (what === 'provisioned' || what === 'bound')
    t.equal(made, operations.size === 0 ? 1 : Math.min(made, 1), `${where}: made once: ${answers}`)
  const credentials = new Set(
    replies
      .filter(({ status }) => what === 'bound' && status < 202)
      .map(({ body }) => JSON.stringify(body.credentials)),
  )
  t.ok(credentials.size <= 1, `${where}: all have the same credentials`)
}

// The same request, once the first has ended; a sync one may get AsyncRequired and is then repeated
// as async.
function isToRepeat(status: number, body: { error?: string } | undefined, waits: boolean): boolean {
  return (
    status === 422 &&
    (body?.error === 'ConcurrencyError' || (!waits && body?.error === 'AsyncRequired'))
  )
}
