import type { Tx } from '../../db/database.ts'
import { macsOf } from '../mac.ts'
import type { KeyRing } from '../key-ring.ts'
import { setMark } from './mark.ts'
import { listRows } from './rows/store.ts'
import { sealSet } from './sealed-set.ts'
import { upsertSet } from './sets/store.ts'
import { newestNames, sealedTables } from './tables.ts'

/**
 * Seals the tables of a new database, so that no row without a MAC ever counts in it. Does nothing
 * when one of them has a row: that database is older than MACs.
 */
export async function beginSealed(tx: Tx, ring: KeyRing, since: Date): Promise<void> {
  for (const table of sealedTables) if ((await listRows(tx, table)).length > 0) return
  const macs = macsOf(ring)
  const names = newestNames
  for (const { table } of sealedTables) await upsertSet(tx, sealSet(macs, names, table, 1n, 0n))
  await setMark(tx, macs, { since, names })
}
