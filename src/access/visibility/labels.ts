// A label is a property of a plan in its catalog that rules can match. `tag` stands for the
// offering's tags. Any other name is a path into `metadata` of the plan or of its offering, its
// steps joined by dots: `dvc.category`, `dvc.eligibleLevels`, `kontor.provider`. A list has several
// values; only strings, numbers and booleans are values.
import type { CatalogPlan } from '../../catalog/snapshot.ts'

const maxSteps = 8
const maxValues = 1_000

/** Whether a plan has this label; undefined when what would say so is too large to be read. */
export function hasLabel(
  plan: CatalogPlan,
  { name, value }: { readonly name: string; readonly value: string },
): boolean | undefined {
  if (labelsOf(plan, name).includes(value)) return true
  const { omitted } = plan.offering
  const isUnknown =
    name === 'tag'
      ? omitted.includes('tags')
      : omitted.includes('metadata') || plan.omitted.includes('metadata')
  return isUnknown ? undefined : false
}

/** The values of a plan's label. */
function labelsOf(plan: CatalogPlan, name: string): string[] {
  if (name === 'tag') return textsOf(plan.offering.body['tags'])
  const steps = name.split('.').slice(0, maxSteps)
  return [plan.body, plan.offering.body].flatMap((body) =>
    textsOf(steps.reduce(stepInto, body['metadata'])),
  )
}

function stepInto(value: unknown, step: string): unknown {
  if (
    value === null ||
    typeof value !== 'object' ||
    Array.isArray(value) ||
    !Object.hasOwn(value, step)
  )
    return undefined
  return (value as Readonly<Record<string, unknown>>)[step]
}

function textsOf(value: unknown): string[] {
  const all: unknown[] = Array.isArray(value) ? value.slice(0, maxValues) : [value]
  return all.flatMap((each) =>
    typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
      ? [String(each)]
      : [],
  )
}
