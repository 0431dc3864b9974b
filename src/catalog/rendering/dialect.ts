import { planForCloudFoundry } from '../cloud-foundry/fit-plan.ts'
import type { CatalogPlan } from '../snapshot.ts'

/** How plans are written for a kind of platform. */
export interface Dialect {
  readonly name: string
  /** The JSON text of a plan, always the same for the same object. */
  planText(plan: CatalogPlan): Buffer
}

/** As the provider writes them. */
export const standard: Dialect = { name: 'standard', planText: ({ text }) => text }

const textsForCloudFoundry = new WeakMap<CatalogPlan, Buffer>()

/** Cloud Foundry refuses a catalog for one parameter schema of a later draft. */
const cloudFoundry: Dialect = {
  name: 'cloudfoundry',
  planText(plan) {
    const known = textsForCloudFoundry.get(plan)
    if (known !== undefined) return known
    const { body } = plan
    const fit = planForCloudFoundry(body)
    const text = fit === body ? plan.text : Buffer.from(JSON.stringify(fit))
    textsForCloudFoundry.set(plan, text)
    return text
  },
}

/** The dialect of a kind of platform. */
export function dialectOf(kind: string | undefined): Dialect {
  return kind === 'cloudfoundry' ? cloudFoundry : standard
}
