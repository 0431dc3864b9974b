import type { DB } from './schema.gen.ts'

/** What a serving process does to a table besides reading it. */
export type Right = 'insert' | 'update' | 'delete' | `update (${string})`

type Table = keyof DB | 'kysely_migration'

/**
 * The rights of the database role that serves: what the code does to each table, and nothing else.
 * Every table may be read. A new table needs a line here; test/db/serving-role.test.ts compares
 * the list with the statements of the stores.
 */
export const servingRights: Readonly<Record<Table, readonly Right[]>> = {
  audit_checkpoint: ['update'],
  audit_events: ['insert'],
  audit_head: ['insert', 'update'],
  audit_links: ['insert'],
  // The trigger on audit_events inserts with the rights of the session.
  audit_unlinked: ['insert', 'update (lost)', 'delete'],
  bindings: ['insert', 'update'],
  catalog_quarantines: ['insert', 'update', 'delete'],
  catalog_revision: ['update'],
  findings: ['insert', 'update', 'delete'],
  instances: ['insert', 'update'],
  kysely_migration: [],
  offerings: ['insert', 'update', 'delete'],
  operation_durations: ['insert', 'update'],
  operations: ['insert', 'update'],
  organisation_mappings: ['insert', 'update', 'delete'],
  organisations: ['insert', 'update'],
  orphans: ['insert', 'update'],
  plan_targets: ['insert', 'delete'],
  plans: ['insert', 'update', 'delete'],
  platform_credentials: ['insert', 'update', 'delete'],
  platforms: ['insert', 'update'],
  provider_catalogs: ['insert', 'update', 'delete'],
  provider_circuits: ['insert', 'update', 'delete'],
  providers: ['insert', 'update'],
  quotas: ['insert', 'update', 'delete'],
  reconciliation_runs: ['insert', 'update', 'delete'],
  // Written together with the rows that they stand for.
  sealed_sets: ['insert', 'update'],
  serving_roles: [],
  vault_keys: ['insert', 'update', 'delete'],
  vault_processes: ['insert', 'update', 'delete'],
  vault_marks: ['insert', 'update'],
  // A rotation of the keys updates every column that holds sealed values.
  vault_secrets: ['insert', 'update'],
  visibility_rules: ['insert', 'update', 'delete'],
}
