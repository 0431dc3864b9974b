import { quotaSubject, validateOneMore } from '../access/quotas/reserve-quota.ts'
import { explainWithdrawal } from '../catalog/explain-withdrawal.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import { decideProvision, validateProvider } from '../instances/decide.ts'
import type { SignedIn } from '../people/person.ts'
import { validateOrdering } from '../tenancy/ordering-organisation.ts'
import { listCostCentres } from '../tenancy/organisations/read.ts'
import { findConsole } from '../tenancy/platforms/console.ts'
import type { OrderCheck, OrderProblem } from '../types.gen.ts'
import { requireOwnOrder } from './authorise.ts'
import { assertDraft } from './change-draft.ts'
import { checkFields } from './check-fields.ts'
import { findPlan, shownOf, type Choice } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { openParameters, type Order } from './order.ts'
import { priceTagOf } from './price-tag.ts'
import { problemOfError } from './problem.ts'
import { provisionOrder } from './provision-order.ts'

/**
 * A dry run of a draft: all that hinders its submission, in one answer. Writes nothing.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` for an order that is no draft,
 *   `unavailable` without the console platform of its organisation, which its draft has made
 */
export async function checkOrder(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
): Promise<OrderCheck> {
  const order = await requireOwnOrder(deps, signedIn, number)
  assertDraft(order)
  const platformId = await findConsole(deps, order.organisationId)
  return (await checkDraft(deps, order, platformId)).check
}

export interface CheckedDraft {
  readonly check: OrderCheck
  /** Undefined: the organisation does not see the plan any more. */
  readonly choice: Choice | undefined
}

/**
 * The same for an order that was read.
 * @param platformId  of the console of its organisation
 */
export async function checkDraft(
  deps: OrdersDeps,
  order: Order,
  platformId: string,
): Promise<CheckedDraft> {
  const named = { offering: order.offeringId, plan: order.planId }
  const choice = await findPlan(deps, order.organisationId, named)
  const { price, terms } = choice === undefined ? order.shown : shownOf(choice)
  const priceTag = priceTagOf({ price, terms })
  const above = deps.directory.ancestorsOf(order.organisationId).map(({ id }) => id)
  const costCentres = await listCostCentres(deps.db, above)
  const problems = [
    ...checkFields(deps.directory, order, choice, costCentres),
    ...(await checkPlan(deps, order, platformId, choice)),
  ]
  const check: OrderCheck = {
    number: order.number,
    changedAt: order.changedAt.toISOString(),
    orderable: problems.length === 0,
    problems,
    price,
    terms,
    priceChanged: priceTag !== priceTagOf(order.shown),
    priceTag,
  }
  return { check, choice }
}

/** What hinders the order at its provider: the rules, the quotas, the plan and its schema. */
async function checkPlan(
  deps: OrdersDeps,
  order: Order,
  platformId: string,
  choice: Choice | undefined,
): Promise<OrderProblem[]> {
  const found: OrderProblem[] = []
  const add = (error: Error | undefined): void => {
    if (error !== undefined) found.push(problemOfError(asBrokerError(error)))
  }
  const plan = choice?.plan.plan ?? deps.catalog.current().plans.get(order.planId)
  const closed = validateOrdering(deps.directory, platformId, order.organisationId)
  add(closed)
  const hidden = plan && deps.visibility.validate(plan, platformId, order.organisationId)
  add(hidden)
  // Anything more would show that a plan exists which a rule conceals.
  if (plan !== undefined && hidden === undefined)
    for (const error of await checksOf(deps, order, platformId, plan)) add(error)
  // The check that decides in the end; it finds one thing only.
  if (found.length === 0) {
    const decision = await decideProvision(deps, provisionOrder(deps, order, platformId, true))
    add(decision.kind === 'refused' ? decision.error : undefined)
  }
  return found
}

async function checksOf(
  deps: OrdersDeps,
  order: Order,
  platformId: string,
  plan: CatalogPlan,
): Promise<Array<BrokerError | undefined>> {
  const subject = quotaSubject(plan, platformId, order.organisationId)
  const parameters = openParameters(deps.vault, order)
  return [
    plan.isPublished ? await validateProvider(deps, plan) : await explainWithdrawal(deps.db, plan),
    ...(await deps.parameters.validateAll(plan, 'provision', parameters ?? {}, platformId)),
    await validateOneMore(deps.db, deps, subject),
  ]
}

function asBrokerError(error: Error): BrokerError {
  return error instanceof BrokerError
    ? error
    : new BrokerError('provider_unavailable', 'The provider cannot be called at present.', {
        cause: error,
      })
}
