import type { Db, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { timeNow } from '../processes/store.ts'
import { vaultOf } from '../vault.ts'
import { digestOfRows } from './digest-of-rows.ts'
import { moveMark, sealAnew, withLockedTables, type Sealed } from './seal-anew.ts'
import { readSealing } from './sealing.ts'
import {
  nameWithColumns,
  sealedTable,
  sealedTableIn,
  sealedTables,
  tableOfName,
  type SealedTableName,
} from './tables.ts'

/** @throws BrokerError `invalid_request` for a table whose rows carry no MACs */
export function parseSealedTable(name: string): SealedTableName {
  const found = sealedTables.find(({ table }) => table === name)
  if (found !== undefined) return found.table
  const names = sealedTables.map(({ table }) => table).join(', ')
  throw new BrokerError('invalid_request', `The rows of "${name}" are not sealed: ${names} are.`)
}

/**
 * Accepts a table as it is, after an operator has looked at it: seals its rows and its set, and
 * sets the mark again if that was changed.
 * @param seen  the digest of the rows that the operator has looked at (digest-of-rows.ts)
 * @throws BrokerError `conflict` when the table is not sealed yet, or its rows have changed since
 */
export async function resealTable(
  db: Db,
  table: SealedTableName,
  seen: string,
  record: (tx: Tx, sealed: Sealed) => Promise<void>,
): Promise<Sealed> {
  const vault = vaultOf(db)
  return withLockedTables(db, [table], async (tx) => {
    const sealing = await readSealing(tx, vault)
    if (!sealing.isSealed(table))
      throw new BrokerError('conflict', 'The rows are not sealed yet. Run "kontor key seal-rows".')
    if ((await digestOfRows(tx, table)) !== seen)
      throw new BrokerError(
        'conflict',
        `The rows of ${table} have changed since you looked at them, or the digest is another ` +
          'table\'s. Look again: "kontor key status" and GET /api/integrity show the digest.',
      )
    const now = await timeNow(tx)
    const isNamed = sealedTableIn(sealing.names, table) !== undefined
    const names = isNamed
      ? sealing.names
      : [
          ...sealing.names.filter((name) => tableOfName(name) !== table),
          nameWithColumns(sealedTable(table)),
        ]
    if (!isNamed || !sealing.isMarkRight) await moveMark(tx, vault, sealing, names, now)
    const sealed = await sealAnew(tx, vault, names, table, now)
    await record(tx, sealed)
    return sealed
  })
}
