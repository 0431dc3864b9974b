import type { CredentialView, IssuedCredential } from '../types.gen.ts'
import { fields } from './print.ts'

/** The rows of the table of credentials, heads first. */
export function credentialRows(credentials: readonly CredentialView[]): string[][] {
  return [
    ['ID', 'KIND', 'SIGNS IN AS', 'CREATED', 'LAST USED'],
    ...credentials.map((each) => [
      each.id,
      each.kind,
      each.username ?? each.certificateName ?? `${each.subject} of ${each.issuer}`,
      each.createdAt,
      each.lastUsedAt ?? 'never',
    ]),
  ]
}

/** A credential just issued, with its password. */
export function credentialFields(issued: IssuedCredential): string {
  const { id, kind, username, password, issuer, subject, certificateName } = issued
  return fields({
    id,
    kind,
    username,
    password,
    issuer,
    subject,
    'certificate name': certificateName,
  })
}
