import type { DbOrTx } from '../../db/database.ts'
import type { CredentialView } from '../../types.gen.ts'
import { listViews, type CredentialRow } from './store.ts'

/** The credentials of a platform, oldest first, without their secrets. */
export async function listCredentials(
  db: DbOrTx,
  platformId: string,
): Promise<{ readonly items: CredentialView[] }> {
  return { items: (await listViews(db, platformId)).map(viewOf) }
}

export function viewOf(row: CredentialRow): CredentialView {
  return {
    id: row.id,
    // a check constraint allows just these kinds
    kind: row.kind as CredentialView['kind'],
    ...(row.username === null ? {} : { username: row.username }),
    ...(row.issuer === null ? {} : { issuer: row.issuer }),
    ...(row.subject === null ? {} : { subject: row.subject }),
    ...(row.certificate_name === null ? {} : { certificateName: row.certificate_name }),
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }
}

/** The name of a credential in messages. */
export function nameOf(
  row: Pick<CredentialRow, 'username' | 'issuer' | 'subject' | 'certificate_name'>,
): string {
  return row.username ?? row.certificate_name ?? `${row.subject} of ${row.issuer}`
}
