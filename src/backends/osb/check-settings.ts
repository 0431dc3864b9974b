import type { ErrorObject } from 'ajv/dist/2020.js'
import { describeError, validatorOf } from '../../schemas.ts'
import type { OsbCredentials, OsbSettings } from '../../types.gen.ts'
import { readCertificates, validateCertificate } from '../client-certificate.ts'

/**
 * The settings and credentials with their types, or the first error: a sentence without its full
 * stop that names the field but never its value.
 */
export function checkOsb(
  settings: unknown,
  credentials: unknown,
): [OsbSettings, OsbCredentials] | string {
  const isSettings = validatorOf('osb-settings')
  if (!isSettings(settings)) return sentence('settings', isSettings.errors?.[0])
  // A schema cannot tell whether a URL parses or a certificate is readable.
  if (!URL.canParse(settings.url)) return 'settings.url is not a valid URL'
  if (!isReadableCa(settings.tlsCa)) return 'settings.tlsCa holds no readable certificate'
  const isCredentials = validatorOf('osb-credentials')
  if (!isCredentials(credentials))
    return credentialsSentence(credentials, isCredentials.errors ?? [])
  return checkTogether(settings, credentials) ?? [settings, credentials]
}

function checkTogether(settings: OsbSettings, credentials: OsbCredentials): string | undefined {
  if ('tokenUrl' in credentials && !URL.canParse(credentials.tokenUrl))
    return 'credentials.tokenUrl is not a valid URL'
  const clientCertificate =
    'clientCertificate' in credentials ? credentials.clientCertificate : undefined
  if (clientCertificate === undefined) return undefined
  if (new URL(settings.url).protocol !== 'https:')
    return 'settings.url must begin with https:// for a client certificate'
  const error = validateCertificate(clientCertificate)
  return error === undefined ? undefined : `credentials.clientCertificate${error}`
}

// Which branch of `oneOf` in the schema a field belongs to.
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

/** `oneOf` reports the errors of every branch; only those of the branch that was meant help. */
function credentialsSentence(credentials: unknown, errors: readonly ErrorObject[]): string {
  const given = typeof credentials === 'object' && credentials !== null ? credentials : {}
  const branch = branches.find(([field]) => field in given)?.[1]
  const meant = errors.find(
    ({ schemaPath, instancePath }) =>
      schemaPath.startsWith(`#/oneOf/${branch}/`) || instancePath.startsWith('/clientCertificate'),
  )
  return meant === undefined || branch === undefined
    ? 'credentials must hold username and password, or token, or tokenUrl, clientId and ' +
        'clientSecret, or clientCertificate, or none: true'
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
