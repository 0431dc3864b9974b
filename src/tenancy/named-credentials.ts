import { canonicalName } from './certificate-name.ts'
import type { NamedCredential } from './store.ts'

/**
 * Credentials without a secret of Kontor: an issuer or an authority vouches for a name, and a row
 * maps it to a platform.
 */
export interface NamedCredentialIndex {
  ofToken(issuer: string, subject: string): NamedCredential | undefined
  /**
   * @param names  as http/auth/certificate.ts reads them.
   * @returns undefined too when they match several platforms
   */
  ofCertificate(names: readonly string[]): NamedCredential | undefined
}

export function indexNamedCredentials(
  credentials: readonly NamedCredential[],
): NamedCredentialIndex {
  const ofToken = new Map<string, NamedCredential>()
  const ofCertificate = new Map<string, NamedCredential[]>()
  for (const credential of credentials) {
    const { name } = credential
    if ('issuer' in name) ofToken.set(`${name.issuer} ${name.subject}`, credential)
    else {
      // A row that was not written through the API may not be canonical.
      const certificate = canonicalName(name.certificate)
      ofCertificate.set(certificate, [...(ofCertificate.get(certificate) ?? []), credential])
    }
  }
  return {
    ofToken: (issuer, subject) => ofToken.get(`${issuer} ${subject}`),
    ofCertificate(names) {
      const matches = names.flatMap((name) => ofCertificate.get(name) ?? [])
      const [first] = matches
      // A certificate that matches two platforms is ambiguous: the wrong one must not act for the
      // other.
      return matches.every(({ platform }) => platform.id === first?.platform.id) ? first : undefined
    },
  }
}
