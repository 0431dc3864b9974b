import type { SignedIn } from '../people/person.ts'
import type { OrderView } from '../types.gen.ts'
import { requireOwnOrder } from './authorise.ts'
import { choosePlan } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { fieldsOf } from './fields.ts'
import { makeDraft } from './make-draft.ts'
import { openGiven } from './order.ts'
import { describeOrder } from './read.ts'
import { findRepeated, requestOf } from './request.ts'
import { carriedParameters } from './secrets.ts'

/**
 * Makes a new draft with the values of an order, for an instance of its own. What it shows of the
 * plan is what the catalog says now.
 * @param requestKey  Idempotency-Key: the same request sent again makes no second draft
 * @throws BrokerError `not_found`, `forbidden`, `unknown_plan` when the organisation does not see
 *   the plan any more, `conflict` as `draftOrder`
 */
export async function orderAgain(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  requestKey?: string,
): Promise<OrderView> {
  const order = await requireOwnOrder(deps, signedIn, number)
  const request = requestOf(deps.vault, requestKey, { again: order.number })
  const repeated = await findRepeated(deps.db, signedIn, request)
  if (repeated !== undefined) return describeOrder(deps, signedIn, repeated)
  const { organisationId, offeringId, planId } = order
  const choice = await choosePlan(deps, organisationId, { offering: offeringId, plan: planId })
  const parameters = carriedParameters(choice.plan.plan, openGiven(deps.vault, order))
  const wanted = { organisationId, choice, fields: fieldsOf(order), parameters }
  return describeOrder(deps, signedIn, await makeDraft(deps, signedIn, wanted, request))
}
