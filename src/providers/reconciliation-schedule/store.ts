// When each provider's instances and bindings are next compared with Kontor's records.
import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'

/**
 * Plans the next run of each provider that has none planned: at a random time within its interval,
 * so that providers do not all run at once. A run that is further away than the interval, because
 * that was shortened, moves to its end.
 */
export async function planRuns(db: DbOrTx, now: Date): Promise<void> {
  await db
    .updateTable('providers')
    .set({
      next_reconcile_at: sql`${now}::timestamptz + reconcile_seconds * interval '1 second'
        * case when next_reconcile_at is null then random() else 1 end`,
    })
    .where('reconcile_seconds', '>', 0)
    .where('state', '!=', 'removed')
    .where(
      sql<boolean>`(next_reconcile_at is null
        or next_reconcile_at > ${now}::timestamptz + reconcile_seconds * interval '1 second')`,
    )
    .execute()
}

/**
 * Claims the providers whose run is due now, and plans their next one; no other process gets the
 * same.
 */
export async function claimDueProviders(tx: Tx, now: Date): Promise<string[]> {
  const rows = await tx
    .updateTable('providers')
    .set({ next_reconcile_at: sql`${now}::timestamptz + reconcile_seconds * interval '1 second'` })
    .where('reconcile_seconds', '>', 0)
    .where('state', '!=', 'removed')
    .where('next_reconcile_at', '<=', now)
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}
