import type { Db, Tx } from '../../src/db/database.ts'
import { digestOfRows } from '../../src/vault/sealed-rows/digest-of-rows.ts'
import { resealTable } from '../../src/vault/sealed-rows/reseal.ts'
import type { SealedTableName } from '../../src/vault/sealed-rows/tables.ts'
import { writeSealed } from '../../src/vault/sealed-rows/write-sealed.ts'

/** Has Kontor accept rows that a test wrote by SQL. @param db  of a Kontor that runs */
export async function acceptRows(db: Db, ...tables: SealedTableName[]): Promise<void> {
  for (const table of tables)
    await resealTable(db, table, await digestOfRows(db, table), async () => {})
}

/**
 * Writes a protected row as another process of Kontor does, without a notification.
 * @param filter  names the row
 */
export async function writeAsKontor(
  db: Db,
  table: SealedTableName,
  filter: Readonly<Record<string, string>>,
  write: (tx: Tx) => Promise<unknown>,
): Promise<void> {
  await db.transaction().execute(async (tx) => writeSealed(tx, table, filter, () => write(tx)))
}
