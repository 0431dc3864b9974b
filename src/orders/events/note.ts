import { record } from '../../audit/record.ts'
import type { AuditAction } from '../../audit/actions.ts'
import type { Tx } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import type { SignedIn } from '../../people/person.ts'
import type { Order } from '../order.ts'
import type { OrderEventDetails, OrderEventKind } from './event.ts'
import { insertEvent } from './store.ts'

const actions = {
  drafted: 'order.drafted',
  changed: 'order.changed',
  discarded: 'order.discarded',
  submitted: 'order.submitted',
  returned: 'order.returned',
  'change-requested': 'order.change-requested',
  'upgrade-requested': 'order.upgrade-requested',
  'binding-requested': 'order.binding-requested',
  'unbind-requested': 'order.unbind-requested',
  'request-refused': 'order.request-refused',
  cancelled: 'order.cancelled',
  'cancellation-withdrawn': 'order.cancellation-withdrawn',
} as const satisfies Record<OrderEventKind, AuditAction>

// What was asked for was not done.
const refused: ReadonlySet<OrderEventKind> = new Set(['returned', 'request-refused'])

/** Who does it: a person, or Kontor itself. */
export type Doer = Pick<SignedIn, 'person' | 'caller'> | undefined

/**
 * Writes what is done with an order into its history and the audit log, in the transaction of it.
 * @param request  that asks for it, with an Idempotency-Key
 * @returns the id of the entry; undefined when a request of the person with that key was there
 *   before, so that nothing is written
 */
export async function note(
  tx: Tx,
  order: Order,
  doer: Doer,
  kind: OrderEventKind,
  at: Date,
  details: OrderEventDetails = {},
  request?: { readonly key: string; readonly digest: Buffer },
): Promise<string | undefined> {
  const { number, organisationId, instanceId } = order
  const event = {
    id: newId(at),
    orderId: order.id,
    at,
    personId: doer?.person.id ?? null,
    kind,
    details,
  }
  if (!(await insertEvent(tx, event, request))) return undefined
  await record(tx, {
    at,
    actor: doer?.caller.actor ?? 'kontor',
    action: actions[kind],
    objectKind: 'order',
    objectId: number,
    outcome: refused.has(kind) ? 'failed' : 'succeeded',
    organisationId,
    instanceId,
    details: { ...details, ...proofOf(order, doer, kind) },
  })
  return event.id
}

/** What a deletion certificate says of an order, which only the audit log proves later. */
function proofOf(
  { shown, beneficiaryId }: Order,
  doer: Doer,
  kind: OrderEventKind,
): Readonly<Record<string, string | number>> {
  const person = doer === undefined ? {} : { person: doer.person.id }
  if (kind === 'cancelled') return person
  if (kind !== 'submitted') return {}
  const { provider, offering, plan, terms } = shown
  return {
    ...person,
    beneficiary: beneficiaryId,
    provider: provider.name,
    offering: offering.id,
    plan: plan.id,
    ...(terms.retainDays === null ? {} : { retainDays: terms.retainDays }),
  }
}
