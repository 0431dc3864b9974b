import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { OrderEvent, OrderEventDetails, OrderEventKind } from './event.ts'

/** @returns false when a request of the person with that key was there before */
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

/** Of one order, oldest first. */
export async function listEvents(db: DbOrTx, orderId: string): Promise<OrderEvent[]> {
  const rows = await db
    .selectFrom('order_events')
    .select(['id', 'order_id', 'at', 'person_id', 'kind', 'details'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    at: row.at,
    personId: row.person_id,
    // note.ts has written both
    kind: row.kind as OrderEventKind,
    details: row.details as unknown as OrderEventDetails,
  }))
}

/** What a person has asked for with an Idempotency-Key, and the digest of that request. */
export async function findEventByRequest(
  db: DbOrTx,
  orderId: string,
  personId: string,
  key: string,
): Promise<
  | {
      readonly id: string
      readonly details: OrderEventDetails
      readonly digest: Buffer | null
    }
  | undefined
> {
  const row = await db
    .selectFrom('order_events')
    .select(['id', 'details', 'request_digest'])
    .where('order_id', '=', orderId)
    .where('person_id', '=', personId)
    .where('request_key', '=', key)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      // note.ts has written it
      details: row.details as unknown as OrderEventDetails,
      digest: row.request_digest,
    }
  )
}

/** Why a request was refused that is written in the history. @param eventId  of the request */
export async function findRefusal(
  db: DbOrTx,
  orderId: string,
  eventId: string,
): Promise<{ readonly code: string; readonly detail: string } | undefined> {
  return db
    .selectFrom('order_events')
    .select([
      sql<string>`details->>'code'`.as('code'),
      sql<string>`details->>'detail'`.as('detail'),
    ])
    .where('order_id', '=', orderId)
    .where('kind', '=', 'request-refused')
    .where(sql<boolean>`details->>'request' = ${eventId}`)
    .executeTakeFirst()
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
