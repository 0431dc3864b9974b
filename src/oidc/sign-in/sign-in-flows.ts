// The sign-in of people by the code flow of OpenID Connect, with PKCE, state, nonce and the check
// of `iss` (RFC 9207), at any trusted issuer that Kontor is a client of.
import type { Configuration, CustomFetch } from 'openid-client'
import { Agent, fetch } from 'undici'
import { BrokerError } from '../../errors.ts'
import type { SignInClient, TrustedIssuer } from '../issuers.ts'
import { subjectPattern } from '../verify.ts'

/** What a person chooses at the sign-in. */
export interface SignInChoice {
  readonly alias: string
  readonly label: string
}

/** What the browser keeps, sealed, until the issuer sends the person back. */
export interface PendingSignIn {
  readonly alias: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Since when the person must have proved who it is; absent: at any time. */
  readonly freshSinceMs?: number
}

/** What the ID token of a finished sign-in says. */
export interface FinishedSignIn {
  readonly trust: TrustedIssuer
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  /** The session at the issuer, which its back-channel logout names. */
  readonly sid: string | undefined
  /** When the person proved at the issuer who it is; 1970 if the issuer does not say. */
  readonly authenticatedAt: Date
}

export interface SignInFlows {
  readonly choices: readonly SignInChoice[]
  /**
   * @param fresh  whether the person must prove anew who it is
   * @returns where to send the browser; undefined: there is no such choice
   * @throws BrokerError `unavailable` when the issuer cannot be reached
   */
  begin(
    alias: string,
    redirectUri: string,
    fresh: boolean,
  ): Promise<{ readonly url: URL; readonly pending: PendingSignIn } | undefined>
  /**
   * @param returnedTo  the redirect URI with what the issuer added to it
   * @throws BrokerError `invalid_request` when the answer is not that of this sign-in, or refuses
   *   it; `unavailable` when the issuer cannot be reached
   */
  finish(pending: PendingSignIn, returnedTo: URL): Promise<FinishedSignIn>
  close(): Promise<void>
}

type Client = TrustedIssuer & { readonly client: SignInClient }

// How long a discovery document is used.
const freshMs = 600_000
const maxSeconds = 5
const maxBytes = 512 * 1024

export function openSignInFlows(
  issuers: readonly TrustedIssuer[],
  now: () => Date,
): SignInFlows | undefined {
  const clients = issuers.filter((each): each is Client => each.client !== undefined)
  if (clients.length === 0) return undefined
  const opened = new Map(clients.map((trust) => [trust.alias, openClient(trust, now)]))
  return {
    choices: clients.map(({ alias, client }) => ({ alias, label: client.label })),
    async begin(alias, redirectUri, fresh) {
      const issuer = opened.get(alias)
      if (issuer === undefined) return undefined
      const oidc = await import('openid-client')
      const configuration = await issuer.configuration()
      const verifier = oidc.randomPKCECodeVerifier()
      const pending = {
        alias,
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier,
        ...(fresh ? { freshSinceMs: now().getTime() } : {}),
      }
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: issuer.trust.client.scope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
      })
      return { url, pending }
    },
    async finish({ alias, state, nonce, verifier, freshSinceMs }, returnedTo) {
      const issuer = opened.get(alias)
      if (issuer === undefined) throw refused('The issuer is not trusted any more.')
      const oidc = await import('openid-client')
      const configuration = await issuer.configuration()
      const checks = {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
        // Not 0: the person may take its time at the issuer after it has proved who it is.
        ...(freshSinceMs === undefined
          ? {}
          : { maxAge: Math.ceil((now().getTime() - freshSinceMs) / 1_000) }),
      }
      const claims = await oidc
        .authorizationCodeGrant(configuration, returnedTo, checks)
        .then((tokens) => tokens.claims())
        .catch((error: unknown) => {
          throw isAway(error) ? unreachable(issuer.trust, error) : refused(sentenceOf(error), error)
        })
      return finishedOf(issuer.trust, claims ?? {}, now())
    },
    async close() {
      await Promise.all(Array.from(opened.values(), ({ close }) => close()))
    },
  }
}

function finishedOf(
  trust: TrustedIssuer,
  claims: Readonly<Record<string, unknown>>,
  now: Date,
): FinishedSignIn {
  const { sub, sid, auth_time: at = 0 } = claims
  if (typeof sub !== 'string' || !subjectPattern.test(sub))
    throw refused('The issuer names no valid subject.')
  // Such a time can be no date of a row.
  if (typeof at !== 'number' || !(at >= 0 && at < 1e11))
    throw refused('The issuer names no valid time of the sign-in.')
  return {
    trust,
    subject: sub,
    claims,
    sid: typeof sid === 'string' && sid.length <= 255 ? sid : undefined,
    authenticatedAt: new Date(Math.min(at * 1_000, now.getTime())),
  }
}

function openClient(trust: Client, now: () => Date) {
  const { issuer, client, ca } = trust
  const dispatcher = new Agent({
    connections: 4,
    maxResponseSize: maxBytes,
    connect: {
      timeout: maxSeconds * 1_000,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
    },
  })
  const fetchThere = ((url: string, options: object) =>
    fetch(url, { ...options, dispatcher })) as unknown as CustomFetch
  const discover = async (): Promise<Configuration> => {
    const oidc = await import('openid-client')
    const { id, secret } = client
    return oidc.discovery(
      new URL(issuer),
      id,
      { [oidc.clockTolerance]: trust.toleranceSeconds },
      secret === undefined ? oidc.None() : oidc.ClientSecretBasic(secret),
      {
        timeout: maxSeconds,
        [oidc.customFetch]: fetchThere,
        execute: [
          // Signatures count also where TLS ends at another machine than the issuer.
          oidc.enableNonRepudiationChecks,
          // issuers.ts lets http in for this machine only.
          ...(issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []),
        ],
      },
    )
  }
  let known: { readonly reading: Promise<Configuration>; readonly atMs: number } | undefined
  return {
    trust,
    async configuration(): Promise<Configuration> {
      const atMs = now().getTime()
      if (known === undefined || atMs - known.atMs > freshMs) known = { reading: discover(), atMs }
      return known.reading.catch((error: unknown) => {
        known = undefined
        throw unreachable(trust, error)
      })
    },
    close: () => dispatcher.destroy(),
  }
}

function unreachable({ alias }: TrustedIssuer, cause: unknown): BrokerError {
  return new BrokerError(
    'unavailable',
    `The sign-in at "${alias}" does not answer at present. Try again shortly.`,
    { cause, retryAfterSeconds: 30 },
  )
}

function refused(reason: string, cause?: unknown): BrokerError {
  return new BrokerError('invalid_request', `The sign-in did not succeed: ${reason}`, { cause })
}

/** Whether the connection failed, or the issuer did. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { status } = error as { status?: unknown }
  return (
    ['TimeoutError', 'TypeError'].includes(error.name) ||
    (typeof status === 'number' && status > 499)
  )
}

// The issuer's own text is untrusted, so it is not shown.
function sentenceOf(error: unknown): string {
  const { error: code } = error as { error?: unknown }
  return code === 'access_denied'
    ? 'the issuer refused it, or you cancelled it.'
    : 'the answer of the issuer is not that of this sign-in. Begin again.'
}
