import { cutPage, type Page } from '../cut-page.ts'
import { BrokerError } from '../errors.ts'
import type { SignedIn } from '../people/person.ts'
import { requireOrganisation } from '../tenancy/organisations/resolve-organisation.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { OrderItem, OrderProblem, OrderView } from '../types.gen.ts'
import type { OrdersDeps } from './deps.ts'
import { findLastEvent } from './events/store.ts'
import { partOfNumber, readOrderNumber } from './number.ts'
import { openGiven } from './order.ts'
import { problemOf } from './problem.ts'
import { findStanding, listStanding, type StandingOrder } from './reading/store.ts'
import { shownParameters } from './secrets.ts'
import { itemOf, type ViewDeps } from './view.ts'

/** Who reads an order: a person, or a machine of the whole of Kontor, which no roles bind. */
export type OrderReader = Pick<SignedIn, 'caller'> & Partial<Pick<SignedIn, 'rolesIn'>>

export interface OrderQuery {
  readonly state?: OrderItem['state'] | undefined
  /** Name or id. */
  readonly organisation?: string | undefined
  /** Id of the person who ordered. */
  readonly person?: string | undefined
  /** Part of a number or of the instance's name. */
  readonly q?: string | undefined
  readonly before?: string | undefined
}

/**
 * A page of the orders in the scope, newest first, without their parameters.
 * @throws BrokerError `invalid_request` for an unknown organisation
 */
export async function listOrders(
  deps: Pick<OrdersDeps, 'db' | 'directory'> & ViewDeps,
  scope: AccessScope,
  { organisation, q, person: personId, ...filter }: OrderQuery,
  limit: number,
): Promise<Page<OrderItem>> {
  const { db, directory } = deps
  const organisationId =
    organisation === undefined
      ? undefined
      : (await requireOrganisation(directory, scope, 'organisation', organisation)).id
  const text = q?.trim() ?? ''
  const search = text === '' ? undefined : { number: partOfNumber(text), text }
  const wanted = { ...filter, organisationId, personId, search }
  const { items, next } = cutPage(await listStanding(db, scope, wanted, limit + 1), limit)
  return { items: items.map((order) => itemOf(deps, order)), next }
}

/**
 * An order with its parameters, which only those see who may order for its organisation.
 * @throws BrokerError `not_found`, for one outside the scope just as for an unknown one
 */
export async function describeOrder(
  deps: OrdersDeps,
  reader: OrderReader,
  number: string,
): Promise<OrderView> {
  const order = await requireStanding(deps, reader.caller.scope, number)
  const mayOrder = reader.rolesIn?.(order.organisationId).has('orderer') === true
  const plan = deps.catalog.current().plans.get(order.planId)
  return {
    ...itemOf(deps, order),
    parameters: mayOrder ? shownParameters(plan, openGiven(deps.vault, order)) : null,
    problems: await problemsOf(deps, order),
  }
}

/** @throws BrokerError `not_found` */
export async function requireStanding(
  { db }: Pick<OrdersDeps, 'db'>,
  scope: AccessScope,
  number: string,
): Promise<StandingOrder> {
  const known = readOrderNumber(number)
  const order = known === undefined ? undefined : await findStanding(db, scope, known)
  if (order === undefined) throw new BrokerError('not_found', 'There is no such order.')
  return order
}

async function problemsOf(
  { db }: Pick<OrdersDeps, 'db'>,
  { id, state }: StandingOrder,
): Promise<OrderProblem[]> {
  const last = state === 'draft' ? await findLastEvent(db, id) : undefined
  if (last?.kind !== 'returned') return []
  const { code, detail } = last.details
  return [problemOf(String(code), null, String(detail))]
}
