import type { Concerned, Details } from '../audit/event.ts'
import { record } from '../audit/record.ts'
import type { Tx } from '../db/database.ts'
import type { Operation } from './operation.ts'

/** Records how an order stands: that it was accepted, how it ended, or that a person must look. Tells when it was ordered. */
export async function recordOrder(
  tx: Tx,
  operation: Operation,
  outcome: string,
  now: Date,
  details: Details = {},
): Promise<void> {
  await record(tx, {
    at: now,
    actor: `platform:${operation.platformId}`,
    action: operation.kind,
    ...objectOf(operation),
    outcome,
    ...concernedBy(operation),
    // Who ordered on the platform stands in the operation, not here: it is personal data, and what is recorded stays.
    details: {
      operationId: operation.id,
      orderedAt: operation.createdAt.toISOString(),
      ...details,
    },
  })
}

/** What an order is about, as the audit names it. */
export function objectOf(order: Pick<Operation, 'bindingId' | 'instanceId'>): {
  readonly objectKind: string
  readonly objectId: string
} {
  return order.bindingId === null
    ? { objectKind: 'instance', objectId: order.instanceId }
    : { objectKind: 'binding', objectId: order.bindingId }
}

export function concernedBy({
  organisationId,
  platformId,
  providerId,
  instanceId,
}: Operation): Concerned {
  return { organisationId, platformId, providerId, instanceId }
}
