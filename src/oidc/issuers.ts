import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { parse } from 'yaml'
import { BrokerError } from '../errors.ts'
import { describeError, validatorOf } from '../schemas.ts'
import type { OidcIssuer } from '../types.gen.ts'

/** An issuer whose tokens count, and what their claims mean here. Only who sets Kontor up can name one. */
export interface TrustedIssuer {
  /** As it stands in `iss`. */
  readonly issuer: string
  /** Its name in the audit. */
  readonly alias: string
  readonly audience: readonly string[]
  /** Undefined: as its discovery document says. */
  readonly jwksUri: URL | undefined
  readonly algorithms: readonly string[]
  readonly onlyAccessTokens: boolean
  readonly toleranceSeconds: number
  /** PEM; undefined: the usual authorities. */
  readonly ca: string | undefined
  readonly platformClaim: string
  readonly people: Pick<
    OidcIssuer,
    'rolesClaim' | 'roles' | 'organisationsClaim' | 'providersClaim' | 'acr'
  >
}

/** Whether anybody of this issuer can be an operator. */
export function makesOperators({ people: { roles = {} } }: TrustedIssuer): boolean {
  return Object.values(roles).includes('operator')
}

const usualAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const

/**
 * The issuers that the file of KONTOR_OIDC_FILE names (YAML or JSON); none without it.
 * @throws BrokerError `configuration` that names the file and the field
 */
export function readTrustedIssuers(file: string | undefined): TrustedIssuer[] {
  if (file === undefined) return []
  const complain = (problem: string, cause?: unknown) =>
    new BrokerError('configuration', `KONTOR_OIDC_FILE (${file}): ${problem}.`, { cause })
  const content = readOr(file, (error) => complain(`it cannot be read (${error})`))
  let given: unknown
  try {
    given = parse(content, { maxAliasCount: 0 })
  } catch (error) {
    throw complain('it is neither YAML nor JSON', error)
  }
  const validate = validatorOf('oidc')
  if (!validate(given)) throw complain(describeError(validate.errors?.[0], 'the file'))
  const issuers = given.issuers.map((each, at) =>
    trusted(each, (problem) => complain(`issuers.${at}.${problem}`)),
  )
  for (const name of ['issuer', 'alias'] as const) {
    const twice = issuers.find(
      (each, at) => issuers.findIndex((other) => other[name] === each[name]) !== at,
    )
    if (twice !== undefined)
      throw complain(`two issuers have the ${name} "${twice[name]}"; give each an alias of its own`)
  }
  return issuers
}

function trusted(given: OidcIssuer, complain: (problem: string) => BrokerError): TrustedIssuer {
  const issuer = safeAddress(given.issuer)
  if (typeof issuer === 'string') throw complain(`issuer ${issuer}`)
  const jwksUri = given.jwksUri === undefined ? undefined : safeAddress(given.jwksUri)
  if (typeof jwksUri === 'string') throw complain(`jwksUri ${jwksUri}`)
  const ca =
    given.caFile === undefined
      ? undefined
      : readOr(given.caFile, (error) => complain(`caFile cannot be read (${error})`))
  if (ca !== undefined && !isReadableCa(ca)) throw complain('caFile holds no readable certificate')
  return {
    issuer: given.issuer,
    alias: given.alias ?? issuer.hostname,
    audience: [given.audience].flat(),
    jwksUri,
    algorithms: given.algorithms ?? usualAlgorithms,
    onlyAccessTokens: given.typ === 'at+jwt',
    toleranceSeconds: given.clockToleranceSeconds ?? 30,
    ca,
    platformClaim: given.platformClaim ?? 'sub',
    people: given,
  }
}

/** Keys that anybody on the way could replace are no keys: https, or http on this machine. @returns what is wrong, or the address */
export function safeAddress(text: string): URL | string {
  if (!URL.canParse(text)) return 'is not a valid URL'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'must not hold a password'
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isHere)
    ? url
    : 'must begin with https:// (http:// only for localhost)'
}

function readOr(file: string, complain: (code: string) => BrokerError): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw complain(error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
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
