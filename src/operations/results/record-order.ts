import { orderActions } from '../../audit/actions.ts'
import type { AuditEvent, Details, Parties } from '../../audit/event.ts'
import { record, recorded } from '../../audit/record.ts'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { Part } from '../../db/parts.ts'
import type { Operation } from '../operation.ts'

/** Records in the audit log that an order ended or was parked, with the time of the order. */
export async function recordOrder(
  tx: Tx,
  operation: Operation,
  outcome: string,
  now: Date,
  more: Details = {},
): Promise<void> {
  await record(tx, eventOf(operation, outcome, now, more))
}

/**
 * A part that records the outcome, or the acceptance, of an order.
 * @param db  on which the statement will run
 */
export function orderRecorded(
  db: DbOrTx,
  operation: Operation,
  outcome: string,
  now: Date,
  more: Details = {},
): Part {
  return recorded(db, eventOf(operation, outcome, now, more))
}

function eventOf(operation: Operation, outcome: string, now: Date, more: Details): AuditEvent {
  return {
    at: now,
    actor: `platform:${operation.platformId}`,
    action: orderActions[operation.kind],
    ...orderSubject(operation),
    outcome,
    // No originating identity: it is personal data, and audit records can never be removed.
    details: {
      operationId: operation.id,
      orderedAt: operation.createdAt.toISOString(),
      ...more,
    },
  }
}

/** The object and the parties of an order, as the audit log names them. */
export function orderSubject({
  organisationId,
  platformId,
  providerId,
  instanceId,
  bindingId,
}: Operation): Parties & { readonly objectKind: string; readonly objectId: string } {
  return {
    objectKind: bindingId === null ? 'instance' : 'binding',
    objectId: bindingId ?? instanceId,
    organisationId,
    platformId,
    providerId,
    instanceId,
  }
}
