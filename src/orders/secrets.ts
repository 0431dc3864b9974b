import { isDeepStrictEqual } from 'node:util'
import { withKeptSecrets, withoutSecrets } from '../forms/secrets.ts'
import { startWork, type Schema } from '../forms/json-schema.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { PlanSchemas } from '../types.gen.ts'
import type { GivenParameters, Parameters } from './order.ts'

type Use = 'create' | 'update'

function schemaOf(plan: CatalogPlan | undefined, use: Use = 'create'): Schema | undefined {
  // inspectCatalog has checked the shape.
  const schemas = plan?.body['schemas'] as PlanSchemas | undefined
  return schemas?.service_instance?.[use]?.parameters
}

function shownBy(schema: Schema | undefined, parameters: Parameters): Parameters {
  if (schema === undefined) return parameters
  return (withoutSecrets(startWork(schema), schema, parameters) ?? {}) as Parameters
}

/** Parameters as they are given for a plan, with a note of what its schema does not call secret. */
export function givenFor(plan: CatalogPlan, all: Parameters): GivenParameters {
  return { all, shown: shownBy(schemaOf(plan), all) }
}

/**
 * Parameters without their secrets: those that the plan's schema marks as such, and those that the
 * schema marked for which they were given. A plan may lose its schema, or a draft get another plan.
 * @param plan  undefined: not known any more, so nothing can be shown
 */
export function shownParameters(
  plan: CatalogPlan | undefined,
  given: GivenParameters | undefined,
): Parameters | null {
  if (given === undefined || plan === undefined) return null
  const schema = schemaOf(plan)
  if (given.shown === undefined) return schema === undefined ? null : shownBy(schema, given.all)
  return shownBy(schema, given.shown)
}

/**
 * Parameters for another plan, or for another order: without those secrets that the plan's schema
 * does not mark as such, for they would be shown with it.
 */
export function carriedParameters(
  plan: CatalogPlan | undefined,
  given: GivenParameters | undefined,
): GivenParameters | undefined {
  if (given === undefined || plan === undefined) return undefined
  const schema = schemaOf(plan)
  const shown = shownParameters(plan, given) ?? {}
  if (isDeepStrictEqual(shownBy(schema, given.all), shown)) return givenFor(plan, given.all)
  return givenFor(plan, keptOf(schema, shown, given.all))
}

/** Parameters with the secrets of those before, where they have none of their own. */
export function completedParameters(
  plan: CatalogPlan,
  parameters: Parameters | null,
  before: GivenParameters | undefined,
): GivenParameters | undefined {
  if (parameters === null) return undefined
  const all = before === undefined ? parameters : keptOf(schemaOf(plan), parameters, before.all)
  return givenFor(plan, all)
}

function keptOf(schema: Schema | undefined, value: Parameters, before: Parameters): Parameters {
  if (schema === undefined) return value
  return withKeptSecrets(startWork(schema), schema, value, before) as Parameters
}

/**
 * Parameters of an instance for a form of its change, which shows all that its schema does not mark
 * as secret: without what the instance's own plan marks.
 * @param schema  of the form
 */
export function changeableParameters(
  plan: CatalogPlan | undefined,
  schema: Schema | undefined,
  all: Parameters,
): Parameters {
  const shown = shownBy(schemaOf(plan, 'update'), shownBy(schemaOf(plan), all))
  return isDeepStrictEqual(shownBy(schema, all), shownBy(schema, shown))
    ? all
    : keptOf(schema, shown, all)
}
