import { listPastOperations, type PastOperation } from '../operations/history/read.ts'
import type { Durations } from '../operations/durations/durations.ts'
import { isFinished } from '../operations/states.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { OrderTimeline, OrderTimelineEntry } from '../types.gen.ts'
import { withoutInvisible } from '../visible-text.ts'
import type { OrdersDeps } from './deps.ts'
import type { OrderEvent } from './events/event.ts'
import { listEvents } from './events/store.ts'
import { progressOf } from './progress.ts'
import { requireStanding } from './read.ts'
import { personOf } from './view.ts'

const maxOperations = 200
const maxText = 500

/** What the timeline needs besides the verbs. */
export interface TimelineDeps extends OrdersDeps {
  readonly durations: Pick<Durations, 'usual'>
}

/**
 * Who did what with an order, and what became of it, oldest first: its own history, and the
 * operations of its instance with their doubts and repetitions. A later attempt erases nothing of
 * an earlier one.
 * @throws BrokerError `not_found`
 */
export async function orderTimeline(
  deps: TimelineDeps,
  scope: AccessScope,
  number: string,
): Promise<OrderTimeline> {
  const { db, directory, people } = deps
  const order = await requireStanding(deps, scope, number)
  const platformId = directory.consoleOf(order.organisationId)?.id
  const [events, operations] = await Promise.all([
    listEvents(db, order.id),
    platformId === undefined
      ? []
      : listPastOperations(db, { platformId, instanceId: order.instanceId }, maxOperations),
  ])
  const entries = [
    ...events.map((event) => entryOf(people, event)),
    ...operations.flatMap((operation) => entriesOf(operation)),
  ]
  return {
    number: order.number,
    progress: progressOf(order.state, order.standing),
    expectedEnd: expectedEnd(deps, operations)?.toISOString() ?? null,
    // Each list is in order already, and this keeps entries of one moment as they are.
    entries: entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
  }
}

function entryOf(
  people: OrdersDeps['people'],
  { at, kind, personId, details }: OrderEvent,
): OrderTimelineEntry {
  return {
    at: at.toISOString(),
    code: kind,
    by: personId === null ? null : personOf(people, personId),
    operation: null,
    values: { ...details },
  }
}

/** Its begin, what holds it up, and its end. */
function entriesOf(operation: PastOperation): OrderTimelineEntry[] {
  const { id, kind, state, bindingId, retries, inDoubtUntil, description } = operation
  const said = description === null ? {} : { description: shownText(description) }
  const about = { kind, ...(bindingId === null ? {} : { bindingId: shownText(bindingId) }) }
  const entry = (at: Date, code: OrderTimelineEntry['code'], values = {}): OrderTimelineEntry => ({
    at: at.toISOString(),
    code,
    by: null,
    operation: id,
    values: { ...about, ...values },
  })
  const begun = entry(operation.createdAt, 'operation-begun')
  const repeated =
    retries > 0 && !isFinished(state)
      ? [entry(operation.updatedAt, 'operation-repeated', { times: retries })]
      : []
  const { updatedAt, finishedAt } = operation
  switch (state) {
    case 'succeeded':
      return [begun, entry(finishedAt ?? updatedAt, 'operation-succeeded')]
    case 'failed':
      return [begun, entry(finishedAt ?? updatedAt, 'operation-failed', said)]
    case 'parked':
      return [begun, ...repeated, entry(updatedAt, 'operation-parked', said)]
    case 'uncertain':
      return [begun, ...repeated, entry(updatedAt, 'operation-in-doubt', doubtOf(inDoubtUntil))]
    case 'compensating':
      return [begun, ...repeated, entry(updatedAt, 'operation-undone', said)]
    case 'accepted':
    case 'calling':
    case 'waiting':
      return description === null
        ? [begun, ...repeated]
        : [begun, ...repeated, entry(updatedAt, 'operation-progress', said)]
    default:
      return state satisfies never
  }
}

function doubtOf(until: Date | null): Readonly<Record<string, string>> {
  return until === null ? {} : { until: until.toISOString() }
}

/** As the operations of the plan usually take; undefined while too few are known. */
function expectedEnd(
  { durations, now }: Pick<TimelineDeps, 'durations' | 'now'>,
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

function shownText(text: string): string {
  return withoutInvisible(text).slice(0, maxText).toWellFormed()
}
