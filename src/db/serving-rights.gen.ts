// Generated from the statements in src/ by "npm run gen". Do not edit.

/**
 * The rights of the database role that serves, besides that to read every table: what the code does
 * to each table, and nothing else.
 */
export const servingRights: Readonly<Record<string, readonly string[]>> = {
  audit_checkpoint: ['update'],
  audit_events: ['insert'],
  audit_head: ['insert', 'update'],
  audit_links: ['insert'],
  audit_unlinked: ['insert', 'update (lost)', 'delete'],
  bindings: ['insert', 'update'],
  catalog_quarantines: ['insert', 'update', 'delete'],
  catalog_revision: ['update'],
  findings: ['insert', 'update', 'delete'],
  instances: ['insert', 'update'],
  kysely_migration: [],
  memberships: ['insert', 'update', 'delete'],
  offerings: ['insert', 'update', 'delete'],
  operation_durations: ['insert', 'update'],
  operations: ['insert', 'update'],
  organisation_mappings: ['insert', 'update', 'delete'],
  organisations: ['insert', 'update'],
  orphans: ['insert', 'update'],
  people: ['insert', 'update'],
  plan_targets: ['insert', 'delete'],
  plans: ['insert', 'update', 'delete'],
  platform_credentials: ['insert', 'update', 'delete'],
  platforms: ['insert', 'update'],
  provider_catalogs: ['insert', 'update', 'delete'],
  provider_circuits: ['insert', 'update', 'delete'],
  providers: ['insert', 'update'],
  quotas: ['insert', 'update', 'delete'],
  reconciliation_runs: ['insert', 'update', 'delete'],
  sealed_sets: ['insert', 'update'],
  serving_roles: [],
  vault_keys: ['insert', 'update', 'delete'],
  vault_marks: ['insert', 'update'],
  vault_processes: ['insert', 'update', 'delete'],
  vault_secrets: ['insert', 'update'],
  visibility_rules: ['insert', 'update', 'delete'],
}
