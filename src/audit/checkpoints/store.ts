import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'

export interface StoredCheckpoint {
  readonly databaseId: string
  /** null: none has been made. */
  readonly token: string | null
  readonly isWritten: boolean
}

/**
 * The newest checkpoint, locked so that one process makes the next.
 * @returns undefined when another process has locked it, or when the row is gone
 */
export async function lockCheckpoint(tx: Tx): Promise<StoredCheckpoint | undefined> {
  const row = await tx
    .selectFrom('audit_checkpoint')
    .select(['database_id', 'token', 'is_written'])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : { databaseId: row.database_id, token: row.token, isWritten: row.is_written }
}

/** The newest checkpoint; undefined when the row is gone. */
export async function findCheckpoint(db: DbOrTx): Promise<StoredCheckpoint | undefined> {
  return db
    .selectFrom('audit_checkpoint')
    .select(['database_id as databaseId', 'token', 'is_written as isWritten'])
    .executeTakeFirst()
}

export async function saveCheckpoint(tx: Tx, token: string): Promise<void> {
  await tx.updateTable('audit_checkpoint').set({ token, is_written: false }).execute()
}

/** Marks a checkpoint as written, unless a newer one has been made. */
export async function markWritten(db: DbOrTx, token: string): Promise<void> {
  await db
    .updateTable('audit_checkpoint')
    .set({ is_written: true })
    .where('token', '=', token)
    .execute()
}

/** @returns undefined when the row is gone */
export async function findDatabaseId(db: DbOrTx): Promise<string | undefined> {
  const row = await db.selectFrom('audit_checkpoint').select('database_id').executeTakeFirst()
  return row?.database_id
}

export interface LinkHash {
  readonly eventId: string
  readonly hash: Buffer
}

/** The links at these positions; those that do not exist are missing in the answer. */
export async function findLinks(
  db: DbOrTx,
  positions: readonly number[],
): Promise<ReadonlyMap<number, LinkHash>> {
  const rows = await db
    .selectFrom('audit_links')
    .select(['position', 'event_id', 'hash'])
    .where(sql<boolean>`position = any(${positions}::bigint[])`)
    .execute()
  return new Map(
    rows.map(({ position, event_id: eventId, hash }) => [Number(position), { eventId, hash }]),
  )
}
