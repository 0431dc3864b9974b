import type { UpstreamFlags } from './published.ts'

type Body = Readonly<Record<string, unknown>>

/** The provider's plan behind a published plan. */
export interface PlanTarget {
  readonly providerId: string
  /** The provider's name for people. */
  readonly providerLabel: string
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
}

export interface CatalogOffering {
  readonly id: string
  readonly name: string
  readonly position: number
  /**
   * As it is published, without plans; parsed on each use that no other use was shortly before. Of
   * one with very many values only what orders and rules need.
   */
  readonly body: Body
  /**
   * Names of fields that `body` lacks though they are published, because they have too many values:
   * what they would forbid is unknown.
   */
  readonly omitted: readonly string[]
  /** The JSON text of `body`. */
  readonly text: Buffer
  readonly upstreamFlags: UpstreamFlags
  /** In the order of publication, withdrawn ones too. */
  readonly plans: readonly CatalogPlan[]
}

export interface CatalogPlan {
  readonly id: string
  readonly name: string
  readonly position: number
  /** As it is published; parsed as that of an offering. */
  readonly body: Body
  /** As those of an offering. */
  readonly omitted: readonly string[]
  /** The JSON text of `body`. */
  readonly text: Buffer
  readonly offering: CatalogOffering
  readonly target: PlanTarget
  /** false: withdrawn. Its instances are still served, but it cannot be ordered. */
  readonly isPublished: boolean
  readonly bindable: boolean
  readonly updateable: boolean
  readonly rotatable: boolean
  readonly contextUpdates: boolean
  readonly maintenanceVersion: string | undefined
  readonly maximumPollingSeconds: number | undefined
}

/**
 * The offerings of one provider, in the order of publication. A part never changes: a change of the
 * provider replaces it, and the parts of the others stay the same objects.
 */
export interface CatalogPart {
  readonly providerId: string
  readonly offerings: ReadonlyMap<string, CatalogOffering>
  readonly plans: ReadonlyMap<string, CatalogPlan>
  /** The plans of which, or of whose offering, something is omitted. */
  readonly incomplete: readonly CatalogPlan[]
}

/** What readers need of a map by id. */
export interface ById<Value> {
  get(id: string): Value | undefined
  /** In the order of publication. */
  values(): Iterable<Value>
}

/** The whole catalog at one moment, withdrawn plans included. */
export interface CatalogSnapshot {
  readonly revision: string
  /** In the order of publication. */
  readonly parts: readonly CatalogPart[]
  readonly offerings: ById<CatalogOffering>
  readonly plans: ById<CatalogPlan>
}

/**
 * @param parts   by provider, in the order of publication
 * @param owners  the provider of each offering and plan, by their ids
 */
export function snapshotOf(
  revision: string,
  parts: ReadonlyMap<string, CatalogPart>,
  owners: ReadonlyMap<string, string>,
): CatalogSnapshot {
  return {
    revision,
    parts: [...parts.values()],
    offerings: {
      get: (id) => parts.get(owners.get(id) ?? '')?.offerings.get(id),
      *values() {
        for (const { offerings } of parts.values()) yield* offerings.values()
      },
    },
    plans: {
      get: (id) => parts.get(owners.get(id) ?? '')?.plans.get(id),
      *values() {
        for (const { plans } of parts.values()) yield* plans.values()
      },
    },
  }
}

export function partOf(providerId: string, unsorted: Iterable<CatalogOffering>): CatalogPart {
  const offerings = [...unsorted].toSorted(byPosition)
  const plans = offerings.flatMap((offering) => offering.plans)
  return {
    providerId,
    offerings: new Map(offerings.map((offering) => [offering.id, offering])),
    plans: new Map(plans.map((plan) => [plan.id, plan])),
    incomplete: plans.filter((plan) => omittedOf(plan).length > 0),
  }
}

/** Of a plan and of its offering. */
export function omittedOf({ omitted, offering }: CatalogPlan): readonly string[] {
  return omitted.length + offering.omitted.length === 0
    ? omitted
    : [...omitted, ...offering.omitted]
}

interface Placed {
  readonly position: number
  readonly id: string
}

export function byPosition(one: Placed, other: Placed): number {
  return one.position - other.position || (one.id < other.id ? -1 : 1)
}
