// What can be followed while it goes on: an order, and an instance.
import { createHash } from 'node:crypto'
import { describeInstance } from '../../instances/listing/read.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { InstanceTimeline, OrderTimeline } from '../../types.gen.ts'
import { instanceTimeline, type InstanceTimelineDeps } from '../instance-timeline.ts'
import { goesOn } from '../progress.ts'
import { requireStanding } from '../read.ts'
import { orderTimeline } from '../timeline.ts'
import type { Watched } from './store.ts'

export interface Followed {
  readonly watched: Watched
  /** Whether a reader with this scope may go on; asked often, so it reads nothing. */
  isWithin(scope: AccessScope): boolean
  /** @throws BrokerError `not_found` for what the scope holds no longer */
  read(scope: AccessScope): Promise<FollowedState>
}

export interface FollowedState {
  readonly timeline: OrderTimeline | InstanceTimeline
  /** Differs when the timeline says something else. */
  readonly version: string
  /** Whether something will change by itself. */
  readonly goesOn: boolean
}

/** @throws BrokerError `not_found` */
export async function followOrder(
  deps: InstanceTimelineDeps,
  scope: AccessScope,
  number: string,
): Promise<Followed> {
  const order = await requireStanding(deps, scope, number)
  const { organisationId, beneficiaryId, instanceId, id: orderId } = order
  const platformId = deps.directory.consoleOf(organisationId)?.id ?? null
  return {
    watched: { platformId, instanceId, orderId },
    isWithin: (now) =>
      now === 'all' || [organisationId, beneficiaryId].some((id) => now.organisations.includes(id)),
    async read(now) {
      const timeline = await orderTimeline(deps, now, number)
      return { timeline, version: versionOf(timeline), goesOn: goesOn(timeline.progress) }
    },
  }
}

/** @param id  Kontor's @throws BrokerError `not_found` */
export async function followInstance(
  deps: InstanceTimelineDeps,
  scope: AccessScope,
  id: string,
): Promise<Followed> {
  const { platform, instanceId, organisation, provider } = await describeInstance(deps, scope, id)
  return {
    watched: { platformId: platform.id, instanceId, orderId: null },
    isWithin: (now) =>
      now === 'all' ||
      (organisation !== null && now.organisations.includes(organisation.id)) ||
      now.providers.includes(provider.name),
    async read(now) {
      const timeline = await instanceTimeline(deps, now, id)
      return { timeline, version: versionOf(timeline), goesOn: timeline.isUnderWay }
    },
  }
}

/**
 * Of what a timeline says. Not of the times of what is still under way: each poll of the provider
 * moves them.
 */
export function versionOf(timeline: OrderTimeline | InstanceTimeline): string {
  const { entries, expectedEnd, ...rest } = timeline
  const said = entries.map(({ code, by, operation, values }) => [code, by, operation, values])
  return createHash('sha256')
    .update(JSON.stringify([rest, expectedEnd, said]))
    .digest('base64url')
    .slice(0, 16)
}
