import { validateId, validateValue } from '../storable.ts'
import { describeError, validatorOf } from '../schemas.ts'
import type { CatalogFinding, Offering, Plan } from '../types.gen.ts'
import { dropCatalogNulls } from './catalog-nulls.ts'
import { inspectPlans } from './inspect-plan.ts'
import { isObject, idAndNameOf, storable, type Inspection } from './inspection.ts'
import { quoted } from './inspection/quoted.ts'
import { withVisibleTexts } from './inspection/visible-texts.ts'
import { withShortDescription } from './lengths.ts'
import { offeringFaults } from './listing/find-faults.ts'

export interface Inspected {
  readonly offerings: readonly Offering[]
  /** JSON pointers to the offerings in the provider's catalog, in the same order. */
  readonly paths: readonly string[]
  readonly findings: readonly CatalogFinding[]
}

/**
 * Separates what can be published from what cannot. A faulty part is withheld alone: an offering, a
 * plan, or a parameter schema (DEC-04, DEC-54).
 * @param maxPlans  of one offering
 */
export function inspectCatalog(received: readonly unknown[], maxPlans: number): Inspected {
  const { services, finding } = dropCatalogNulls(received)
  const inspection: Inspection = {
    offeringIds: new Set(),
    offeringNames: new Set(),
    planIds: new Set(),
    findings: finding === undefined ? [] : [finding],
  }
  const offerings: Offering[] = []
  const paths: string[] = []
  for (const [index, service] of services.entries()) {
    const path = `/services/${index}`
    const offering = inspectOffering(service, path, maxPlans, inspection)
    if (offering === undefined) continue
    offerings.push(offering)
    paths.push(path)
  }
  return { offerings, paths, findings: inspection.findings }
}

/** @returns undefined when the offering is withheld */
function inspectOffering(
  service: unknown,
  path: string,
  maxPlans: number,
  inspection: Inspection,
): Offering | undefined {
  const problem =
    countProblem(service, maxPlans) ??
    shapeProblem(service) ??
    storageProblem(service as Offering) ??
    identityProblem(service as Offering, inspection)
  if (problem !== undefined) return withhold(service, path, problem, inspection)
  // shapeProblem has checked all but the plans.
  const { plans, ...rest } = service as Offering
  const [first, ...others] = inspectPlans(rest, plans, path, inspection)
  if (first === undefined)
    return withhold(service, path, 'none of its plans can be published.', inspection)
  inspection.offeringIds.add(rest.id)
  inspection.offeringNames.add(rest.name)
  const { findings } = inspection
  const offering = { ...withShortDescription(rest, path, findings), plans: [first, ...others] }
  // With the types of the parts, which the checks above have established.
  const visible = withVisibleTexts(offering as Offering, path, findings)
  findings.push(...offeringFaults(visible, path))
  return visible
}

function withhold(
  service: unknown,
  path: string,
  problem: string,
  { findings }: Inspection,
): undefined {
  const { id, name } = idAndNameOf(service)
  findings.push({
    path,
    problem: storable(`${name === undefined ? '' : `${quoted(name)}: `}${problem}`),
    effect: 'offering_withheld',
    ...(id === undefined ? {} : { offeringId: id }),
  })
}

// Checked first: to inspect ten thousand plans takes long.
function countProblem(service: unknown, maxPlans: number): string | undefined {
  const plans = isObject(service) ? service['plans'] : undefined
  return Array.isArray(plans) && plans.length > maxPlans
    ? `it has ${plans.length} plans; at most ${maxPlans} are allowed.`
    : undefined
}

// Stands for the plans, which are inspected one by one.
const anyPlan: Plan = { id: 'any', name: 'any', description: 'any' }

function shapeProblem(service: unknown): string | undefined {
  const hasPlans =
    isObject(service) && Array.isArray(service['plans']) && service['plans'].length > 0
  const validate = validatorOf('offering')
  return validate(hasPlans ? { ...service, plans: [anyPlan] } : service)
    ? undefined
    : `${describeError(validate.errors?.[0], 'the offering')}.`
}

// A row that the database refuses would prevent the whole catalog from being saved.
function storageProblem({ plans: _plans, ...rest }: Offering): string | undefined {
  return (
    validateValue(rest, 'the offering') ??
    validateId(rest.id, 'id') ??
    validateId(rest.name, 'name')
  )
}

function identityProblem(
  { id, name }: Offering,
  { offeringIds, offeringNames }: Inspection,
): string | undefined {
  if (offeringIds.has(id)) return `the id ${quoted(id)} is used by an earlier offering.`
  return offeringNames.has(name)
    ? `the name ${quoted(name)} is used by an earlier offering.`
    : undefined
}
