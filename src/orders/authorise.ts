import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { mayIn, type SignedIn } from '../people/person.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import { readOrderNumber } from './number.ts'
import type { Order } from './order.ts'
import { findOrder, lockOrder } from './store.ts'

/**
 * @throws BrokerError `forbidden` unless the person is an orderer of the organisation
 */
export function assertOrderer(
  directory: Pick<Directory, 'organisation'>,
  signedIn: SignedIn,
  organisationId: string,
): void {
  if (mayIn(signedIn, organisationId, 'orderer')) return
  const name = directory.organisation(organisationId)?.name ?? organisationId
  throw new BrokerError(
    'forbidden',
    `You may not order for the organisation "${name}": you need the role orderer in it or above ` +
      'it, and it must be active.',
  )
}

/**
 * An order of the scope, by its number.
 * @throws BrokerError `not_found`, for one outside the scope just as for an unknown one
 */
async function requireOrder(db: Db, scope: AccessScope, number: string): Promise<Order> {
  const known = readOrderNumber(number)
  const order = known === undefined ? undefined : await findOrder(db, scope, known)
  return order ?? noOrder()
}

/**
 * The same for a change, by a person who may order for its organisation.
 * @throws BrokerError `not_found`, `forbidden`
 */
export async function requireOwnOrder(
  { db, directory }: { readonly db: Db; readonly directory: Pick<Directory, 'organisation'> },
  signedIn: SignedIn,
  number: string,
): Promise<Order> {
  const order = await requireOrder(db, signedIn.caller.scope, number)
  assertOrderer(directory, signedIn, order.organisationId)
  return order
}

/** Locks an order that `requireOwnOrder` has returned. */
export async function lockOwnOrder(tx: Tx, { id }: Pick<Order, 'id'>): Promise<Order> {
  return (await lockOrder(tx, id)) ?? noOrder()
}

function noOrder(): never {
  throw new BrokerError('not_found', 'There is no such order.')
}
