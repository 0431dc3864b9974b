import type { SignedIn } from '../people/person.ts'
import { consolePlatform } from '../tenancy/platforms/console.ts'
import type { OrderProblem, OrderView, SubmitOrder } from '../types.gen.ts'
import { lockOwnOrder, requireOwnOrder } from './authorise.ts'
import { carryOut } from './carry-out.ts'
import { beginUntil, claimMs } from './claims/claim.ts'
import { assertDraft, assertRead, assertUnchanged } from './change-draft.ts'
import { checkDraft, type CheckedDraft } from './check.ts'
import { shownOf } from './choose-plan.ts'
import { markSubmitted } from './claims/store.ts'
import type { OrdersDeps } from './deps.ts'
import { note } from './events/note.ts'
import { follow } from './following/follow.ts'
import type { Order } from './order.ts'
import { problemOf, problemOfError } from './problem.ts'
import { describeOrder } from './read.ts'

export type SubmitResult =
  /** The order is kept, and is ordered at the provider now or soon. */
  | { readonly kind: 'submitted'; readonly order: OrderView }
  /** It stays a draft. */
  | { readonly kind: 'refused'; readonly problems: readonly OrderProblem[] }

/**
 * Submits a draft: the one explicit act after which it is ordered. Repeating it changes nothing.
 * What the dry run finds refuses it before anything is written; what only the provision finds
 * makes it a draft again.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` for one that was discarded, or was
 *   changed since it was read
 */
export async function submitDraft(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  { priceTag, changedAt }: SubmitOrder,
): Promise<SubmitResult> {
  const found = await requireOwnOrder(deps, signedIn, number)
  if (found.state !== 'submitted') {
    assertDraft(found)
    assertRead(found, changedAt)
    const platformId = await consolePlatform(deps, signedIn.caller, found.organisationId)
    const checked = await checkDraft(deps, found, platformId)
    const problems = [...checked.check.problems, ...checkPrice(checked, priceTag)]
    if (problems.length > 0) return { kind: 'refused', problems }
    const claimed = await claimSubmission(deps, signedIn, found, checked)
    if (claimed !== undefined) {
      const refusal = await carryOut(deps, claimed.order, platformId, claimed.untilMs)
      // The provision has found what the dry run could not. By now a colleague may have changed the
      // draft, so its last event does not say why it was refused.
      if (refusal !== undefined) return { kind: 'refused', problems: [problemOfError(refusal)] }
    }
  }
  const order = await describeOrder(deps, signedIn, found.number)
  // Another process has carried it out.
  return order.state === 'draft'
    ? { kind: 'refused', problems: order.problems }
    : { kind: 'submitted', order }
}

function checkPrice({ check }: CheckedDraft, priceTag: string | undefined): OrderProblem[] {
  const isAccepted = priceTag === undefined ? !check.priceChanged : priceTag === check.priceTag
  if (isAccepted) return []
  const detail =
    'The price or the terms have changed since they were shown. Check the order again, and send ' +
    'the priceTag of that check if you accept them.'
  return [problemOf('price_changed', '/price', detail, { priceTag: check.priceTag })]
}

/** @returns undefined when another request has submitted it */
async function claimSubmission(
  deps: OrdersDeps,
  signedIn: SignedIn,
  found: Order,
  { check, choice }: CheckedDraft,
): Promise<{ readonly order: Order; readonly untilMs: number } | undefined> {
  return deps.db.transaction().execute(async (tx) => {
    const order = await lockOwnOrder(tx, found)
    if (order.state === 'submitted') return undefined
    assertDraft(order)
    assertUnchanged(order, found)
    const at = deps.now()
    const untilMs = beginUntil()
    const submitted = await markSubmitted(tx, order, {
      at,
      personId: signedIn.person.id,
      shown: choice === undefined ? order.shown : shownOf(choice),
      dueAt: new Date(at.getTime() + claimMs),
    })
    const details = check.priceChanged ? { priceChanged: true } : {}
    await note(tx, submitted, signedIn, 'submitted', at, details)
    await follow(deps, tx, submitted, signedIn, at)
    return { order: submitted, untilMs }
  })
}
