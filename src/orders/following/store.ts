// Orders whose people get mail of what becomes of them.
import type { Tx } from '../../db/database.ts'

export interface Followed {
  readonly orderId: string
  /** Who has submitted it. */
  readonly personId: string
  /** Until then a role that only claims granted counts. */
  readonly vouchedUntil: Date | null
  /** When what has become of it is read. */
  readonly checkAt: Date
  /** Kinds of mail that were written of it. */
  readonly written: readonly string[]
}

/** Follows an order, also one that was followed before it became a draft again. */
export async function insertFollowed(tx: Tx, followed: Omit<Followed, 'written'>): Promise<void> {
  const { orderId, ...rest } = followed
  const row = {
    person_id: rest.personId,
    vouched_until: rest.vouchedUntil,
    check_at: rest.checkAt,
  }
  await tx
    .insertInto('followed_orders')
    .values({ order_id: orderId, ...row })
    .onConflict((conflict) => conflict.column('order_id').doUpdateSet(row))
    .execute()
}

/** Those to be looked at, at most `limit`, locked; others skip them meanwhile. */
export async function lockDueFollowed(tx: Tx, now: Date, limit: number): Promise<Followed[]> {
  const rows = await tx
    .selectFrom('followed_orders')
    .select(['order_id', 'person_id', 'vouched_until', 'check_at', 'written'])
    .where('check_at', '<=', now)
    .orderBy('check_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  return rows.map((row) => ({
    orderId: row.order_id,
    personId: row.person_id,
    vouchedUntil: row.vouched_until,
    checkAt: row.check_at,
    written: row.written,
  }))
}

export async function postponeFollowed(
  tx: Tx,
  { orderId, checkAt, written }: Pick<Followed, 'orderId' | 'checkAt' | 'written'>,
): Promise<void> {
  await tx
    .updateTable('followed_orders')
    .set({ check_at: checkAt, written: [...written] })
    .where('order_id', '=', orderId)
    .execute()
}

export async function deleteFollowed(tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return
  await tx.deleteFrom('followed_orders').where('order_id', 'in', orderIds).execute()
}
