// Orders whose instances end, because they were cancelled. The row is the queue.
import type { Db, Tx } from '../../db/database.ts'
import type { Order } from '../order.ts'

export interface End {
  readonly at: Date
  readonly personId: string
  /** Until when nothing is done, or this process has it for itself. */
  readonly dueAt: Date
}

/** Has the instance of an order end; the caller holds the lock of its row. */
export async function markEnding(
  tx: Tx,
  order: Order,
  { at, personId, dueAt }: End,
): Promise<Order> {
  const claims = order.claims + 1
  await tx
    .updateTable('orders')
    .set({ end_at: at, ended_by: personId, end_due_at: dueAt, claims })
    .where('id', '=', order.id)
    .execute()
  return { ...order, endAt: at, endedBy: personId, claims }
}

/** @returns false when it ends already, or was not cancelled */
export async function withdrawEnding(tx: Tx, { id }: Order, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('orders')
    .set({ end_at: null, ended_by: null, end_due_at: null })
    .where('id', '=', id)
    .where('end_at', '>', now)
    .where('end_due_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Ends a claim, or has the next attempt fall due, unless another process has the order. */
export async function releaseEnd(db: Db, { id, claims }: Order, dueAt: Date | null): Promise<void> {
  await db
    .updateTable('orders')
    .set({ end_due_at: dueAt })
    .where('id', '=', id)
    .where('claims', '=', claims)
    .where('end_due_at', 'is not', null)
    .execute()
}
