// The keys that this database knows, and the locks under which processes change their use.
import { sql } from 'kysely'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'

/**
 * Until the transaction ends, no other process chooses its sealing key or marks a key as unused.
 */
export async function lockKeyRings(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.rings})`.execute(tx)
}

/** Held until the connection ends. @returns false when another process holds the lock */
export async function tryLockRotation(connection: Db): Promise<boolean> {
  const { rows } = await sql<{
    taken: boolean
  }>`select pg_try_advisory_lock(${advisoryLocks.rotation}) as taken`.execute(connection)
  return rows[0]?.taken === true
}

/** A key as this database knows it. */
export interface KnownKey {
  readonly id: string
  /** The key's id, sealed with the key itself; null until a process has made it. */
  readonly canary: Buffer | null
  readonly isInUse: boolean
}

export async function listKeys(db: DbOrTx): Promise<KnownKey[]> {
  return db
    .selectFrom('vault_keys')
    .select(['id', 'canary', 'in_use as isInUse'])
    .orderBy('first_seen_at')
    .orderBy('id')
    .execute()
}

export async function upsertKey(tx: Tx, id: string, canary: Buffer): Promise<void> {
  await tx
    .insertInto('vault_keys')
    .values({ id, canary, in_use: false })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ canary }))
    .execute()
}

/** Frees the id for another key. */
export async function deleteKey(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('vault_keys').where('id', '=', id).execute()
}

export async function setInUse(tx: Tx, ids: readonly string[], isInUse: boolean): Promise<void> {
  await tx
    .updateTable('vault_keys')
    .set({ in_use: isInUse })
    .where(sql<boolean>`id = any(${ids})`)
    .where('in_use', '!=', isInUse)
    .execute()
}
