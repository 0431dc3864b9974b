// What the operations of an instance say in a timeline, of an order or of the instance itself.
import type { PastOperation } from '../operations/history/read.ts'
import type { Durations } from '../operations/durations/durations.ts'
import { isFinished } from '../operations/states.ts'
import type { OrderTimelineEntry } from '../types.gen.ts'
import { withoutInvisible } from '../visible-text.ts'

/** How many operations a timeline shows: the newest. */
export const maxOperations = 200
const maxText = 500

/**
 * Its begin, what has held it up, how it stands, and its end.
 * @param more  values of its begin, such as the platform that ordered it
 */
export function entriesOf(
  operation: PastOperation,
  more: Readonly<Record<string, string>> = {},
): OrderTimelineEntry[] {
  const { id, kind, state, bindingId, description } = operation
  const about = { kind, ...(bindingId === null ? {} : { bindingId: shownText(bindingId) }) }
  const entry = (at: Date, code: OrderTimelineEntry['code'], values = {}): OrderTimelineEntry => ({
    at: at.toISOString(),
    code,
    by: null,
    operation: id,
    values: { ...about, ...values },
  })
  const past = operation.history.map((each) =>
    entry(new Date(each.at), codeOf[each.code], saidOf(each.description)),
  )
  const begun = [entry(operation.createdAt, 'operation-begun', more), ...past]
  const end = operation.finishedAt ?? operation.updatedAt
  switch (state) {
    case 'succeeded':
      return [...begun, entry(end, 'operation-succeeded')]
    case 'failed':
      return [...begun, entry(end, 'operation-failed', saidOf(description))]
    case 'accepted':
    case 'calling':
    case 'waiting':
    case 'uncertain':
    case 'compensating':
    case 'parked':
      return nowOf(operation).reduce(
        (entries, { code, values }) => withNow(entries, entry(operation.updatedAt, code, values)),
        begun,
      )
    default:
      return state satisfies never
  }
}

const codeOf = {
  'in-doubt': 'operation-in-doubt',
  undone: 'operation-undone',
  parked: 'operation-parked',
  repeated: 'operation-repeated',
} as const satisfies Record<string, OrderTimelineEntry['code']>

/** What the row of an operation that has not ended says of it. */
function nowOf({
  state,
  retries,
  description,
  inDoubtUntil,
}: PastOperation): ReadonlyArray<Pick<OrderTimelineEntry, 'code' | 'values'>> {
  const said = saidOf(description)
  const repeated =
    retries > 0 ? [{ code: 'operation-repeated', values: { times: retries } } as const] : []
  if (state === 'parked') return [...repeated, { code: 'operation-parked', values: said }]
  if (state === 'uncertain')
    return [...repeated, { code: 'operation-in-doubt', values: doubtOf(inDoubtUntil) }]
  if (state === 'compensating') return [...repeated, { code: 'operation-undone', values: said }]
  return description === null
    ? repeated
    : [...repeated, { code: 'operation-progress', values: said }]
}

/** What holds on is one entry, with the time when it began and the values of now. */
function withNow(
  entries: readonly OrderTimelineEntry[],
  now: OrderTimelineEntry,
): OrderTimelineEntry[] {
  const last = entries.findLastIndex(({ code }) => code === now.code)
  const { at } = entries[last] ?? now
  return [...entries.filter((_, index) => index !== last), { ...now, at }]
}

function saidOf(description: string | null | undefined): { readonly description?: string } {
  return description == null ? {} : { description: shownText(description) }
}

function doubtOf(until: Date | null): Readonly<Record<string, string>> {
  return until === null ? {} : { until: until.toISOString() }
}

/**
 * When the running operation of the instance itself ends, as those of the plan usually take;
 * undefined while too few are known.
 */
export function expectedEnd(
  { durations, now }: { readonly durations: Pick<Durations, 'usual'>; readonly now: () => Date },
  operations: readonly PastOperation[],
): Date | undefined {
  const running = operations.findLast(
    ({ state, bindingId }) => bindingId === null && !isFinished(state) && state !== 'parked',
  )
  if (running?.planId == null) return undefined
  const usual = durations.usual(running.planId, running.kind)
  const begun = running.sentAt ?? running.createdAt
  const end = usual && new Date(begun.getTime() + usual.ms)
  // One that takes longer than usual has no expected end.
  return end !== undefined && end > now() ? end : undefined
}

/** Oldest first. Each list is in order already, and entries of one moment stay as they are. */
export function inOrder(entries: readonly OrderTimelineEntry[]): OrderTimelineEntry[] {
  return entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

function shownText(text: string): string {
  return withoutInvisible(text).slice(0, maxText).toWellFormed()
}
