import { createRequire } from 'node:module'
import { createSecureContext } from 'node:tls'
import { BrokerError } from '../errors.ts'
import { readGuardedFile, type Guard } from '../guarded-file.ts'
import { describeError, validatorOf } from '../schemas.ts'
import type { OidcIssuer } from '../types.gen.ts'
import type { UnsafeSetting } from '../unsafe-settings.ts'

/**
 * An issuer whose tokens Kontor accepts, and what their claims mean. Comes from the configuration.
 */
export interface TrustedIssuer {
  /** The claim `iss` of its tokens. */
  readonly issuer: string
  /** Its name in audit events. */
  readonly alias: string
  readonly audience: readonly string[]
  /** Undefined: the one in its discovery document. */
  readonly jwksUri: URL | undefined
  readonly algorithms: readonly string[]
  readonly onlyAccessTokens: boolean
  readonly toleranceSeconds: number
  /** How long after its `iat` a token counts at most, whatever its `exp` is. */
  readonly maxAgeSeconds: number
  /** PEM of the authorities to trust; undefined: those of the system. */
  readonly ca: string | undefined
  readonly platformClaim: string
  /** How Kontor is registered there for the sign-in of people; undefined: it is not. */
  readonly client: SignInClient | undefined
  readonly people: Pick<
    OidcIssuer,
    'rolesClaim' | 'roles' | 'organisationsClaim' | 'providersClaim' | 'acr'
  >
}

export interface SignInClient {
  readonly id: string
  /** Undefined: a public client, which only PKCE protects. */
  readonly secret: string | undefined
  readonly scope: string
  /** What people choose when there are several issuers. */
  readonly label: string
}

/** Whether a token of this issuer can have the role operator. */
export function makesOperators({ people: { roles = {} } }: TrustedIssuer): boolean {
  return Object.values(roles).includes('operator')
}

const defaultAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const

/**
 * The issuers that the file of KONTOR_OIDC_FILE names (YAML or JSON); none without it.
 * @param onUnsafe  called when other users may read the file, or own it or an authority's
 * @throws BrokerError `configuration` that names the file and the field, or when other users may
 *   change the file or an authority: they could make themselves operators
 */
export function readTrustedIssuers(
  file: string | undefined,
  onUnsafe: (setting: UnsafeSetting) => void = () => {},
): TrustedIssuer[] {
  if (file === undefined) return []
  const errorOf = (problem: string, cause?: unknown) =>
    new BrokerError('configuration', `KONTOR_OIDC_FILE (${file}): ${problem}.`, { cause })
  const content = readOr(
    file,
    { name: 'KONTOR_OIDC_FILE', readersMay: 'read which claims make an operator', onUnsafe },
    (error) => errorOf(`it cannot be read (${error})`),
  )
  // Loaded for such a file only: most installations have none.
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  let given: unknown
  try {
    given = parse(content, { maxAliasCount: 0 })
  } catch (error) {
    throw errorOf('it is neither YAML nor JSON', error)
  }
  const validate = validatorOf('oidc')
  if (!validate(given)) throw errorOf(describeError(validate.errors?.[0], 'the file'))
  const issuers = given.issuers.map((each, at) =>
    trusted(each, onUnsafe, (problem) => errorOf(`issuers.${at}.${problem}`)),
  )
  for (const name of ['issuer', 'alias'] as const) {
    const duplicate = issuers.find(
      (each, at) => issuers.findIndex((other) => other[name] === each[name]) !== at,
    )
    if (duplicate !== undefined)
      throw errorOf(
        `two issuers have the ${name} "${duplicate[name]}"; give each an alias of its own`,
      )
  }
  return issuers
}

function trusted(
  given: OidcIssuer,
  onUnsafe: Guard['onUnsafe'],
  errorOf: (problem: string) => BrokerError,
): TrustedIssuer {
  const issuer = safeAddress(given.issuer)
  if (typeof issuer === 'string') throw errorOf(`issuer ${issuer}`)
  const jwksUri = given.jwksUri === undefined ? undefined : safeAddress(given.jwksUri)
  if (typeof jwksUri === 'string') throw errorOf(`jwksUri ${jwksUri}`)
  const ca =
    given.caFile === undefined
      ? undefined
      : readOr(given.caFile, { name: 'caFile', onUnsafe }, (error) =>
          errorOf(`caFile cannot be read (${error})`),
        )
  if (ca !== undefined && !isReadableCa(ca)) throw errorOf('caFile holds no readable certificate')
  return {
    issuer: given.issuer,
    alias: given.alias ?? issuer.hostname,
    audience: [given.audience].flat(),
    jwksUri,
    algorithms: given.algorithms ?? defaultAlgorithms,
    onlyAccessTokens: given.typ === 'at+jwt',
    toleranceSeconds: given.clockToleranceSeconds ?? 30,
    maxAgeSeconds: given.maxTokenAgeSeconds ?? 86_400,
    ca,
    platformClaim: given.platformClaim ?? 'sub',
    client: clientOf(given, given.alias ?? issuer.hostname),
    people: given,
  }
}

function clientOf({ client }: OidcIssuer, alias: string): SignInClient | undefined {
  return client === undefined
    ? undefined
    : {
        id: client.id,
        secret: client.secret,
        scope: client.scope ?? 'openid profile email',
        label: client.label ?? alias,
      }
}

/**
 * The URL of keys or of a document that names them: https, because a connection without TLS could
 * deliver an attacker's keys, or http on this machine.
 * @returns the URL, or what is wrong with it
 */
export function safeAddress(text: string): URL | string {
  if (!URL.canParse(text)) return 'is not a valid URL'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'must not hold a password'
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)
    ? url
    : 'must begin with https:// (http:// only for localhost)'
}

function readOr(file: string, guard: Guard, errorOf: (code: string) => BrokerError): string {
  try {
    return readGuardedFile(file, guard)
  } catch (error) {
    if (error instanceof BrokerError) throw error
    throw errorOf(error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
  }
}

function isReadableCa(ca: string): boolean {
  try {
    createSecureContext({ ca })
    return /-----BEGIN CERTIFICATE-----/.test(ca)
  } catch {
    return false
  }
}
