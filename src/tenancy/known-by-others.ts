import { canonicalName } from './certificate-name.ts'
import type { NamedCredential } from './store.ts'

/** Credentials that hold no secret of ours: an issuer or an authority says who it is, and we whose that is. */
export interface KnownByOthers {
  ofToken(issuer: string, subject: string): NamedCredential | undefined
  /** @param names  as http/auth/certificate.ts reads them; undefined too when they lead to more than one platform */
  ofCertificate(names: readonly string[]): NamedCredential | undefined
}

export function knownByOthers(credentials: readonly NamedCredential[]): KnownByOthers {
  const ofToken = new Map<string, NamedCredential>()
  const ofCertificate = new Map<string, NamedCredential[]>()
  for (const credential of credentials) {
    const { name } = credential
    if ('issuer' in name) ofToken.set(`${name.issuer} ${name.subject}`, credential)
    else {
      // What was not issued over the API may stand there in another form.
      const certificate = canonicalName(name.certificate)
      ofCertificate.set(certificate, [...(ofCertificate.get(certificate) ?? []), credential])
    }
  }
  return {
    ofToken: (issuer, subject) => ofToken.get(`${issuer} ${subject}`),
    ofCertificate(names) {
      const found = names.flatMap((name) => ofCertificate.get(name) ?? [])
      const [first] = found
      // Of two platforms that claim one certificate nobody can tell whose it is, and the wrong one must not get the other's orders.
      return found.every(({ platform }) => platform.id === first?.platform.id) ? first : undefined
    },
  }
}
