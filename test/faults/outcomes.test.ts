// Every way in which a provider may answer an order wrongly or not at all, for each kind of order,
// sync and async: the platform gets an answer that the specification allows, nothing is left
// behind, Kontor's rows and the provider's list agree, and the next order works.
import t, { type Test } from 'tap'
import type { Fault, FaultAction, OperationKind } from '../../tools/simulator/types.ts'
import {
  finished,
  here,
  startKontor,
  type Reply,
  type TestKontor,
  type TestProvider,
} from '../support/kontor.ts'
import { agree, readRows, settled } from './invariants.ts'

/** What the platform must see, and whether the order is in force at the end. */
interface Expected {
  readonly status: number
  readonly error?: string
  readonly retryAfter?: string
  readonly inForce: boolean
}
interface Case {
  readonly name: string
  faults(kind: OperationKind): Fault[]
  readonly sync?: ((kind: OperationKind) => Expected) | undefined
  readonly async?: ((kind: OperationKind) => Expected) | undefined
  readonly kinds?: readonly OperationKind[]
}

const kinds = ['provision', 'update', 'deprovision', 'bind', 'unbind'] as const
const makes = (kind: OperationKind) => kind === 'provision' || kind === 'bind'
const deletes = (kind: OperationKind) => kind === 'deprovision' || kind === 'unbind'

const refused = (status: number, error?: string) => (): Expected => ({
  status,
  ...(error === undefined ? {} : { error }),
  inForce: false,
})
const through = (): Expected => ({ status: 202, inForce: true })
const strike =
  (action: FaultAction, when: 'before' | 'after' = 'before') =>
  (kind: OperationKind): Fault[] => [{ on: kind, when, do: action }]

/** The outcome is unknown. `acted`: the provider acted nevertheless. */
const doubt = (
  name: string,
  action: FaultAction,
  when: 'before' | 'after',
  status = 502,
): Case => ({
  name,
  faults: strike(action, when),
  sync: (kind) => ({ status, inForce: when === 'after' && !makes(kind) }),
  async: (kind) => ({
    status: 202,
    inForce: deletes(kind) || (kind === 'update' && when === 'after'),
  }),
})

const word = (name: string, sync: Case['sync'] & {}, async: Case['async'] & {}): Case => ({
  name: `422 ${name}`,
  faults: strike({ status: 422, body: { error: name, description: 'No.' } }),
  sync,
  async,
})

const only = (named: readonly OperationKind[], error: string) => (kind: OperationKind) =>
  refused(422, ...(named.includes(kind) ? [error] : []))()

const cases: readonly Case[] = [
  {
    name: '400',
    faults: strike({ status: 400, body: { description: 'No.' } }),
    sync: refused(400),
    async: refused(400),
  },
  { name: '401', faults: strike({ status: 401 }), sync: refused(502), async: refused(502) },
  { name: '404', faults: strike({ status: 404 }), sync: refused(502), async: refused(502) },
  { name: '408', faults: strike({ status: 408 }), sync: refused(502), async: refused(502) },
  {
    name: '409',
    faults: strike({ status: 409 }),
    sync: refused(502),
    async: (kind) => (makes(kind) ? { status: 202, inForce: false } : refused(502)()),
  },
  {
    name: '409 though it was our own call that acted',
    kinds: ['provision', 'bind'],
    faults: strike({ status: 409 }, 'after'),
    sync: refused(502),
    async: through,
  },
  {
    name: '302',
    faults: strike({ status: 302, headers: { location: '/elsewhere' } }),
    sync: refused(502),
    async: refused(502),
  },
  word('Other', refused(422), refused(422)),
  word('AsyncRequired', refused(422, 'AsyncRequired'), refused(502)),
  word('ConcurrencyError', refused(422, 'ConcurrencyError'), (kind) =>
    deletes(kind) ? through() : refused(422, 'ConcurrencyError')(),
  ),
  word('RequiresApp', only(['bind'], 'RequiresApp'), only(['bind'], 'RequiresApp')),
  word(
    'MaintenanceInfoConflict',
    only(['provision', 'update'], 'MaintenanceInfoConflict'),
    only(['provision', 'update'], 'MaintenanceInfoConflict'),
  ),
  {
    name: '429 with Retry-After',
    faults: strike({ status: 429, headers: { 'retry-after': '1' } }),
    sync: () => ({ status: 429, retryAfter: '1', inForce: false }),
    async: through,
  },
  doubt('500 before acting', { status: 500 }, 'before'),
  doubt('500 after acting', { status: 500 }, 'after'),
  doubt('503 before acting', { status: 503, headers: { 'retry-after': '1' } }, 'before'),
  doubt('no answer, before acting', { hang: true }, 'before', 504),
  doubt('no answer, after acting', { hang: true }, 'after', 504),
  doubt('connection closed before acting', { closeConnection: true }, 'before'),
  doubt('connection closed after acting', { closeConnection: true }, 'after'),
  doubt('truncated JSON with the right status', { malformed: 'truncated_json' }, 'after'),
  doubt('HTML with the right status', { malformed: 'html' }, 'after'),
  doubt('a huge body', { hugeBytes: 100_000 }, 'after'),
  doubt('truncated JSON with 201', { malformed: 'truncated_json', status: 201 }, 'after'),
  doubt('truncated JSON with 202', { malformed: 'truncated_json', status: 202 }, 'after'),
  doubt('204', { status: 204 }, 'before'),
  {
    // ORPH-02: a malformed 200 is a failure with nothing to remove.
    name: 'HTML with 200, nothing done',
    faults: strike({ malformed: 'html', status: 200 }),
    sync: refused(502),
    async: (kind) => (makes(kind) ? refused(502)() : { status: 202, inForce: deletes(kind) }),
  },
  {
    ...doubt(
      '202 though not allowed, nothing done',
      { status: 202, body: { operation: 'x' } },
      'before',
    ),
    async: undefined,
  },
  {
    ...doubt('202 though not allowed, done', { status: 202, body: { operation: 'x' } }, 'after'),
    async: undefined,
  },
  {
    name: 'an asynchronous operation that fails',
    faults: strike({ failOperation: { description: 'Disk full.' } }, 'after'),
    async: () => ({ status: 202, inForce: false }),
  },
  {
    name: 'polls that are answered wrongly in between',
    faults: (kind) =>
      [
        { status: 404 },
        { status: 500 },
        { malformed: 'html' },
        { malformed: 'wrong_types' },
        { status: 503, headers: { 'retry-after': '1' } },
        ...(deletes(kind) ? [] : [{ status: 410, body: {} }]),
      ].map((action): Fault => ({
        on: kind === 'bind' || kind === 'unbind' ? 'binding_last_operation' : 'last_operation',
        do: action as FaultAction,
      })),
    async: through,
  },
]

