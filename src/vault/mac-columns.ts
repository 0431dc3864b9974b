// Every column that holds MACs. A key that MACs are made with is in use.
import type { SealedColumn } from './sealed-columns.ts'
import { sealedTables } from './sealed-rows/tables.ts'

export const macColumns: readonly SealedColumn[] = [
  ...sealedTables.map(({ table, key, keyType }) => macColumn(table, key, keyType)),
  macColumn('sealed_sets', 'table_name', 'text'),
  macColumn('vault_marks', 'name', 'text'),
]

export function macColumnOf(name: string): SealedColumn {
  const found = macColumns.find(({ table }) => table === name)
  if (found === undefined) throw new Error(`${name} has no MACs.`)
  return found
}

function macColumn(table: string, key: string, keyType: SealedColumn['keyType']): SealedColumn {
  return { table, column: 'mac', key, keyType, row: key }
}
