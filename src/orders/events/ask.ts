import { BrokerError, type ErrorCode } from '../../errors.ts'
import type { OrderSource } from '../../instances/order.ts'
import { findOrderedOperation } from '../../operations/history/read.ts'
import type { SignedIn } from '../../people/person.ts'
import { lockOwnOrder } from '../authorise.ts'
import type { OrdersDeps } from '../deps.ts'
import type { OrderedInstance } from '../instance-of.ts'
import type { Order } from '../order.ts'
import { sourceFor } from '../provision-order.ts'
import { assertSame } from '../request.ts'
import type { Request } from '../store.ts'
import type { OrderEventDetails, OrderEventKind } from './event.ts'
import { note } from './note.ts'
import { findEventByRequest, findRefusal } from './store.ts'

/** What a person asks for of the instance of an order. */
export interface Asking {
  readonly order: Order
  readonly ordered: OrderedInstance
  readonly kind: OrderEventKind
  readonly details: OrderEventDetails
  readonly request: Request | undefined
}

/**
 * Writes who asks for what, then carries it out, and writes a refusal. A request that was sent
 * before with the same key is carried out only if the process had died before it could; if its
 * operation has failed, it is refused once more.
 * @param act  orders it; its operation carries the id of the entry in the history
 * @returns the details of that entry, which are those of the first request
 * @throws BrokerError `conflict` for a key that was sent with another request, and what `act`
 *   throws or has thrown
 */
export async function askOnce(
  deps: OrdersDeps,
  signedIn: SignedIn,
  asking: Asking,
  act: (source: OrderSource, details: OrderEventDetails) => Promise<unknown>,
): Promise<OrderEventDetails> {
  const { order, ordered } = asking
  const { id, details, isNew } = await noteOnce(deps, signedIn, asking)
  if (!isNew && (await isOrdered(deps, asking, id))) return details
  try {
    await act(sourceFor({ id }, ordered.platformId, signedIn.person.id), details)
  } catch (error) {
    const code = error instanceof BrokerError ? error.code : 'internal'
    const detail = error instanceof BrokerError ? error.message : ''
    await deps.db.transaction().execute(async (tx) => {
      const locked = await lockOwnOrder(tx, order)
      await note(tx, locked, undefined, 'request-refused', deps.now(), {
        code,
        detail,
        request: id,
      })
    })
    throw error
  }
  return details
}

interface Noted {
  readonly id: string
  readonly details: OrderEventDetails
  readonly isNew: boolean
}

async function noteOnce(
  { db, now }: OrdersDeps,
  signedIn: SignedIn,
  { order, kind, details, request }: Asking,
): Promise<Noted> {
  const id = await db
    .transaction()
    .execute(async (tx) =>
      note(tx, await lockOwnOrder(tx, order), signedIn, kind, now(), details, request),
    )
  if (id !== undefined) return { id, details, isNew: true }
  const before =
    request && (await findEventByRequest(db, order.id, signedIn.person.id, request.key))
  if (request === undefined || before === undefined) throw new Error('The entry was not written.')
  assertSame(request, before.digest)
  return { id: before.id, details: before.details, isNew: false }
}

/** @throws BrokerError the refusal, when what was ordered has failed */
async function isOrdered({ db }: OrdersDeps, asking: Asking, eventId: string): Promise<boolean> {
  const key = { platformId: asking.ordered.platformId, instanceId: asking.order.instanceId }
  const operation = await findOrderedOperation(db, key, eventId)
  if (operation?.state !== 'failed') return operation !== undefined
  const refusal = await findRefusal(db, asking.order.id, eventId)
  // askOnce has written the code; one that failed later, after a 202, has no refusal
  const code = (refusal?.code ?? 'provider_failed') as ErrorCode
  throw new BrokerError(code, refusal?.detail ?? operation.description ?? 'The request has failed.')
}
