// Every column that holds digests which were made with a digest key, and which a rotation of all
// that a key protects makes again.
import type { SealedColumn } from './sealed-columns.ts'

export const digestColumns = {
  passwords: column('platform_credentials', 'password_digest'),
  tokens: column('api_tokens', 'digest'),
  parameters: column('instances', 'parameters_digest'),
  identities: column('instances', 'identity_mac'),
  bindings: column('bindings', 'request_digest'),
  sessions: column('sessions', 'digest'),
  updates: column('operations', 'request_digest'),
} as const satisfies Record<string, SealedColumn>

function column(table: string, name: string): SealedColumn {
  return { table, column: name, key: 'id', keyType: 'uuid', row: 'id' }
}
