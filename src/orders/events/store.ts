import type { DbOrTx, Tx } from '../../db/database.ts'
import type { OrderEvent, OrderEventDetails, OrderEventKind } from './event.ts'

/** @returns false when a request with that key was there before */
export async function insertEvent(
  tx: Tx,
  { id, orderId, at, personId, kind, details }: OrderEvent,
  request: { readonly key: string; readonly digest: Buffer } | undefined,
): Promise<boolean> {
  const row = await tx
    .insertInto('order_events')
    .values({
      id,
      order_id: orderId,
      at,
      person_id: personId,
      kind,
      details: JSON.stringify(details),
      request_key: request?.key ?? null,
      request_digest: request?.digest ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The last thing that was done with an order. */
export async function findLastEvent(
  db: DbOrTx,
  orderId: string,
): Promise<Pick<OrderEvent, 'kind' | 'details'> | undefined> {
  const row = await db
    .selectFrom('order_events')
    .select(['kind', 'details'])
    .where('order_id', '=', orderId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (
    row && {
      kind: row.kind as OrderEventKind,
      details: row.details as unknown as OrderEventDetails,
    }
  )
}
