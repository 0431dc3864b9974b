import type { ListingDeps } from '../instances/listing/deps.ts'
import { describeInstance } from '../instances/listing/read.ts'
import { listPastOperations } from '../operations/history/read.ts'
import { isFinished } from '../operations/states.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { InstanceTimeline, InstanceView } from '../types.gen.ts'
import { listEvents } from './events/store.ts'
import { entriesOf, expectedEnd, inOrder, maxOperations } from './operation-entries.ts'
import { findNumberOf, findStanding, type StandingOrder } from './reading/store.ts'
import { entryOf, type TimelineDeps } from './timeline.ts'

export type InstanceTimelineDeps = TimelineDeps & ListingDeps

/**
 * Who did what with an instance and what became of it, oldest first, whatever platform ordered it:
 * its operations and those of its bindings, and what was done with its order if people ordered it
 * here and the reader may see that order. Also of one that is deleted.
 * @param id  Kontor's
 * @throws BrokerError `not_found`, also for one outside the scope
 */
export async function instanceTimeline(
  deps: InstanceTimelineDeps,
  scope: AccessScope,
  id: string,
): Promise<InstanceTimeline> {
  return timelineOf(deps, scope, await describeInstance(deps, scope, id))
}

/**
 * The same.
 * @param view  as `describeInstance` has returned it for the scope
 */
export async function timelineOf(
  deps: InstanceTimelineDeps,
  scope: AccessScope,
  view: InstanceView,
): Promise<InstanceTimeline> {
  const { db, people } = deps
  const key = { platformId: view.platform.id, instanceId: view.instanceId, instanceKey: view.id }
  const [order, operations] = await Promise.all([
    orderOf(deps, scope, view),
    listPastOperations(db, key, maxOperations),
  ])
  const events = order === undefined ? [] : await listEvents(db, order.id)
  const by = view.platformKind === ownKind ? {} : { platform: view.platform.name }
  const entries = [
    ...events.map((event) => entryOf(people, event)),
    ...operations.flatMap((operation) => entriesOf(operation, by)),
  ]
  return {
    id: view.id,
    instanceId: view.instanceId,
    platform: view.platform,
    order: order?.number ?? null,
    isUnderWay: operations.some(({ state }) => !isFinished(state)),
    expectedEnd: expectedEnd(deps, operations)?.toISOString() ?? null,
    entries: inOrder(entries),
  }
}

// The kind of platform through which people order in the console.
const ownKind: string = 'console'

/** The order of an instance, if the reader sees it: an instance of a platform has none. */
async function orderOf(
  { db }: Pick<TimelineDeps, 'db'>,
  scope: AccessScope,
  { platformKind, organisation, instanceId }: InstanceView,
): Promise<StandingOrder | undefined> {
  if (platformKind !== ownKind || organisation === null) return undefined
  const number = await findNumberOf(db, organisation.id, instanceId)
  return number === undefined ? undefined : findStanding(db, scope, number)
}
