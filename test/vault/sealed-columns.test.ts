import pg from 'pg'
import t from 'tap'
import { macColumns } from '../../src/vault/mac-columns.ts'
import { sealedColumns } from '../../src/vault/sealed-columns.ts'
import { createDatabase } from '../support/postgres.ts'

// Binary columns without sealed values and MACs of the ring: digests, keyed or not, and canaries,
// which each stay under their own key.
const otherBytes = [
  'api_tokens.digest',
  'audit_events.mac',
  'audit_head.hash',
  'audit_head.seal',
  'audit_links.event_hash',
  'audit_links.hash',
  'audit_links.seal',
  'bindings.request_digest',
  'catalog_quarantines.lost_digest',
  'findings.fingerprint',
  'findings.identity',
  'instances.identity_mac',
  'instances.parameters_digest',
  'operations.request_digest',
  'order_events.request_digest',
  'orders.request_digest',
  'plan_comparisons.digest',
  'platform_credentials.password_digest',
  'provider_catalogs.content_digest',
  'sealed_sets.digest',
  'sessions.digest',
  'vault_keys.canary',
]

t.test(
  'every bytea column is listed as sealed, as a MAC or as neither, so that a rotation misses none',
  async (t) => {
    const client = new pg.Client({ connectionString: (await createDatabase(t)).url })
    await client.connect()
    try {
      const { rows } = await client.query<{ name: string }>(
        `select table_name || '.' || column_name as name from information_schema.columns
         where table_schema = 'public' and data_type = 'bytea'`,
      )
      t.strictSame(
        rows.map(({ name }) => name).toSorted(),
        [
          ...otherBytes,
          ...[...sealedColumns, ...macColumns].map(({ table, column }) => `${table}.${column}`),
        ].toSorted(),
      )
    } finally {
      await client.end()
    }
  },
)
