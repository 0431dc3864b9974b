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
  /** The column that holds the value's version, where the value changes in place. */
  readonly version?: string
  /** The columns that say where the value may be sent, as `DestinationOf` reads them. */
  readonly destination?: readonly string[]
  /** The column with the key of the instance whose provider is the value's destination. */
  readonly instance?: string
}

/**
 * Where the values of a row may be sent, as their AAD has it. A module above the vault knows what
 * the columns mean (providers/credentials.ts).
 * @param columns  as `destination` of the sealed column names them, null for SQL's null
 */
export type DestinationOf = (columns: readonly unknown[]) => string

export const sealedColumns: readonly SealedColumn[] = [
  {
    table: 'vault_secrets',
    column: 'sealed',
    key: 'name',
    keyType: 'text',
    row: 'name',
    version: 'version',
  },
  {
    table: 'providers',
    column: 'credentials',
    key: 'id',
    keyType: 'uuid',
    row: 'name',
    version: 'credentials_version',
    destination: ['backend', 'settings', 'token_origin'],
  },
  {
    table: 'instances',
    column: 'parameters',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
    version: 'parameters_version',
  },
  {
    table: 'instances',
    column: 'extensions',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
    version: 'extensions_version',
  },
  {
    table: 'bindings',
    column: 'request',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
    instance: 'instance_key',
  },
  {
    table: 'bindings',
    column: 'result',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
    version: 'result_version',
    instance: 'instance_key',
  },
  {
    table: 'operations',
    column: 'change',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'platform_id',
    instance: 'instance_key',
  },
  {
    table: 'orders',
    column: 'parameters',
    key: 'id',
    keyType: 'uuid',
    row: 'id',
    owner: 'organisation_id',
    version: 'parameters_version',
  },
]

/** The parts of a row that its AAD is made from, as `listSealed` reads them. */
export interface BoundRow {
  readonly row: string
  readonly owner: string
  readonly version: number
  readonly bound: readonly unknown[]
}

export function aadOf(
  { table, column, destination, instance }: SealedColumn,
  { row, owner, version, bound }: BoundRow,
  destinationOf: DestinationOf,
): Aad {
  const own = instance === undefined ? '' : String(bound[0])
  const where = destination === undefined ? own : destinationOf(bound)
  return [table, column, row, owner, version, where]
}

/** The columns of a row that its AAD names besides row, owner and version. */
export function boundColumns({ destination, instance }: SealedColumn): readonly string[] {
  return destination ?? (instance === undefined ? [] : [instance])
}
