// One request for an access token: OAuth 2.0 client credentials (RFC 6749, section 4.4).
import type { OsbOAuth2Credentials } from '../../types.gen.ts'
import { parseAnswer } from '../parse-object.ts'
import type { Connections } from './target.ts'
import { exchange, type Answer, type Call, type Limits, type Unsent } from './exchange.ts'

export interface TokenEndpoint {
  readonly connections: Connections
  readonly call: Call
  readonly host: string
  readonly limits: Limits
  /** The secrets in the request. */
  readonly secrets: readonly string[]
}

/** Times by performance.now(). */
export interface AccessToken {
  readonly token: string
  readonly lifeMs: number
  readonly endsAtMs: number
}

// A token without `expires_in` is used for a minute, and no token for longer than a day.
const unknownLifeSeconds = 60
const maxLifeSeconds = 86_400
const never = new AbortController().signal

export function tokenEndpointOf(
  credentials: OsbOAuth2Credentials,
  connections: Connections,
  timeoutSeconds: number,
): TokenEndpoint {
  const {
    tokenUrl,
    clientId,
    clientSecret,
    clientAuthentication = 'client_secret_basic',
  } = credentials
  const url = new URL(tokenUrl)
  const { scope, audience, resource } = credentials
  const asked = Object.entries({
    grant_type: 'client_credentials',
    scope,
    audience,
    resource,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]]))
  const inBody = clientAuthentication === 'client_secret_post'
  const body = new URLSearchParams(
    inBody ? [...asked, ['client_id', clientId], ['client_secret', clientSecret]] : asked,
  ).toString()
  // RFC 6749, section 2.3.1: both are form-urlencoded before they are put together.
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString(
    'base64',
  )
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/x-www-form-urlencoded',
    ...(inBody ? {} : { authorization: `Basic ${basic}` }),
  }
  return {
    connections,
    call: { method: 'POST', path: `${url.pathname}${url.search}`, headers, body },
    host: url.hostname,
    limits: { timeoutSeconds: Math.min(10, timeoutSeconds), maxBytes: 65_536 },
    secrets: [clientSecret, formEncoded(clientSecret), basic],
  }
}

/** Never rejects. A failure is `unsent`: the call that needs the token was not sent. */
export async function requestToken({
  connections,
  call,
  host,
  limits,
}: TokenEndpoint): Promise<AccessToken | Unsent> {
  const startedAtMs = performance.now()
  const exchanged = await exchange(connections, call, limits, never)
  if (exchanged.kind === 'unsent') return noToken(host, exchanged.why, exchanged.forOperator)
  if (exchanged.kind === 'cut') return noToken(host, exchanged.why)
  const read = readToken(exchanged)
  if (typeof read === 'string') return noToken(host, read)
  return {
    token: read.token,
    lifeMs: read.lifeSeconds * 1000,
    endsAtMs: startedAtMs + read.lifeSeconds * 1000,
  }
}

function readToken(
  answer: Answer,
): { readonly token: string; readonly lifeSeconds: number } | string {
  const { status } = answer
  if (status >= 300 && status < 400)
    return `the token endpoint answered with a redirect (${status}), which is not followed`
  const parsed = parseAnswer(answer.body)
  if (status !== 200) return `the token endpoint answered with ${status}${errorOf(parsed)}`
  if (typeof parsed === 'string') return `the token endpoint: ${parsed}`
  const { access_token: token, token_type: type, expires_in: given } = parsed
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,20000}$/.test(token))
    return 'the token endpoint gave no token that can be sent'
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    return 'the token endpoint gave a token of another type than "Bearer"'
  const life = given ?? unknownLifeSeconds
  // Some endpoints send the number as a string.
  const lifeSeconds = typeof life === 'string' && /^\d{1,10}$/.test(life) ? Number(life) : life
  if (typeof lifeSeconds !== 'number' || lifeSeconds <= 0)
    return 'the token endpoint gave a token that has no time to live'
  return { token, lifeSeconds: Math.min(lifeSeconds, maxLifeSeconds) }
}

// RFC 6749, section 5.2. Other values are not shown: they could be anything.
const errors = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
]

function errorOf(body: ReturnType<typeof parseAnswer>): string {
  const error = typeof body === 'string' ? undefined : body['error']
  return typeof error === 'string' && errors.includes(error) ? ` (${error})` : ''
}

function noToken(host: string, why: string, forOperator = why): Unsent {
  return {
    kind: 'unsent',
    why: `Kontor got no access token: ${why}`,
    forOperator: `Kontor got no access token from ${host}: ${forOperator}`,
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
