import type { DbOrTx } from '../../db/database.ts'
import { vaultOf } from '../vault.ts'
import { readSealing } from './sealing.ts'
import { sealedTables } from './tables.ts'

/**
 * What SQL can still change without a trace because "kontor key seal-rows" has not ended: tables,
 * and values in a format of earlier releases. Empty once it has.
 */
export async function findUnsealed(db: DbOrTx): Promise<readonly string[]> {
  const vault = vaultOf(db)
  const { isSealed } = await readSealing(db, vault)
  return [
    ...sealedTables.flatMap(({ table }) => (isSealed(table) ? [] : [table])),
    ...(vault.acceptsOldReleases() ? ['sealed values in the format of earlier releases'] : []),
  ]
}
