import type { CatalogPlan } from './snapshot.ts'

const maxNames = 5

/** Names the first of these plans, for a finding. */
export function namePlans(plans: readonly CatalogPlan[]): string {
  const names = plans
    .slice(0, maxNames)
    .map(({ name, offering }) => `"${name}" of "${offering.name}"`)
  const more = plans.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
