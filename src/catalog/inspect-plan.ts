import { describeError, validatorOf } from '../schemas.ts'
import { validateId, validateValue } from '../storable.ts'
import type { CatalogFinding, Plan, PlanSchemas } from '../types.gen.ts'
import { fitSchemas } from './cloud-foundry/fit-plan.ts'
import { quoted } from './inspection/quoted.ts'
import { idAndNameOf, storable, type Inspection } from './inspection.ts'
import { validateLength, withShortDescription } from './lengths.ts'
import { planFaults } from './listing/find-faults.ts'
import { checkPlanSchemas } from './plan-schemas.ts'

interface OfOffering {
  readonly id: string
  readonly name: string
}

/**
 * The plans of an offering that can be published. A faulty plan is withheld, and a faulty parameter
 * schema dropped, with a finding for each.
 * @param plans   their shape is not checked yet
 * @param path    JSON pointer to the offering
 */
export function inspectPlans(
  offering: OfOffering,
  plans: readonly unknown[],
  path: string,
  inspection: Inspection,
): Plan[] {
  const names = new Set<string>()
  return plans.flatMap((given, index) => {
    const at = `${path}/plans/${index}`
    const problems: CatalogFinding[] = []
    const part = withGoodSchemas(given, at, problems)
    const problem = problemOf(part, names, inspection)
    if (problem !== undefined) {
      inspection.findings.push(withheld(offering, part, at, problem))
      return []
    }
    // problemOf has checked the shape.
    const plan = part as Plan
    names.add(plan.name)
    inspection.planIds.add(plan.id)
    inspection.findings.push(...problems, ...planFaults(plan, at))
    return [withShortTexts(plan, at, inspection.findings)]
  })
}

function withheld(
  offering: OfOffering,
  plan: unknown,
  path: string,
  problem: string,
): CatalogFinding {
  const { id, name } = idAndNameOf(plan)
  const subject = name === undefined ? 'A plan' : `Plan ${quoted(name)}`
  return {
    path,
    problem: storable(`${subject} of ${quoted(offering.name)}: ${problem}`),
    effect: 'plan_withheld',
    offeringId: offering.id,
    ...(id === undefined ? {} : { planId: id }),
  }
}

function withGoodSchemas(plan: unknown, path: string, findings: CatalogFinding[]): unknown {
  if (plan === null || typeof plan !== 'object' || !('schemas' in plan)) return plan
  const { schemas, problems } = checkPlanSchemas(plan.schemas)
  for (const { location, problem, effect } of problems)
    findings.push({ path: `${path}/schemas${location}`, problem: storable(problem), effect })
  findings.push(...unfitFor(schemas, path, findings))
  const { schemas: _given, ...rest } = plan
  return schemas === undefined ? rest : { ...rest, schemas }
}

function unfitFor(
  schemas: PlanSchemas | undefined,
  path: string,
  noted: readonly CatalogFinding[],
): CatalogFinding[] {
  const { unfit } = fitSchemas({ ...schemas })
  return unfit
    .map(({ location, problem }): CatalogFinding => ({
      path: `${path}/schemas${location}`,
      problem: storable(
        'Platforms of Cloud Foundry get the plan without this schema, because it cannot be ' +
          `rewritten to draft-04 or draft-06, the latest that they take: ${problem}.`,
      ),
      effect: 'note',
    }))
    .filter(({ path: at }) => noted.every((finding) => finding.path !== at))
}

/** Why a plan cannot be published; a row that the database refuses would lose the whole catalog. */
function problemOf(
  plan: unknown,
  names: ReadonlySet<string>,
  { planIds }: Inspection,
): string | undefined {
  const validate = validatorOf('plan')
  if (!validate(plan)) return `${describeError(validate.errors?.[0], 'the plan')}.`
  const { id, name } = plan
  const unstorable = validateValue(plan, 'the plan') ?? validateId(id, 'id')
  if (unstorable !== undefined) return unstorable
  if (planIds.has(id)) return `the plan id ${quoted(id)} is used twice.`
  if (names.has(name)) return `the plan name ${quoted(name)} is used twice.`
  return validateLength(name, 'the name of a plan')
}

function withShortTexts(plan: Plan, path: string, findings: CatalogFinding[]): Plan {
  const { maintenance_info: maintenance } = plan
  return {
    ...withShortDescription(plan, path, findings),
    ...(maintenance === undefined
      ? {}
      : {
          maintenance_info: withShortDescription(maintenance, `${path}/maintenance_info`, findings),
        }),
  }
}
