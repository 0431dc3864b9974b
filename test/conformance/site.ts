// A provider for one test: orders of each kind through the whole Kontor, the provider's requests,
// and the rows once all work is done.
import type { FaultAction, OperationKind, RequestRecord } from '../../tools/simulator/types.ts'
import { readRows, settled, type Rows } from '../faults/invariants.ts'
import {
  finished,
  here,
  type ProviderOptions,
  type Reply,
  type TestKontor,
  type TestProvider,
} from '../support/kontor.ts'

export interface Site extends TestProvider {
  readonly name: string
  readonly small: Ids
  readonly large: Ids
  /** Sends an order and waits for its end; `more` goes into the body. */
  order(kind: OperationKind, more?: Record<string, unknown>): Promise<OrderOutcome>
  /** Creates what an order of this kind requires. */
  prepare(kind: OperationKind): Promise<void>
  /** Injects a fault into the next request of this kind. */
  strike(kind: OperationKind, action: FaultAction, when?: 'before' | 'after'): void
  /** The provider's requests of one method, oldest first, of bindings or instances or both. */
  requests(method: string, what?: 'instance' | 'binding'): RequestRecord[]
  /** Kontor's rows once all work is done. */
  settle(): Promise<Rows>
  rows(): Promise<Rows>
}

export interface OrderOutcome {
  readonly first: Reply
  /** The final last_operation, after a 202. */
  readonly last: Reply | undefined
}

interface Ids {
  readonly service_id: string
  readonly plan_id: string
}

const modes = {
  sync: { '*': { mode: 'sync' } },
  async: { '*': { mode: 'async', asyncBinding: true } },
} as const

/** @param mode  of the provider; orders carry accepts_incomplete in `async` only */
export async function openSite(
  kontor: TestKontor,
  name: string,
  mode: 'sync' | 'async',
  options: ProviderOptions = {},
): Promise<Site> {
  const provider = await kontor.addProvider(name, { behaviours: { ...modes[mode] }, ...options })
  const [small, large] = await Promise.all([
    kontor.find(name, 'db', 'small'),
    kontor.find(name, 'db', 'large'),
  ])
  const { call } = kontor
  const { simulator } = provider
  const paths = pathsOf(name)

  const send = async (kind: OperationKind, more: Record<string, unknown>): Promise<Reply> => {
    const incomplete = mode === 'async' ? '&accepts_incomplete=true' : ''
    const { instances } = await readRows(kontor, name)
    const plan = instances[0]?.upstream_plan_id.endsWith('large') === true ? large : small
    const ids = `?service_id=${plan.service_id}&plan_id=${plan.plan_id}${incomplete}`
    switch (kind) {
      case 'provision':
        return call('PUT', `${paths.instance}?${incomplete}`, { ...small, ...here, ...more })
      case 'update':
        return call('PATCH', `${paths.instance}?${incomplete}`, { ...large, ...more })
      case 'bind':
        return call('PUT', `${paths.binding}?${incomplete}`, { ...plan, ...more })
      case 'deprovision':
        return call('DELETE', paths.instance + ids)
      case 'unbind':
        return call('DELETE', paths.binding + ids)
      default:
        return kind satisfies never
    }
  }

  const order: Site['order'] = async (kind, more = {}) => {
    const first = await send(kind, more)
    const path = ofBinding(kind) ? paths.binding : paths.instance
    return {
      first,
      last: first.status === 202 ? await finished(call, path, first.body.operation) : undefined,
    }
  }

  return {
    ...provider,
    name,
    small,
    large,
    order,
    async prepare(kind) {
      for (const earlier of before[kind]) {
        const { first, last } = await order(earlier)
        if (first.status >= 300 || last?.body.state === 'failed')
          throw new Error(`${earlier} failed: ${first.text}`)
      }
    },
    strike(kind, action, when = 'before') {
      simulator.faults.add({ on: kind, when, do: action })
    },
    requests: (method, what) =>
      simulator
        .state()
        .lastRequests.filter(
          (request) => request.method === method && (what === undefined || isOf(request) === what),
        ),
    settle: () => settled(kontor, name),
    rows: () => readRows(kontor, name),
  }
}

/** The platform's paths of the instance and the binding of a site. */
export function pathsOf(name: string): { instance: string; binding: string } {
  const instance = `/v2/service_instances/${name}`
  return { instance, binding: `${instance}/service_bindings/${name}-b` }
}

const before: Record<OperationKind, readonly OperationKind[]> = {
  provision: [],
  update: ['provision'],
  deprovision: ['provision'],
  bind: ['provision'],
  unbind: ['provision', 'bind'],
}

const ofBinding = (kind: OperationKind) => kind === 'bind' || kind === 'unbind'
const isOf = ({ path }: RequestRecord) =>
  path.includes('/service_bindings/') ? 'binding' : 'instance'
