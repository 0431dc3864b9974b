// Every table whose rows decide who is let in and what he may do, with the columns that decide it.
// A line here is all that a table needs to carry MACs, besides its column `mac bytea`, a store that
// writes through write-sealed.ts, and a cache or query that reads through read-sealed.ts.

export interface SealedTable {
  readonly table: string
  /** The primary key. It is under the MAC, so that no row's MAC counts for another row. */
  readonly key: string
  readonly keyType: 'uuid' | 'text'
  /** The columns under the MAC, besides the primary key. */
  readonly columns: readonly string[]
  /** Those of them that hold bytes. */
  readonly bytes: readonly string[]
}

// In the order of their names, in which transactions lock their sets.
export const sealedTables = [
  sealed('organisation_mappings', 'platform_id kind external_id organisation_id'),
  sealed('organisations', 'name parent_id level state'),
  sealed(
    'platform_credentials',
    'platform_id kind username password_digest issuer subject certificate_name ' +
      'issuer_organisations',
    'password_digest',
  ),
  sealed('platforms', 'name kind state organisation_id'),
  sealed('providers', 'name approved_origins token_origin allowed_networks allowed_ports'),
  sealed('quotas', 'organisation_id provider_id offering_id plan_id instances'),
  sealed(
    'visibility_rules',
    'effect platform_id organisation_id level provider_id offering_id plan_id ' +
      'label_name label_value reason conceal',
  ),
] as const satisfies readonly SealedTable[]

export type SealedTableName = (typeof sealedTables)[number]['table']

/** The tables of which a process reports whether they are as Kontor wrote them. */
export const reportedTables: readonly string[] = [
  ...sealedTables.map(({ table }) => table),
  'vault_marks',
]

/** @param columns  their names, with a space between each two  @param bytes  those of type bytea */
function sealed<Table extends string>(table: Table, columns: string, ...bytes: readonly string[]) {
  return { table, key: 'id', keyType: 'uuid', columns: columns.split(' '), bytes } as const
}

export function sealedTable(name: SealedTableName): SealedTable {
  const found = sealedTables.find(({ table }) => table === name)
  if (found === undefined) throw new Error(`${name} is not a sealed table.`)
  return found
}
