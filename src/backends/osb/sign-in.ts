// Adds the credentials to calls: fixed ones, or an access token that is fetched, cached and
// renewed.
import type { OsbCredentials } from '../../types.gen.ts'
import { createAccessTokens, type AccessTokens } from './access-tokens.ts'
import type { Connections } from './target.ts'
import { exchange, type Call, type Exchanged, type Limits } from './exchange.ts'
import { linesOf } from './reply.ts'
import type { TokenEndpoint } from './token-request.ts'

/** Sends a call with credentials; `limits` include the request for a token. */
export type Send = (call: Call, limits: Limits, signal: AbortSignal) => Promise<Exchanged>

export interface SignIn {
  readonly send: Send
  /** All that no answer may repeat, at this moment. */
  secrets(): readonly string[]
  /** The secrets that are not in the credentials: access tokens. Undefined: there are none. */
  readonly passing: (() => readonly string[]) | undefined
}

/** @param endpoint  where access tokens come from, with OAuth 2.0 */
export function signInAt(
  connections: Connections,
  credentials: OsbCredentials,
  endpoint: TokenEndpoint | undefined,
): SignIn {
  const tls =
    'clientCertificate' in credentials && credentials.clientCertificate?.passphrase !== undefined
      ? [credentials.clientCertificate.passphrase]
      : []
  if (endpoint !== undefined) {
    const tokens = createAccessTokens(endpoint)
    return {
      send: sendWithTokens(connections, tokens),
      secrets: () => [...tls, ...endpoint.secrets, ...tokens.known()],
      passing: tokens.known,
    }
  }
  const authorization = authorizationOf(credentials)
  const secret =
    'password' in credentials
      ? [credentials.password]
      : 'token' in credentials
        ? [credentials.token]
        : []
  const secrets = [
    ...tls,
    ...secret,
    ...(authorization === undefined ? [] : [authorization.replace(/^\w+ /, '')]),
  ]
  const own = authorization === undefined ? {} : { authorization }
  return {
    send: (call, limits, signal) =>
      exchange(connections, { ...call, headers: { ...call.headers, ...own } }, limits, signal),
    secrets: () => secrets,
    passing: undefined,
  }
}

function sendWithTokens(connections: Connections, tokens: AccessTokens): Send {
  return async (call, limits, signal) => {
    const startedAtMs = performance.now()
    const first = await tokens.get(limits, signal, startedAtMs)
    if ('kind' in first) return first
    const send = ({ token }: { readonly token: string }) => {
      const headers = { ...call.headers, authorization: `Bearer ${token}` }
      return exchange(connections, { ...call, headers }, limits, signal, startedAtMs)
    }
    const exchanged = await send(first)
    if (exchanged.kind !== 'answered' || exchanged.status !== 401)
      return withTokens(exchanged, first)
    tokens.drop(first.token)
    // A token that was fetched for this very call is as good as the next one.
    if (!first.wasCached || !mayRepeat(call, exchanged.headers)) return withTokens(exchanged, first)
    const second = await tokens.get(limits, signal, startedAtMs)
    return 'kind' in second ? second : withTokens(await send(second), first, second)
  }
}

// During a slow call others may have dropped its token and fetched two more.
function withTokens(
  exchanged: Exchanged,
  ...sent: ReadonlyArray<{ readonly token: string }>
): Exchanged {
  return exchanged.kind === 'answered'
    ? { ...exchanged, sentTokens: sent.map(({ token }) => token) }
    : exchanged
}

/**
 * A call that changes nothing may always be repeated. Any other only if the 401 says that the token
 * was rejected (RFC 6750, section 3.1), which happens before the broker does anything. Another 401
 * could come from a system behind the broker, after half of the work.
 */
function mayRepeat({ method }: Call, headers: Parameters<typeof linesOf>[0]): boolean {
  return (
    method === 'GET' ||
    /\bbearer\b.*\berror\s*=\s*"?invalid_token\b/is.test(
      linesOf(headers, 'www-authenticate').join(', '),
    )
  )
}

function authorizationOf(credentials: OsbCredentials): string | undefined {
  if ('token' in credentials) return `Bearer ${credentials.token}`
  if (!('username' in credentials)) return undefined
  const { username, password } = credentials
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
