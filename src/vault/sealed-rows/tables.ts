// Every table whose rows decide who is let in and what he may do, with the columns that decide it.
// A line here is all that a table needs to carry MACs, besides its column `mac bytea`, a store that
// writes through write-sealed.ts, and a cache or query that reads through read-sealed.ts.
//
// A release may add a table, or columns to one: the mark (mark.ts) names the columns under the MACs
// of a database, and `kontor key seal-rows` moves it on to those that are listed here.

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
  sealed('api_tokens', 'person_id digest access organisations roles expires_at', 'digest'),
  sealed('invitations', 'organisation_id role email issuer subject state expires_at'),
  sealed('memberships', 'person_id organisation_id role'),
  sealed('organisation_mappings', 'platform_id kind external_id organisation_id'),
  sealed('organisations', 'name parent_id level state'),
  sealed('people', 'issuer subject'),
  sealed(
    'platform_credentials',
    'platform_id kind username password_digest issuer subject certificate_name ' +
      'issuer_organisations',
    'password_digest',
  ),
  sealed('platforms', 'name kind state organisation_id'),
  // Where Kontor sends secrets and whether it does; the credentials' own AAD names their version.
  sealed(
    'providers',
    'name backend settings state revision credentials_version store_binding_credentials ' +
      'approved_origins token_origin allowed_networks allowed_ports',
  ),
  sealed('quotas', 'organisation_id provider_id offering_id plan_id instances'),
  // An acceptance gives a role to the person that it names, in the organisation that it names.
  sealed('registrations', 'person_id kind agency organisation_id role state'),
  sealed(
    'visibility_rules',
    'effect platform_id organisation_id level provider_id offering_id plan_id ' +
      'label_name label_value reason conceal',
  ),
] as const satisfies readonly SealedTable[]

export type SealedTableName = (typeof sealedTables)[number]['table']

/** Tables whose rows are checked one by one, when an order needs them. */
export const rowTables = ['instances', 'plan_targets'] as const

/** The tables of which a process reports whether they are as Kontor wrote them. */
export const reportedTables: readonly string[] = [
  ...sealedTables.map(({ table }) => table),
  ...rowTables,
  'vault_marks',
]

/** @param columns  their names, with a space between each two  @param bytes  those of type bytea */
function sealed<Table extends string>(table: Table, columns: string, ...bytes: readonly string[]) {
  return { table, key: 'id', keyType: 'uuid', columns: columns.split(' '), bytes } as const
}

/** A table with the columns under its MACs, as the mark names it: `quotas(organisation_id,...)`. */
export function nameWithColumns({ table, columns }: SealedTable): string {
  return `${table}(${columns.join(',')})`
}

/** All tables with the columns that this release seals. */
export const newestNames: readonly string[] = sealedTables.map(nameWithColumns)

/** The name of the table in a name with columns. */
export function tableOfName(name: string): string {
  return name.replace(/\(.*/, '')
}

/**
 * A table with the columns that these names have for it.
 * @returns undefined when none of them names the table with columns
 */
export function sealedTableIn(
  names: readonly string[],
  table: SealedTableName,
): SealedTable | undefined {
  const columns = names.find((name) => name.startsWith(`${table}(`))?.slice(table.length + 1, -1)
  return columns === undefined ? undefined : { ...sealedTable(table), columns: columns.split(',') }
}

export function sealedTable(name: SealedTableName): SealedTable {
  const found = sealedTables.find(({ table }) => table === name)
  if (found === undefined) throw new Error(`${name} is not a sealed table.`)
  return found
}
