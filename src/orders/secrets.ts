import { withKeptSecrets, withoutSecrets } from '../forms/secrets.ts'
import { startWork } from '../forms/json-schema.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { PlanSchemas } from '../types.gen.ts'
import type { Parameters } from './order.ts'

type Use = 'create' | 'update'

function schemaOf(plan: CatalogPlan | undefined, use: Use): Parameters | undefined {
  // inspectCatalog has checked the shape.
  const schemas = plan?.body['schemas'] as PlanSchemas | undefined
  return schemas?.service_instance?.[use]?.parameters
}

/**
 * Parameters without those that the plan's schema marks as secret.
 * @param plan  undefined: not known any more, so nothing can be shown
 */
export function shownParameters(
  plan: CatalogPlan | undefined,
  parameters: Parameters | undefined,
  use: Use = 'create',
): Parameters | null {
  if (parameters === undefined || plan === undefined) return null
  const schema = schemaOf(plan, use)
  if (schema === undefined) return parameters
  const shown = withoutSecrets(startWork(schema), schema, parameters)
  return (shown ?? null) as Parameters | null
}

/** Parameters with the secrets of those before, where they have none of their own. */
export function completedParameters(
  plan: CatalogPlan,
  parameters: Parameters | null,
  before: Parameters | undefined,
): Parameters | null {
  const schema = schemaOf(plan, 'create')
  if (parameters === null || before === undefined || schema === undefined) return parameters
  return withKeptSecrets(startWork(schema), schema, parameters, before) as Parameters
}
