import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../../db/database.ts'
import type { SealedHead } from '../../event.ts'

/**
 * The head of the chain, locked so that only one process links at a time.
 * @returns undefined when another process has locked it, or when there is no head
 */
export async function lockHead(tx: Tx): Promise<SealedHead | undefined> {
  const row = await tx
    .selectFrom('audit_head')
    .select(['position', 'hash', 'seal'])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : { position: Number(row.position), hash: row.hash, seal: row.seal }
}

/** As `lockHead`, after any process that links. */
export async function awaitHead(tx: Tx): Promise<SealedHead | undefined> {
  const row = await tx
    .selectFrom('audit_head')
    .select(['position', 'hash', 'seal'])
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : { ...row, position: Number(row.position) }
}

/** Writes a head only where nothing has ever been linked: a deleted head must not start anew. */
export async function insertFirstHead(tx: Tx, head: SealedHead): Promise<void> {
  await sql`insert into audit_head (position, hash, seal)
    select ${head.position}, ${head.hash}, ${head.seal}
    where not exists (select from audit_links) on conflict do nothing`.execute(tx)
}

export async function hasHead(db: DbOrTx): Promise<boolean> {
  return (await db.selectFrom('audit_head').select('position').executeTakeFirst()) !== undefined
}

export async function moveHead(tx: Tx, head: SealedHead): Promise<void> {
  await tx
    .updateTable('audit_head')
    .set({ position: head.position, hash: head.hash, seal: head.seal })
    .execute()
}

/** The head and the highest position of a link, read in one snapshot. */
export async function findHead(
  db: DbOrTx,
): Promise<{ readonly head: SealedHead | undefined; readonly last: number }> {
  const {
    rows: [row],
  } = await sql<{
    position: string | null
    hash: Buffer | null
    seal: Buffer | null
    last: string | null
  }>`
    select position, hash, seal, (select max(position) from audit_links) as last
    from (select) as nothing left join audit_head on true`.execute(db)
  const last = Number(row?.last ?? 0)
  if (row?.position == null || row.hash === null || row.seal === null)
    return { head: undefined, last }
  return { head: { position: Number(row.position), hash: row.hash, seal: row.seal }, last }
}
