// The statements of an order as Kontor sends them, with gaps for what differs from order to order.
import { watchStatements, type Statement } from '../../test/support/plans/watch-statements.ts'
import type { Target } from '../load.ts'
import { untilPublished } from '../register.ts'
import type { Stage } from '../stage.ts'
import { ask } from '../verify.ts'

/**
 * What a statement gets: always the same text or bytes, the time, an id of this order (one for each
 * name, made like the first one), or a part of the path.
 */
export type Value =
  | string
  | null
  | { readonly base64: string }
  | { readonly is: 'now' }
  | { readonly is: 'id'; readonly name: string; readonly version: string }
  | { readonly is: 'instanceId' | 'bindingId' | 'instanceKey' | 'version' }

export interface OrderStatement {
  readonly text: string
  readonly values: readonly Value[]
}

export interface OrderStatements {
  readonly provision: readonly OrderStatement[]
  readonly bind: readonly OrderStatement[]
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
const time = /^\d{4}-\d{2}-\d{2}T/

/**
 * Places orders with a Kontor of its own and looks at what it sends for them.
 * @param provision  orders of instances; `bind` of bindings of the instance with the given path
 */
export async function watchOrders(
  stage: Stage,
  provision: Target,
  bind: (instancePath: string) => Target,
): Promise<OrderStatements> {
  const closers: Array<() => unknown> = []
  try {
    const t = { teardown: (close: () => unknown) => void closers.unshift(close) }
    const way = await watchStatements(t, stage.databaseUrl)
    const kontor = await stage.startAnother(way.url)
    t.teardown(() => kontor.stop())
    await untilPublished(kontor.url, stage.headers)
    const send = async (target: Target) => {
      const path = target.path()
      way.take()
      await ask({ ...target, url: kontor.url, path: () => path })
      return { path, sent: way.take() }
    }
    // The first of each is sent twice over: prepared, and then asked for again.
    const [, first, second] = [await send(provision), await send(provision), await send(provision)]
    const [keyRow] = await stage.query(
      'select id, xmin::text as version from instances where instance_id = $1',
      [idsOf(first.path).instanceId],
    )
    const binding = bind(first.path.split('?')[0] ?? '')
    const [, bound, boundAgain] = [await send(binding), await send(binding), await send(binding)]
    const known = { instanceKey: String(keyRow?.['id']), version: String(keyRow?.['version']) }
    return {
      provision: gapsBetween(first, second, { instanceKey: known.instanceKey }),
      bind: gapsBetween(bound, boundAgain, known),
    }
  } finally {
    for (const close of closers) await close()
  }
}

interface Order {
  readonly path: string
  readonly sent: readonly Statement[]
}

/** @param known  values of the instance that the order makes, or that both orders are for */
function gapsBetween(
  one: Order,
  other: Order,
  known: { readonly instanceKey?: string; readonly version?: string },
): OrderStatement[] {
  const [own, others] = [statementsOf(one, other), statementsOf(other, one)]
  if (own.map(({ text }) => text).join() !== others.map(({ text }) => text).join())
    throw new Error('Two orders sent different statements.')
  const named: Readonly<Record<string, string | undefined>> = { ...idsOf(one.path), ...known }
  return own.map(({ text, values }, at) => ({
    text,
    values: values.map((value, index) => {
      const name = Object.keys(named).find((each) => named[each] === value)
      if (name !== undefined) return { is: name } as Value
      if (value === null) return null
      if (typeof value !== 'string') return { base64: value.toString('base64') }
      if (value === others[at]?.values[index]) return value
      const version = uuid.exec(value)?.[1]
      if (version !== undefined) return { is: 'id', name: value, version }
      return time.test(value) ? { is: 'now' } : value
    }),
  }))
}

/** Those of the order, without those of timers: they name its ids. */
function statementsOf({ path, sent }: Order, other: Order): Statement[] {
  const foreign = new Set(other.sent.flatMap(({ values }) => values))
  const ids = new Set<unknown>(Object.values(idsOf(path)))
  const isOurs = ({ values }: Statement) => values.some((value) => ids.has(value))
  // What the intent names, the settlement names too.
  for (const { values } of sent.filter(isOurs))
    for (const value of values)
      if (typeof value === 'string' && uuid.test(value) && !foreign.has(value)) ids.add(value)
  return sent.filter(isOurs)
}

export function idsOf(path: string): { instanceId: string; bindingId?: string } {
  const [, instanceId = '', bindingId] =
    /service_instances\/([^/?]*)(?:\/service_bindings\/([^?]*))?/.exec(path) ?? []
  return bindingId === undefined ? { instanceId } : { instanceId, bindingId }
}