t.jobs = 25
t.setTimeout(110_000)

const kontor = await startKontor(t, {
  environment: { KONTOR_INLINE_SECONDS: '3', KONTOR_DATABASE_CONNECTIONS: '20' },
})
const settings = { timeoutSeconds: 1, maxResponseBytes: 20_000 }
const behaviours = {
  sync: { '*': { mode: 'sync' } },
  async: {
    '*': {
      mode: 'async',
      asyncBinding: true,
      updateSeconds: 0.1,
      provisionSeconds: 0.1,
      bindSeconds: 0.1,
    },
  },
} as const

// A fault hits the next order, so cases that run side by side have providers of their own.
for (const kind of kinds) {
  for (const mode of ['sync', 'async'] as const) {
    const ours = cases.filter(
      (one) => one[mode] !== undefined && one.kinds?.includes(kind) !== false,
    )
    const lanes = mode === 'sync' ? 1 : 4
    for (let lane = 0; lane < lanes; lane++) {
      const name = `${kind}-${mode}-${lane + 1}`
      t.test(`${kind}, ${mode} (${lane + 1} of ${lanes})`, { buffered: true }, async (t) => {
        const provider = await kontor.addProvider(name, {
          settings,
          behaviours: { ...behaviours[mode] },
        })
        const orders = await ordersOf(kontor, name, mode)
        for (const [index, one] of ours.entries()) {
          const expected = one[mode]?.(kind)
          if (expected === undefined || index % lanes !== lane) continue
          await t.test(one.name, async (t) => {
            await strikeOnce(t, {
              provider,
              orders,
              kind,
              id: `${name}-${index}`,
              faults: one.faults(kind),
              expected,
            })
          })
        }
      })
    }
  }
}

interface Orders {
  /** Sends an order of a kind and, if it goes on, waits for its end. */
  send(kind: OperationKind, id: string): Promise<{ first: Reply; last: Reply | undefined }>
}

