import type { OsbCredentials, OsbSettings } from '../../types.gen.ts'
import { expiryOf } from '../client-certificate.ts'
import type { BackendKind } from '../kind.ts'
import { osbBackend } from '../osb.ts'
import { checkOsb } from './check-settings.ts'

export const osbKind: BackendKind = {
  create(settings, credentials, networks) {
    const checked = checkOsb(settings, credentials)
    if (typeof checked === 'string') throw new Error(`This back end cannot be made: ${checked}.`)
    return osbBackend(...checked, networks)
  },
  check(settings, credentials) {
    const checked = checkOsb(settings, credentials)
    return typeof checked === 'string' ? checked : undefined
  },
  checkExpiry(credentials, now) {
    // Both casts: the contract of BackendKind says that `check` has passed them.
    const { clientCertificate } = credentials as Extract<
      OsbCredentials,
      { clientCertificate?: unknown }
    >
    return clientCertificate !== undefined && expiryOf(clientCertificate) <= now
      ? 'credentials.clientCertificate.certificate has expired'
      : undefined
  },
  audience(settings) {
    const { url, tlsCa } = settings as OsbSettings
    return { origin: new URL(url).origin, authorities: tlsCa }
  },
}
