import type { DbOrTx } from '../../db/database.ts'
import type { CredentialList, CredentialView } from '../../types.gen.ts'
import { listViews, type CredentialRow } from './store.ts'

/** How a platform may sign in, oldest first. */
export async function listCredentials(db: DbOrTx, platformId: string): Promise<CredentialList> {
  return { items: (await listViews(db, platformId)).map(viewOf) }
}

export function viewOf(row: CredentialRow): CredentialView {
  return {
    id: row.id,
    // the column has a check constraint with just these kinds
    kind: row.kind as CredentialView['kind'],
    ...(row.username === null ? {} : { username: row.username }),
    ...(row.issuer === null ? {} : { issuer: row.issuer }),
    ...(row.subject === null ? {} : { subject: row.subject }),
    ...(row.certificate_name === null ? {} : { certificateName: row.certificate_name }),
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }
}

/** What people call a credential. */
export function nameOf(
  row: Pick<CredentialRow, 'username' | 'issuer' | 'subject' | 'certificate_name'>,
): string {
  return row.username ?? row.certificate_name ?? `${row.subject} of ${row.issuer}`
}
