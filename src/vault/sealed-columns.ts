// Every column that holds sealed values, and how the place of each is found in its row: what a change of keys must reach.
// test/vault/sealed-columns.test.ts compares it with the database.
import type { Aad } from './seal.ts'

export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The primary key, by which rows are read in order. */
  readonly key: string
  readonly keyType: 'uuid' | 'text'
  /** The columns that a Place names as its row and its owner; without an owner it is empty. */
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
