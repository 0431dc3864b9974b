// The kinds of back end: one line each. `kind` comes from a provider's row.
import { X509Certificate } from 'node:crypto'
import type { ErrorObject } from 'ajv/dist/2020.js'
import { describeError, validatorOf } from '../schemas.ts'
import type { OsbCredentials, OsbSettings } from '../types.gen.ts'
import type { Backend } from './backend.ts'
import { osbBackend } from './osb.ts'

interface Kind {
  create (settings: unknown, credentials: unknown): Backend
  /** The first thing that is wrong, as a sentence that names the field but never its value. */
  check (settings: unknown, credentials: unknown): string | undefined
}

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['osb', {
    create: (settings, credentials) => osbBackend(...checkedOsb(settings, credentials)),
    check: (settings, credentials) => {
      const checked = checkOsb(settings, credentials)
      return typeof checked === 'string' ? checked : undefined
    },
  }],
])

/** Throws if `checkBackendSettings` has something to say. */
export function createBackend (kind: string, settings: unknown, credentials: unknown): Backend {
  const known = kinds.get(kind)
  if (known === undefined) throw new Error(`There is no back end of kind "${kind}".`)
  return known.create(settings, credentials)
}

export function checkBackendSettings (kind: string, settings: unknown, credentials: unknown): string | undefined {
  const known = kinds.get(kind)
  return known === undefined ? `backend must be one of ${[...kinds.keys()].map((name) => JSON.stringify(name)).join(', ')}` : known.check(settings, credentials)
}

function checkedOsb (settings: unknown, credentials: unknown): [OsbSettings, OsbCredentials] {
  const checked = checkOsb(settings, credentials)
  if (typeof checked === 'string') throw new Error(`This back end cannot be made: ${checked}.`)
  return checked
}

function checkOsb (settings: unknown, credentials: unknown): [OsbSettings, OsbCredentials] | string {
  const isSettings = validatorOf('osb-settings')
  if (!isSettings(settings)) return sentence('settings', isSettings.errors?.[0])
  // What no pattern can say: an URL that parses, a certificate that can be read.
  if (!URL.canParse(settings.url)) return 'settings.url is not a valid URL'
  if (!isReadableCa(settings.tlsCa)) return 'settings.tlsCa holds no readable certificate'
  const isCredentials = validatorOf('osb-credentials')
  if (!isCredentials(credentials)) return credentialsSentence(credentials, isCredentials.errors ?? [])
  return [settings, credentials]
}

/** `oneOf` reports every branch; only the one that was meant helps. */
function credentialsSentence (credentials: unknown, errors: readonly ErrorObject[]): string {
  const given = typeof credentials === 'object' && credentials !== null ? credentials : {}
  const branch = 'token' in given ? '#/oneOf/1/' : 'none' in given ? '#/oneOf/2/' : 'username' in given || 'password' in given ? '#/oneOf/0/' : undefined
  const meant = branch === undefined ? undefined : errors.find((error) => error.schemaPath.startsWith(branch))
  return meant === undefined ? 'credentials must hold username and password, or token, or none: true' : sentence('credentials', meant)
}

function sentence (whole: string, error: ErrorObject | undefined): string {
  return describeError(error === undefined ? undefined : { ...error, instancePath: `/${whole}${error.instancePath}` }, whole)
}

/** Every certificate of it: TLS itself passes over what it cannot read, and then trusts nobody. */
function isReadableCa (pem: string | undefined): boolean {
  if (pem === undefined) return true
  try {
    const blocks = pem.split(/(?=-----BEGIN CERTIFICATE-----)/).filter((block) => block.startsWith('-----BEGIN'))
    return blocks.map((block) => new X509Certificate(block)).length > 0
  } catch {
    return false
  }
}
