import type { SignedIn } from '../people/person.ts'
import { requireOrganisation } from '../tenancy/organisations/resolve-organisation.ts'
import { consolePlatform } from '../tenancy/platforms/console.ts'
import type { CreateOrder, OrderView } from '../types.gen.ts'
import { assertOrderer } from './authorise.ts'
import { choosePlan } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { changedFields } from './fields.ts'
import { emptyFields, makeDraft } from './make-draft.ts'
import { describeOrder } from './read.ts'
import { findRepeated, requestOf } from './request.ts'
import { givenFor } from './secrets.ts'

/**
 * Makes a draft. It may lack what its submission needs, but its plan is one that the organisation
 * sees.
 * @param requestKey  Idempotency-Key: the same request sent again makes no second draft
 * @throws BrokerError `invalid_request` for an unknown organisation, `forbidden`, `unknown_plan`,
 *   `conflict` for a key that was sent with another request, and for a person with 100 drafts
 */
export async function draftOrder(
  deps: OrdersDeps,
  signedIn: SignedIn,
  given: CreateOrder,
  requestKey?: string,
): Promise<OrderView> {
  const { directory } = deps
  const { organisation: reference, offering, plan, parameters = null, ...rest } = given
  const { caller } = signedIn
  const { id } = await requireOrganisation(directory, caller.scope, 'organisation', reference)
  assertOrderer(directory, signedIn, id)
  const request = requestOf(deps.vault, requestKey, given)
  const repeated = await findRepeated(deps.db, signedIn, request)
  if (repeated !== undefined) return describeOrder(deps, signedIn, repeated)
  const choice = await choosePlan(deps, id, { offering, plan })
  const fields = await changedFields(directory, signedIn, emptyFields(id), rest)
  await consolePlatform(deps, caller, id)
  const whole = parameters === null ? undefined : givenFor(choice.plan.plan, parameters)
  const wanted = { organisationId: id, choice, fields, parameters: whole }
  return describeOrder(deps, signedIn, await makeDraft(deps, signedIn, wanted, request))
}