async function ordersOf(
  { call, find, running }: TestKontor,
  provider: string,
  mode: 'sync' | 'async',
): Promise<Orders> {
  const small = await find(provider, 'db', 'small')
  const large = await find(provider, 'db', 'large')
  const ai = mode === 'async' ? '&accepts_incomplete=true' : ''
  const planNow = async (id: string): Promise<string> => {
    const row = await running.runtime.db
      .selectFrom('instances')
      .select('plan_id')
      .where('instance_id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return row?.plan_id ?? small.plan_id
  }
  return {
    async send(kind, id) {
      const instance = `/v2/service_instances/${id}`
      const path =
        kind === 'bind' || kind === 'unbind' ? `${instance}/service_bindings/${id}-b` : instance
      const query = async () => `?service_id=${small.service_id}&plan_id=${await planNow(id)}${ai}`
      const first =
        kind === 'provision'
          ? await call('PUT', `${path}?${ai}`, { ...small, ...here })
          : kind === 'bind'
            ? await call('PUT', `${path}?${ai}`, small)
            : kind === 'update'
              ? await call('PATCH', `${path}?${ai}`, {
                  service_id: small.service_id,
                  plan_id: large.plan_id,
                })
              : await call('DELETE', `${path}${await query()}`)
      return {
        first,
        last: first.status === 202 ? await finished(call, path, first.body.operation) : undefined,
      }
    },
  }
}

const before: Record<OperationKind, readonly OperationKind[]> = {
  provision: [],
  update: ['provision'],
  deprovision: ['provision'],
  bind: ['provision'],
  unbind: ['provision', 'bind'],
}

async function strikeOnce(
  t: Test,
  {
    provider,
    orders,
    kind,
    id,
    faults,
    expected,
  }: {
    provider: TestProvider
    orders: Orders
    kind: OperationKind
    id: string
    faults: Fault[]
    expected: Expected
  },
) {
  const { simulator } = provider
  for (const earlier of before[kind]) await mustWork(t, orders, earlier, id)
  const deletesBefore = simulator.state().requests['deprovision'] ?? 0

  for (const fault of faults) simulator.faults.add(fault)
  const { first, last } = await orders.send(kind, id)
  const rows = await settled(kontor, id)
  simulator.faults.clear()

  t.equal(first.status, expected.status, first.text)
  t.equal(first.body?.error, expected.error, 'the word of the error')
  if (expected.retryAfter !== undefined) t.equal(first.headers['retry-after'], expected.retryAfter)
  if (first.status >= 400) t.match(first.body.description, /\S{2}/, 'a sentence says what happened')
  if (first.status === 202)
    t.match(last, { status: 200, body: { state: expected.inForce ? 'succeeded' : 'failed' } })
  if (first.status === 202 && !expected.inForce)
    t.match(last?.body.description, /\S{2}/, 'a sentence says why it failed')

  agree(t, rows, simulator)
  t.equal(
    await isInForce(kind, id),
    expected.inForce,
    expected.inForce ? 'it is in force' : 'it is not in force',
  )
  if (kind === 'update')
    t.equal(
      simulator.state().requests['deprovision'] ?? 0,
      deletesBefore,
      'an update never leads to a delete',
    )

  await goOn(t, orders, kind, id, expected)
  const end = await settled(kontor, id)
  t.strictSame(end.instances, [], 'nothing of it is left here')
  t.strictSame(simulator.state().instances, [], 'nothing of it is left at the provider')
}

async function isInForce(kind: OperationKind, id: string): Promise<boolean> {
  const { instances, bindings } = await readRows(kontor, id)
  const isReady = ({ state }: { state: string }) => state === 'ready'
  switch (kind) {
    case 'provision':
      return instances.some(isReady)
    case 'deprovision':
      return instances.length === 0
    case 'bind':
      return bindings.some(isReady)
    case 'unbind':
      return bindings.length === 0
    case 'update':
      return instances.some(({ upstream_plan_id: plan }) => plan.endsWith('large'))
    default:
      return kind satisfies never
  }
}

// The next order of the same kind works, and then everything can be deleted.
async function goOn(
  t: Test,
  orders: Orders,
  kind: OperationKind,
  id: string,
  { inForce }: Expected,
): Promise<void> {
  if (kind === 'provision') {
    // A platform that got 202 knows the instance and deletes it first.
    if (!inForce && (await readRows(kontor, id)).instances.length > 0)
      await mustWork(t, orders, 'deprovision', id)
    if (!inForce) await mustWork(t, orders, 'provision', id)
  } else if (kind === 'bind' && !inForce) {
    if ((await readRows(kontor, id)).bindings.length > 0) await mustWork(t, orders, 'unbind', id)
    await mustWork(t, orders, 'bind', id)
  } else if (!inForce) {
    await mustWork(t, orders, kind, id)
  }
  if (kind === 'deprovision') return
  if (kind === 'bind') await mustWork(t, orders, 'unbind', id)
  await mustWork(t, orders, 'deprovision', id)
}

async function mustWork(t: Test, orders: Orders, kind: OperationKind, id: string): Promise<void> {
  const { first, last } = await orders.send(kind, id)
  t.ok(
    first.status < 300 &&
      (last === undefined || last.body.state === 'succeeded' || last.status === 410),
    `${kind} works: ${first.text} ${last?.text ?? ''}`,
  )
}
