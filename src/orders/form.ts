import { isObject, type Schema } from '../forms/json-schema.ts'
import type { SignedIn } from '../people/person.ts'
import { listCostCentres } from '../tenancy/organisations/read.ts'
import type { OrderView, PlanSchemas } from '../types.gen.ts'
import { requireOwnOrder } from './authorise.ts'
import type { OrdersDeps } from './deps.ts'
import { openGiven, type Order, type Parameters } from './order.ts'
import { describeOrder } from './read.ts'
import { carriedParameters } from './secrets.ts'

/** The parameters of an order, for a form of them. */
export interface ParametersForm {
  /** Of the plan's parameters; any object where the provider publishes none. */
  readonly schema: Schema
  /** The parameters with those secrets that the schema marks: src/forms shows none of these. */
  readonly kept: Parameters | undefined
}

/** What a form for an order is made of. */
export interface OrderForm extends ParametersForm {
  readonly order: OrderView
  /** Ids of those of the organisation and of the ones above it. */
  readonly costCentres: readonly string[]
}

/**
 * An order for the person who may change it.
 * @throws BrokerError `not_found`, for one outside the scope just as for an unknown one, and
 *   `forbidden`
 */
export async function describeForm(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
): Promise<OrderForm> {
  const found = await requireOwnOrder(deps, signedIn, number)
  const order = await describeOrder(deps, signedIn, found.number)
  const above = deps.directory.ancestorsOf(found.organisationId).map(({ id }) => id)
  const costCentres = await listCostCentres(deps.db, above)
  return { order, ...parametersFormOf(deps, found), costCentres }
}

/**
 * The same of its parameters alone, for the person who has read the order.
 * @throws BrokerError as `describeForm`
 */
export async function describeParametersForm(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
): Promise<ParametersForm> {
  return parametersFormOf(deps, await requireOwnOrder(deps, signedIn, number))
}

function parametersFormOf({ catalog, vault }: OrdersDeps, order: Order): ParametersForm {
  // inspectCatalog has checked the shape.
  const plan = catalog.current().plans.get(order.planId)
  const schemas = plan?.body['schemas'] as PlanSchemas | undefined
  const schema: unknown = schemas?.service_instance?.create?.parameters
  return {
    schema: isObject(schema) ? schema : { type: 'object' },
    kept: carriedParameters(plan, openGiven(vault, order))?.all,
  }
}
