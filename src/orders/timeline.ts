import { listPastOperations } from '../operations/history/read.ts'
import type { Durations } from '../operations/durations/durations.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { OrderTimeline, OrderTimelineEntry } from '../types.gen.ts'
import type { OrdersDeps } from './deps.ts'
import type { OrderEvent } from './events/event.ts'
import { listEvents } from './events/store.ts'
import { entriesOf, expectedEnd, inOrder, maxOperations } from './operation-entries.ts'
import { progressOf } from './progress.ts'
import { requireStanding } from './read.ts'
import { personOf } from './view.ts'

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
    entries: inOrder(entries),
  }
}

/** What was done with an order. */
export function entryOf(
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
