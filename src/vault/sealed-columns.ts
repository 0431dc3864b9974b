// Every column that holds sealed values, and how to build the AAD of each from its row. A key
// rotation goes through all of them. test/vault/sealed-columns.test.ts compares the list with the
// database.
import type { Aad } from './seal.ts'

export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The primary key, which orders the rows. */
  readonly key: string
  readonly keyType: 'uuid' | 'text'
  /** The columns that give the AAD its row and its owner; without `owner` that part is empty. */
  readonly row: string
  readonly owner?: string
}

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'vault_secrets', column: 'sealed', key: 'name', keyType: 'text', row: 'name' },
  { table: 'providers', column: 'credentials', key: 'id', keyType: 'uuid', row: 'name' },
  {
    table: 'instances',
    column: 'parameters',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
  },
  {
    table: 'instances',
    column: 'extensions',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
  },
  {
    table: 'bindings',
    column: 'request',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
  },
  {
    table: 'bindings',
    column: 'result',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
  },
  {
    table: 'operations',
    column: 'change',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
  },
]

export function aadOf(
  { table, column }: SealedColumn,
  { row, owner }: { readonly row: string; readonly owner: string },
): Aad {
  return [table, column, row, owner]
}
