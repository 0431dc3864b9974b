import type { Db } from '../../db/database.ts'
import { vaultOf } from '../vault.ts'
import { integrityOf, type Failure } from './integrity.ts'
import { digestOfRows } from './digest-of-rows.ts'
import { readSealed } from './read-sealed.ts'
import { readSealing } from './sealing.ts'
import { rowTables, sealedTables } from './tables.ts'

/** The state of a protected table. */
export interface TableReport extends Failure {
  /** False: rows without a MAC count, until "kontor key seal-rows" has sealed them. */
  readonly isSealed: boolean
  /** See digest-of-rows.ts; undefined: the table is not sealed as a whole. */
  readonly digest?: string
}

/**
 * Checks all protected tables, each row of them, in the order of their names. Of tables whose rows
 * are checked one by one it tells what this process has noticed.
 */
export async function verifySealed(db: Db): Promise<{
  readonly tables: readonly TableReport[]
  /** False: the mark since which rows count only with their MAC is gone or changed. */
  readonly isMarkRight: boolean
}> {
  const names = sealedTables.map(({ table }) => table)
  const { data, checks } = await readSealed(db, names, async (tx) => {
    const digests = new Map<string, string>()
    for (const table of names) digests.set(table, await digestOfRows(tx, table))
    return { ...(await readSealing(tx, vaultOf(db))), digests }
  })
  const { failures } = integrityOf(vaultOf(db))
  return {
    tables: [
      ...names.map((table) => ({
        table,
        isSealed: data.isSealed(table),
        digest: data.digests.get(table) ?? '',
        damaged: [...checks[table].damaged].toSorted(),
        isWhole: checks[table].isWhole,
      })),
      ...rowTables.flatMap((table) => {
        const noted = failures.get(table)
        return noted === undefined ? [] : [{ ...noted, isSealed: true }]
      }),
    ],
    isMarkRight: data.isMarkRight,
  }
}

/** What is wrong with a table, a sentence for each row. */
export function describeFailure({ table, damaged, isWhole }: Failure): string[] {
  return [
    ...damaged.map((key) => `${table}: Kontor did not write the row ${key} as it is.`),
    ...(isWhole
      ? []
      : [`${table}: a row was removed or set back past Kontor, or its sealed set was changed.`]),
  ]
}

export const markFailure = 'vault_marks: the mark that refuses rows without a MAC was changed.'
