// The access tokens of one provider, in memory only: one request serves all waiting calls, and a
// token is renewed before it expires.
import type { Limits, Unsent } from './exchange.ts'
import { requestToken, type AccessToken, type TokenEndpoint } from './token-request.ts'

/** `wasCached`: it was not fetched for this call. */
export type HeldToken = AccessToken & { readonly wasCached: boolean }

export interface AccessTokens {
  /** A token for the next call, or why there is none, within the call's time limit. */
  get(limits: Limits, signal: AbortSignal, startedAtMs: number): Promise<HeldToken | Unsent>
  /** The provider rejected it. */
  drop(token: string): void
  /** The newest token and the one before, which calls under way may carry. */
  known(): readonly string[]
}

// A token must outlast the sending of the call, not its answer: the provider checks it first.
const slackMs = 30_000

export function createAccessTokens(endpoint: TokenEndpoint): AccessTokens {
  let held: AccessToken | undefined
  let former: string | undefined
  let fetching: Promise<AccessToken | Unsent> | undefined

  // A call that times out or is cancelled does not cancel the request for the others.
  const fetch = async (): Promise<AccessToken | Unsent> => {
    const fetched = await requestToken(endpoint)
    if ('token' in fetched) {
      former = held?.token ?? former
      held = fetched
    }
    fetching = undefined
    return fetched
  }

  return {
    async get(limits, signal, startedAtMs) {
      const nowMs = performance.now()
      // A short-lived token is used for at least three quarters of its life.
      if (held !== undefined && nowMs < held.endsAtMs - Math.min(slackMs, held.lifeMs / 4))
        return { ...held, wasCached: true }
      fetching ??= fetch()
      const fetched = await inTime(fetching, limits, signal, startedAtMs)
      return 'kind' in fetched ? fetched : { ...fetched, wasCached: false }
    },
    drop(token) {
      if (held?.token !== token) return
      former = token
      held = undefined
    },
    known: () => [held?.token, former].filter((token) => token !== undefined),
  }
}

async function inTime(
  fetching: Promise<AccessToken | Unsent>,
  { timeoutSeconds }: Limits,
  signal: AbortSignal,
  startedAtMs: number,
): Promise<AccessToken | Unsent> {
  const ended = Promise.withResolvers<Unsent>()
  const end = (why: string) => {
    ended.resolve({ kind: 'unsent', why })
  }
  const onAbort = () => end('cancelled')
  const timer = setTimeout(
    () => end(`no access token within ${timeoutSeconds} s`),
    startedAtMs + timeoutSeconds * 1000 - performance.now(),
  )
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([fetching, ended.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
