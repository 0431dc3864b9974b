import { BrokerError } from '../errors.ts'
import { newId, newOpaqueId } from '../ids.ts'
import type { SignedIn } from '../people/person.ts'
import { shownOf, type Choice } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { note } from './events/note.ts'
import type { Fields } from './fields.ts'
import { makeOrderNumber } from './number.ts'
import { sealParameters, type GivenParameters, type Order } from './order.ts'
import { findRepeated } from './request.ts'
import { countDrafts, insertOrder, type Request } from './store.ts'

interface Wanted {
  readonly organisationId: string
  readonly choice: Choice
  readonly fields: Fields
  readonly parameters: GivenParameters | undefined
}

const maxDrafts = 100
const maxAttempts = 5

/** Of an order whose organisation uses and pays what it orders. */
export function emptyFields(organisationId: string): Fields {
  return {
    instanceName: null,
    purpose: null,
    costCentre: null,
    protectionNeed: null,
    beneficiaryId: organisationId,
    invoiceRecipientId: organisationId,
  }
}

/**
 * Writes a new draft with a number of its own.
 * @param request  the same one has not made an order before
 * @returns the number
 * @throws BrokerError `conflict` for a person with 100 drafts
 */
export async function makeDraft(
  deps: OrdersDeps,
  signedIn: SignedIn,
  wanted: Wanted,
  request: Request | undefined,
): Promise<string> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const order = newOrder(deps, signedIn, wanted)
    if (await insertDraft(deps, signedIn, order, request)) return order.number
    // The same request came twice at once, or the number is taken.
    const repeated = await findRepeated(deps.db, signedIn, request)
    if (repeated !== undefined) return repeated
  }
  throw new Error('There is no free order number.')
}

function newOrder(
  { now, vault }: OrdersDeps,
  { person }: SignedIn,
  { organisationId, choice, fields, parameters }: Wanted,
): Order {
  const at = now()
  const owned = { id: newId(at), organisationId }
  return {
    ...owned,
    ...fields,
    ...sealParameters(vault, owned, parameters, 0),
    number: makeOrderNumber(at),
    personId: person.id,
    state: 'draft',
    offeringId: choice.offering.offering.id,
    planId: choice.plan.plan.id,
    shown: shownOf(choice),
    shownAt: at,
    instanceId: newOpaqueId(),
    createdAt: at,
    changedAt: at,
    submittedAt: null,
    submittedBy: null,
    dueAt: null,
    claims: 0,
    endAt: null,
    endedBy: null,
  }
}

async function insertDraft(
  { db }: OrdersDeps,
  signedIn: SignedIn,
  order: Order,
  request: Request | undefined,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    // Several at once may pass it: the limit only keeps a program from filling the table.
    if ((await countDrafts(tx, signedIn.person.id)) >= maxDrafts)
      throw new BrokerError(
        'conflict',
        `You have ${maxDrafts} drafts. Submit or discard one of them first.`,
      )
    if (!(await insertOrder(tx, order, request))) return false
    await note(tx, order, signedIn, 'drafted', order.createdAt, {
      offering: order.shown.offering.name,
      plan: order.shown.plan.name,
    })
    return true
  })
}
