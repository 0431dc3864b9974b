// Whether a catalog that was read may replace the published one, or withdraws so much that it looks
// like a fault of the provider.

/** A plan as its provider names it, in the catalog that is published or in one that was read. */
export interface NamedPlan {
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
  /** Names as published: that of the offering begins with the provider's name. */
  readonly offering: string
  readonly plan: string
}

export interface CountedPlan extends NamedPlan {
  /** How many instances have it that are not deleted. */
  readonly liveInstances: number
}

/** A plan with live instances that the catalog no longer holds. */
export interface LostPlan {
  readonly offering: string
  readonly plan: string
  readonly liveInstances: number
}

/** A plan that came back under other ids: how an operator sees what became of it. */
export interface ChangedIds {
  readonly offering: string
  readonly plan: string
  readonly from: PlanIds
  readonly to: PlanIds
}

/** The ids that a provider gives a plan and its offering. */
export interface PlanIds {
  readonly serviceId: string
  readonly planId: string
}

export interface Doubt {
  /**
   * - `empty`: it publishes nothing, though something is published
   * - `ids_changed`: no published plan is left, but plans of the same names are there
   * - `plans_lost`: plans with live instances are gone
   */
  readonly reason: 'empty' | 'ids_changed' | 'plans_lost'
  readonly lost: readonly LostPlan[]
  /** All published plans that are gone, used or not. */
  readonly gone: readonly NamedPlan[]
  readonly changedIds: readonly ChangedIds[]
}

/** The provider's ids of parts that it sent and Kontor withholds, each with a finding. */
export interface WithheldIds {
  readonly offerings: ReadonlySet<string>
  readonly plans: ReadonlySet<string>
}

/**
 * Compares a catalog that was read with what is published of the same provider. What Kontor itself
 * withholds is not lost: its finding says why, and the rest of the catalog is published.
 * @returns why it must not be published without an operator, or undefined when it may
 */
export function judgeCatalog(
  published: readonly CountedPlan[],
  read: readonly NamedPlan[],
  withheld: WithheldIds,
): Doubt | undefined {
  const present = new Set(read.map(idsKey))
  const gone = published.filter((plan) => !present.has(idsKey(plan)))
  if (gone.length === 0) return undefined
  const isWithheld = ({ upstreamServiceId, upstreamPlanId }: NamedPlan) =>
    withheld.offerings.has(upstreamServiceId) || withheld.plans.has(upstreamPlanId)
  const lost = gone
    .filter((plan) => !isWithheld(plan))
    .filter(({ liveInstances }) => liveInstances > 0)
    .map(({ offering, plan, liveInstances }) => ({ offering, plan, liveInstances }))
  if (read.length === 0) return { reason: 'empty', lost, gone, changedIds: [] }
  const changedIds = findChangedIds(gone, published, read)
  if (gone.length === published.length && changedIds.length > 0)
    return { reason: 'ids_changed', lost, gone, changedIds }
  return lost.length > 0 ? { reason: 'plans_lost', lost, gone, changedIds } : undefined
}

/** Plans that are gone by their ids and new by their ids, but have the same names. */
function findChangedIds(
  gone: readonly NamedPlan[],
  published: readonly NamedPlan[],
  read: readonly NamedPlan[],
): ChangedIds[] {
  const known = new Set(published.map(idsKey))
  const added = new Map(
    read.filter((plan) => !known.has(idsKey(plan))).map((plan) => [namesKey(plan), plan]),
  )
  return gone.flatMap((before) => {
    const after = added.get(namesKey(before))
    if (after === undefined) return []
    const { offering, plan } = before
    return [{ offering, plan, from: idsOf(before), to: idsOf(after) }]
  })
}

const idsOf = ({ upstreamServiceId, upstreamPlanId }: NamedPlan): PlanIds => ({
  serviceId: upstreamServiceId,
  planId: upstreamPlanId,
})

const idsKey = ({ upstreamServiceId, upstreamPlanId }: NamedPlan): string =>
  JSON.stringify([upstreamServiceId, upstreamPlanId])

const namesKey = ({ offering, plan }: NamedPlan): string => JSON.stringify([offering, plan])
