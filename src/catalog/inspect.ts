import { validateId, validateValue } from '../storable.ts'
import { describeError, validatorOf } from '../schemas.ts'
import type { CatalogFinding, Offering, Plan } from '../types.gen.ts'
import { dropCatalogNulls } from './catalog-nulls.ts'
import { validateLength, withShortTexts } from './lengths.ts'
import { checkPlanSchemas } from './plan-schemas.ts'

export interface Inspected {
  readonly offerings: readonly Offering[]
  readonly findings: readonly CatalogFinding[]
}

/**
 * Separates what can be published from what cannot. A faulty offering is withheld and a faulty
 * parameter schema dropped; the rest of the catalog stays (DEC-04).
 */
export function inspectCatalog(received: readonly unknown[]): Inspected {
  const { services, finding } = dropCatalogNulls(received)
  const findings: CatalogFinding[] = finding === undefined ? [] : [finding]
  const offerings: Offering[] = []
  const seen: Seen = { offeringIds: new Set(), planIds: new Set(), names: new Set() }
  for (const [index, service] of services.entries()) {
    const path = `/services/${index}`
    const problem =
      shapeProblem(service) ??
      storageProblem(service as Offering) ??
      identityProblem(service as Offering, seen)
    if (problem !== undefined) {
      findings.push({
        path,
        problem: storable(`${nameOf(service)}${problem}`),
        effect: 'offering_withheld',
      })
      continue
    }
    // shapeProblem has checked the shape.
    const offering = withShortTexts(service as Offering, path, findings)
    remember(offering, seen)
    offerings.push({
      ...offering,
      plans: offering.plans.map((plan, at) =>
        withGoodSchemas(plan, `${path}/plans/${at}`, findings),
      ) as Offering['plans'],
    })
  }
  return { offerings, findings }
}

interface Seen {
  readonly offeringIds: Set<string>
  readonly planIds: Set<string>
  readonly names: Set<string>
}

function shapeProblem(service: unknown): string | undefined {
  const validate = validatorOf('offering')
  return validate(service) ? undefined : `${describeError(validate.errors?.[0], 'the offering')}.`
}

// A row that the database refuses would prevent the whole catalog from being saved.
function storageProblem(offering: Offering): string | undefined {
  return (
    validateValue(offering, 'the offering') ??
    validateId(offering.id, 'id') ??
    validateId(offering.name, 'name') ??
    offering.plans
      .map((plan, at) => validateId(plan.id, `plans.${at}.id`))
      .find((validationError) => validationError !== undefined)
  )
}

// Ids are unique over the catalog, plan ids too; names over the catalog, plan names within their
// offering.
function identityProblem(offering: Offering, seen: Seen): string | undefined {
  if (seen.offeringIds.has(offering.id))
    return `the id "${offering.id}" is used by an earlier offering.`
  if (seen.names.has(offering.name))
    return `the name "${offering.name}" is used by an earlier offering.`
  const ids = new Set<string>()
  const names = new Set<string>()
  for (const plan of offering.plans) {
    if (seen.planIds.has(plan.id) || ids.has(plan.id))
      return `the plan id "${plan.id}" is used twice.`
    if (names.has(plan.name)) return `the plan name "${plan.name}" is used twice.`
    const validationError = validateLength(plan.name, 'the name of a plan')
    if (validationError !== undefined) return validationError
    ids.add(plan.id)
    names.add(plan.name)
  }
  return undefined
}

function remember(offering: Offering, seen: Seen): void {
  seen.offeringIds.add(offering.id)
  seen.names.add(offering.name)
  for (const plan of offering.plans) seen.planIds.add(plan.id)
}

function withGoodSchemas(plan: Plan, path: string, findings: CatalogFinding[]): Plan {
  if (plan.schemas === undefined) return plan
  const { schemas, problems } = checkPlanSchemas(plan.schemas)
  for (const { location, problem, effect } of problems)
    findings.push({ path: `${path}/schemas/${location}`, problem, effect })
  return { ...plan, schemas }
}

function nameOf(service: unknown): string {
  const name =
    service !== null && typeof service === 'object' && 'name' in service ? service.name : undefined
  return typeof name === 'string' && name !== '' ? `"${name.slice(0, 100)}": ` : ''
}

// A finding about text that cannot be stored must itself be stored.
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}
