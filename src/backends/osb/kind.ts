import { defaultsOf } from '../../schemas.ts'
import type { OsbCredentials, OsbSettings } from '../../types.gen.ts'
import { expiryOf } from '../client-certificate.ts'
import { defaultAnswerCaps, type AnswerCaps } from '../../config.ts'
import type { BackendKind } from '../kind.ts'
import { osbBackend } from '../osb.ts'
import { checkOsb } from './check-settings.ts'

export const osbKind: BackendKind = {
  create(settings, credentials, networks, caps) {
    const checked = checkOsb(settings, credentials)
    if (typeof checked === 'string') throw new Error(`This back end cannot be made: ${checked}.`)
    const [own, ...rest] = checked
    return osbBackend(withinCaps(own, caps), ...rest, networks)
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
    const { url, tlsCa } = (settings ?? {}) as Partial<OsbSettings>
    // Something other than Kontor may have written the row.
    const origin = URL.canParse(String(url)) ? new URL(String(url)).origin : String(url)
    return { origin, authorities: tlsCa }
  },
  tokenOrigin(credentials) {
    const { tokenUrl } = credentials as { readonly tokenUrl?: string }
    return tokenUrl === undefined ? undefined : new URL(tokenUrl).origin
  },
  ownSettings: new Set<keyof OsbSettings>(['url', 'apiVersion', 'tlsCa']),
  get defaultSettings() {
    return defaultsOf('osb-settings')
  },
}

/** The settings with the limits that hold: a provider may lower an operator's, but not raise it. */
function withinCaps(settings: OsbSettings, caps: AnswerCaps): OsbSettings {
  const { maxCatalogBytes, maxResponseBytes } = { ...defaultAnswerCaps, ...settings }
  return {
    ...settings,
    maxCatalogBytes: Math.min(maxCatalogBytes, caps.maxCatalogBytes),
    maxResponseBytes: Math.min(maxResponseBytes, caps.maxResponseBytes),
  }
}
