import { openParameters } from '../instances/instance.ts'
import { isObject, own, type Schema } from '../forms/json-schema.ts'
import type { ShownPlan } from '../marketplace/shown.ts'
import type { SignedIn } from '../people/person.ts'
import type { OrderView, PlanSchemas } from '../types.gen.ts'
import { requireOwnOrder } from './authorise.ts'
import { standingOf } from './change-instance.ts'
import { findPlan, shownOf, type Choice } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { instanceOf } from './instance-of.ts'
import type { Parameters, Shown } from './order.ts'
import { priceTagOf } from './price-tag.ts'
import { describeOrder } from './read.ts'
import { changeableParameters } from './secrets.ts'

/** What a form that changes an order's instance is made of. */
export interface ChangeForm {
  readonly order: OrderView
  /** Of the instance at present. */
  readonly planId: string
  /** All that the organisation sees; none where it does not see the instance's any more. */
  readonly plans: readonly ShownPlan[]
  /** What the chosen plan costs, and its terms; undefined: the organisation does not see it. */
  readonly offer: (Pick<Shown, 'price' | 'terms'> & { readonly priceTag: string }) | undefined
  /** Names the plan and the parameters that the instance has. */
  readonly standing: string
  /** Of the parameters that may change; undefined where the chosen plan describes none. */
  readonly schema: Schema | undefined
  /** What the instance has of these, with secrets, for src/forms, which shows none. */
  readonly kept: Parameters
}

/**
 * @param chosen  id of the plan that the instance is to get; undefined: it keeps its own
 * @throws BrokerError `not_found`, `forbidden`, `conflict` without an instance
 */
export async function describeChange(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  chosen?: string,
): Promise<ChangeForm> {
  const found = await requireOwnOrder(deps, signedIn, number)
  const { instance } = await instanceOf(deps, found)
  const order = await describeOrder(deps, signedIn, found.number)
  const { planId, offeringId: offering } = instance
  const choice = await findPlan(deps, found.organisationId, { offering, plan: planId })
  const plans = choice?.offering.plans ?? []
  const planOf = (id: string | undefined) => plans.find(({ plan: each }) => each.id === id)
  const wanted = planOf(chosen) ?? planOf(planId)
  const plan = wanted?.plan
  // inspectCatalog has checked the shape.
  const schemas = plan?.body['schemas'] as PlanSchemas | undefined
  const schema = schemas?.service_instance?.update?.parameters
  const ownPlan = deps.catalog.current().plans.get(planId)
  const kept = changeableParameters(ownPlan, schema, openParameters(deps.vault, instance) ?? {})
  return {
    order,
    planId,
    plans,
    offer: choice && wanted && offerOf({ offering: choice.offering, plan: wanted }),
    standing: standingOf(instance),
    schema,
    kept: partOf(kept, schema),
  }
}

function offerOf(choice: Choice): ChangeForm['offer'] {
  const { price, terms } = shownOf(choice)
  return { price, terms, priceTag: priceTagOf({ price, terms }) }
}

/** Others cannot be changed, and need not be sent again. */
function partOf(kept: Parameters, schema: Schema | undefined): Parameters {
  const properties = schema?.['properties']
  if (!isObject(properties)) return kept
  return Object.fromEntries(
    Object.entries(kept).filter(([key]) => own(properties, key) !== undefined),
  )
}
