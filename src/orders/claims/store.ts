// Submitted orders that are not ordered at the provider yet, and the claims of all orders of which
// something is due. The row is the queue.
import { sql } from 'kysely'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import type { Order, Shown } from '../order.ts'
import { orderColumns, orderOf } from '../store.ts'

export interface Submission {
  readonly at: Date
  readonly personId: string
  readonly shown: Shown
  /** Until when the process that submits it has it for itself. */
  readonly dueAt: Date
}

/** Submits a draft, with a claim for this process; the caller holds the lock of its row. */
export async function markSubmitted(
  tx: Tx,
  order: Order,
  { at, personId, shown, dueAt }: Submission,
): Promise<Order> {
  const claims = order.claims + 1
  await tx
    .updateTable('orders')
    .set({
      state: 'submitted',
      submitted_at: at,
      submitted_by: personId,
      shown: JSON.stringify(shown),
      shown_at: at,
      due_at: dueAt,
      claims,
    })
    .where('id', '=', order.id)
    .execute()
  const submitted = { state: 'submitted', submittedAt: at, submittedBy: personId } as const
  return { ...order, ...submitted, shown, shownAt: at, dueAt, claims }
}

/** The columns of the times at which something is due. */
export type DueTime = 'due_at' | 'end_due_at'

/** Claims orders that are due, for `leaseMs`: what a killed process had is claimed after that. */
export async function claimDueOrders(
  db: Db,
  due: DueTime,
  now: Date,
  leaseMs: number,
  limit: number,
): Promise<Order[]> {
  const ids = db
    .selectFrom('orders')
    .select('id')
    .where(due, '<=', now)
    .orderBy(due)
    .limit(limit)
    .forUpdate()
    .skipLocked()
  const rows = await db
    .updateTable('orders')
    .set({ [due]: new Date(now.getTime() + leaseMs), claims: sql<number>`claims + 1` })
    .where('id', 'in', ids)
    .returning(orderColumns)
    .execute()
  return rows.map(orderOf)
}

/**
 * Ends a claim, or has the next attempt fall due.
 * @returns false when it is not the last claim: another process has the order
 */
export async function releaseOrder(
  db: DbOrTx,
  { id, claims }: Order,
  dueAt: Date | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('orders')
    .set({ due_at: dueAt })
    .where('id', '=', id)
    .where('claims', '=', claims)
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Makes an order a draft again. @returns as `releaseOrder` */
export async function returnOrder(tx: Tx, { id, claims }: Order, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('orders')
    .set({
      state: 'draft',
      submitted_at: null,
      submitted_by: null,
      due_at: null,
      changed_at: at,
    })
    .where('id', '=', id)
    .where('claims', '=', claims)
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** @returns how many drafts it deleted, at most `limit`; those that others have locked stay */
export async function deleteDraftsBefore(db: Db, before: Date, limit: number): Promise<number> {
  const old = db
    .selectFrom('orders')
    .select('id')
    .where(sql<boolean>`state <> 'submitted'`)
    .where('changed_at', '<', before)
    .orderBy('changed_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
  const { numDeletedRows } = await db
    .deleteFrom('orders')
    .where('id', 'in', old)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** Orders that are late, over all processes. */
export interface DelayedOrders {
  /** Submitted before that time, and not ordered at the provider yet. */
  readonly provision: number
  /** Cancelled for a day before that time, and the instance is not gone. */
  readonly end: number
}

/** @param before  what was due then counts. Both conditions are those of partial indexes */
export async function countDelayed(db: Db, before: Date): Promise<DelayedOrders> {
  const { rows } = await sql<DelayedOrders>`/* planned anew */ select
    (select count(*)::int from orders
      where due_at is not null and submitted_at < ${before}) as provision,
    (select count(*)::int from orders
      where end_due_at is not null and end_at < ${before}) as "end"`.execute(db)
  return rows[0] ?? { provision: 0, end: 0 }
}
