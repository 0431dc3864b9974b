import { readOfferingListing } from '../../catalog/listing/read-listing.ts'
import { BrokerError } from '../../errors.ts'
import type { ComparedPlan, PlanComparison } from '../../types.gen.ts'
import { attestationsOn } from '../attestations.ts'
import type { MarketplaceDeps } from '../deps.ts'
import { measure, type Measured } from '../measured/measure.ts'
import { namedOrganisation } from '../named-organisation.ts'
import { planView } from '../plan-view.ts'
import type { Reader } from '../reader.ts'
import type { Shown, ShownOffering, ShownPlan } from '../shown.ts'

export const maxCompared = 4

interface FoundPlan {
  readonly offering: ShownOffering
  readonly plan: ShownPlan
}

/**
 * Up to four plans side by side, in the given order.
 * @param planIds  published ids; a repeated one counts once
 * @throws BrokerError `not_found` for a plan that the reader may not see as for an unknown one,
 *   `invalid_request` for none or too many
 */
export async function comparePlans(
  deps: MarketplaceDeps,
  reader: Reader,
  planIds: readonly string[],
): Promise<PlanComparison> {
  const ids = [...new Set(planIds)]
  if (ids.length === 0 || ids.length > maxCompared)
    throw new BrokerError('invalid_request', `plan: name one to ${maxCompared} plans.`)
  const found = findPlans(await deps.shelf.shownTo(reader), ids)
  const measuredOf = await measure(deps, reader, ids)
  const now = deps.now()
  return {
    organisation: namedOrganisation(reader),
    comparedAt: now.toISOString(),
    // As many as there are ids, so at least one.
    plans: found.map((one) =>
      comparedPlan(one, measuredOf(one.plan.plan.id), now),
    ) as unknown as PlanComparison['plans'],
  }
}

function findPlans({ offerings }: Shown, ids: readonly string[]): FoundPlan[] {
  const wanted = new Set(ids)
  const found = new Map<string, FoundPlan>()
  for (const offering of offerings)
    for (const plan of offering.plans)
      if (wanted.has(plan.plan.id)) found.set(plan.plan.id, { offering, plan })
  return ids.map((id) => {
    const one = found.get(id)
    if (one === undefined)
      throw new BrokerError('not_found', 'There is no such plan. Name plans by their ids.')
    return one
  })
}

function comparedPlan(
  { offering: entry, plan }: FoundPlan,
  measured: Measured,
  now: Date,
): ComparedPlan {
  const { offering } = entry
  const { fields } = readOfferingListing(offering.body['metadata'])
  return {
    offering: { id: offering.id, name: offering.name, displayName: entry.displayName },
    provider: entry.provider,
    category: entry.category,
    model: entry.model,
    protection: entry.protection,
    regions: [...entry.regions],
    attestations: attestationsOn(now, fields),
    listing: fields,
    plan: planView(plan, entry, measured),
  }
}
