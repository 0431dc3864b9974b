import { readPlanListing } from '../catalog/listing/read-listing.ts'
import type { CatalogPlan as CatalogPlanView } from '../types.gen.ts'
import type { Measured } from './measured/measure.ts'
import type { ShownOffering, ShownPlan } from './shown.ts'

const maxBullets = 20

/** A plan as the page of its offering and comparisons show it. */
export function planView(
  entry: ShownPlan,
  { offering }: ShownOffering,
  { delivery, usedBy }: Measured,
): CatalogPlanView {
  const { plan } = entry
  const { fields } = readPlanListing(plan.body['metadata'])
  const { bullets } = (plan.body['metadata'] ?? {}) as { readonly bullets?: unknown }
  return {
    id: plan.id,
    name: plan.name,
    displayName: entry.displayName,
    description: entry.description,
    bullets: Array.isArray(bullets)
      ? bullets
          .filter((each) => typeof each === 'string')
          .slice(0, maxBullets)
          .map((each) => each.slice(0, 255))
      : [],
    order: entry.order,
    price: entry.price,
    fulfilment: entry.fulfilment,
    expectedHours: fields.fulfilment?.expectedHours ?? null,
    approval: fields.approval ?? null,
    extraChecks: [...(fields.extraChecks ?? [])],
    state: entry.state,
    endOfSale: fields.lifecycle?.endOfSale ?? null,
    endOfLife: fields.lifecycle?.endOfLife ?? null,
    updateable: plan.updateable && offering.plans.length > 1,
    bindable: plan.bindable,
    rotatable: plan.rotatable,
    maintenanceVersion: plan.maintenanceVersion ?? null,
    delivery,
    usedBy: [...usedBy],
  }
}
