// The kinds of back end: one line each. `kind` comes from a provider's row.
import type { ErrorObject } from 'ajv/dist/2020.js'
import type { Networks } from '../networks.ts'
import { describeError, validatorOf } from '../schemas.ts'
import type { OsbCredentials, OsbSettings } from '../types.gen.ts'
import type { Backend } from './backend.ts'
import { expiryOf, validateCertificate, readCertificates } from './client-certificate.ts'
import { osbBackend } from './osb.ts'

interface Kind {
  create(settings: unknown, credentials: unknown, networks: Networks): Backend
  /** The first thing that is wrong, as a sentence that names the field but never its value. */
  check(settings: unknown, credentials: unknown): string | undefined
  /** What was right once and is so no longer; of credentials that `check` has nothing against. */
  checkTimes(credentials: unknown, now: Date): string | undefined
  /** Of settings that `check` has nothing against: to whom credentials are shown. No secret. */
  audience(settings: unknown): Audience
}

/** Who is shown a provider's credentials: whoever answers at this origin and has a certificate of these authorities. */
interface Audience {
  readonly origin: string
  /** PEM; undefined: the usual ones. */
  readonly authorities: string | undefined
}

const kinds: ReadonlyMap<string, Kind> = new Map([
  [
    'osb',
    {
      create: (settings, credentials, networks) =>
        osbBackend(...checkedOsb(settings, credentials), networks),
      check: (settings, credentials) => {
        const checked = checkOsb(settings, credentials)
        return typeof checked === 'string' ? checked : undefined
      },
      checkTimes: (credentials, now) => {
        const { clientCertificate } = credentials as Extract<
          OsbCredentials,
          { clientCertificate?: unknown }
        >
        return clientCertificate !== undefined && expiryOf(clientCertificate) <= now
          ? 'credentials.clientCertificate.certificate has expired'
          : undefined
      },
      audience: (settings) => {
        const { url, tlsCa } = settings as OsbSettings
        return { origin: new URL(url).origin, authorities: tlsCa }
      },
    },
  ],
])

/** Throws if `checkBackendSettings` has something to say. */
export function createBackend(
  kind: string,
  settings: unknown,
  credentials: unknown,
  networks: Networks,
): Backend {
  const known = kinds.get(kind)
  if (known === undefined) throw new Error(`There is no back end of kind "${kind}".`)
  return known.create(settings, credentials, networks)
}

/**
 * The first thing that is wrong, as a sentence without its full stop that names the field.
 * @param newAt  the present time, if the credentials come now: those that are kept may have run out since
 */
export function checkBackendSettings(
  kind: string,
  settings: unknown,
  credentials: unknown,
  newAt?: Date,
): string | undefined {
  const known = kinds.get(kind)
  if (known === undefined)
    return `backend must be one of ${[...kinds.keys()].map((name) => JSON.stringify(name)).join(', ')}`
  return (
    known.check(settings, credentials) ??
    (newAt === undefined ? undefined : known.checkTimes(credentials, newAt))
  )
}

/** Where a provider is: scheme, host and port, as people and the audit are told. Of checked settings. */
export function originOf(kind: string, settings: unknown): string {
  return audienceOf(kind, settings).origin
}

/**
 * The field of changed settings by which somebody else would be shown the credentials; undefined when it is the same one.
 * A token endpoint stands in the credentials themselves, so it never changes without them.
 */
export function audienceChange(
  kind: string,
  before: unknown,
  after: unknown,
): 'settings.url' | 'settings.tlsCa' | undefined {
  const [known, next] = [audienceOf(kind, before), audienceOf(kind, after)]
  if (known.origin !== next.origin) return 'settings.url'
  return known.authorities === next.authorities ? undefined : 'settings.tlsCa'
}

function audienceOf(kind: string, settings: unknown): Audience {
  const known = kinds.get(kind)
  if (known === undefined) throw new Error(`There is no back end of kind "${kind}".`)
  return known.audience(settings)
}

function checkedOsb(settings: unknown, credentials: unknown): [OsbSettings, OsbCredentials] {
  const checked = checkOsb(settings, credentials)
  if (typeof checked === 'string') throw new Error(`This back end cannot be made: ${checked}.`)
  return checked
}

function checkOsb(settings: unknown, credentials: unknown): [OsbSettings, OsbCredentials] | string {
  const isSettings = validatorOf('osb-settings')
  if (!isSettings(settings)) return sentence('settings', isSettings.errors?.[0])
  // What no pattern can say: an URL that parses, a certificate that can be read.
  if (!URL.canParse(settings.url)) return 'settings.url is not a valid URL'
  if (!isReadableCa(settings.tlsCa)) return 'settings.tlsCa holds no readable certificate'
  const isCredentials = validatorOf('osb-credentials')
  if (!isCredentials(credentials))
    return credentialsSentence(credentials, isCredentials.errors ?? [])
  const validationError = validateUse(settings, credentials)
  return validationError ?? [settings, credentials]
}

// What no pattern can say either.
function validateUse(settings: OsbSettings, credentials: OsbCredentials): string | undefined {
  if ('tokenUrl' in credentials && !URL.canParse(credentials.tokenUrl))
    return 'credentials.tokenUrl is not a valid URL'
  const clientCertificate =
    'clientCertificate' in credentials ? credentials.clientCertificate : undefined
  if (clientCertificate === undefined) return undefined
  if (new URL(settings.url).protocol !== 'https:')
    return 'settings.url must begin with https:// for a client certificate'
  const validationError = validateCertificate(clientCertificate)
  return validationError === undefined
    ? undefined
    : `credentials.clientCertificate${validationError}`
}

// In the order of the schema. Whoever gives one of these fields means that branch.
const branches: ReadonlyArray<readonly [field: string, branch: number]> = [
  ['token', 1],
  ['none', 2],
  ['tokenUrl', 3],
  ['clientId', 3],
  ['clientSecret', 3],
  ['username', 0],
  ['password', 0],
  ['clientCertificate', 4],
]

/** `oneOf` reports every branch; only the one that was meant helps. */
function credentialsSentence(credentials: unknown, errors: readonly ErrorObject[]): string {
  const given = typeof credentials === 'object' && credentials !== null ? credentials : {}
  const branch = branches.find(([field]) => field in given)?.[1]
  const meant = errors.find(
    ({ schemaPath, instancePath }) =>
      schemaPath.startsWith(`#/oneOf/${branch}/`) || instancePath.startsWith('/clientCertificate'),
  )
  return meant === undefined || branch === undefined
    ? 'credentials must hold username and password, or token, or tokenUrl, clientId and clientSecret, or clientCertificate, or none: true'
    : sentence('credentials', meant)
}

function sentence(whole: string, error: ErrorObject | undefined): string {
  return describeError(
    error === undefined ? undefined : { ...error, instancePath: `/${whole}${error.instancePath}` },
    whole,
  )
}

function isReadableCa(pem: string | undefined): boolean {
  return pem === undefined || (readCertificates(pem)?.length ?? 0) > 0
}
