import type { Concerned } from '../../audit/event.ts'
import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import type { Operation } from '../operation.ts'

/** Records how an order stands: that it was accepted, how it ended, or that a person must look. Tells when it was ordered. */
export async function recordOrder(
  tx: Tx,
  operation: Operation,
  outcome: string,
  now: Date,
  reason?: string,
): Promise<void> {
  await record(tx, {
    at: now,
    actor: `platform:${operation.platformId}`,
    action: operation.kind,
    ...orderSubject(operation),
    outcome,
    // Who ordered on the platform stands in the operation, not here: it is personal data, and what is recorded stays.
    details: {
      operationId: operation.id,
      orderedAt: operation.createdAt.toISOString(),
      ...(reason === undefined ? {} : { reason }),
    },
  })
}

/** Whom and what an order concerns, as the audit log names it. */
export function orderSubject({
  organisationId,
  platformId,
  providerId,
  instanceId,
  bindingId,
}: Operation): Concerned & { readonly objectKind: string; readonly objectId: string } {
  return {
    objectKind: bindingId === null ? 'instance' : 'binding',
    objectId: bindingId ?? instanceId,
    organisationId,
    platformId,
    providerId,
    instanceId,
  }
}
