// Access tokens of one provider, in memory only: fetched once for all who wait, renewed before they end.
import type { Limits, Unsent } from './exchange.ts'
import { requestToken, type AccessToken, type TokenEndpoint } from './token-request.ts'

/** `wasKept`: it was there before somebody asked. */
export type Held = AccessToken & { readonly wasKept: boolean }

export interface AccessTokens {
  /** A token that is good for the next call; or why there is none, within the caller's time. */
  get(limits: Limits, signal: AbortSignal, startedAtMs: number): Promise<Held | Unsent>
  /** It was turned away. */
  drop(token: string): void
  /** The newest and the one before: what most calls under way carry. */
  known(): readonly string[]
}

// A call may last most of a minute, but its token is looked at when it begins.
const slackMs = 30_000

export function createAccessTokens(endpoint: TokenEndpoint): AccessTokens {
  let held: AccessToken | undefined
  let former: string | undefined
  let fetching: Promise<AccessToken | Unsent> | undefined

  // Whoever gives up waiting does not end it for the others.
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
      // A short-lived one is used for three quarters of its life at least.
      if (held !== undefined && nowMs < held.endsAtMs - Math.min(slackMs, held.lifeMs / 4))
        return { ...held, wasKept: true }
      fetching ??= fetch()
      const fetched = await inTime(fetching, limits, signal, startedAtMs)
      return 'kind' in fetched ? fetched : { ...fetched, wasKept: false }
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
  const gaveUp = Promise.withResolvers<Unsent>()
  const giveUp = (why: string) => {
    gaveUp.resolve({ kind: 'unsent', why })
  }
  const onAbort = () => giveUp('cancelled')
  const timer = setTimeout(
    () => giveUp(`no access token within ${timeoutSeconds} s`),
    startedAtMs + timeoutSeconds * 1000 - performance.now(),
  )
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([fetching, gaveUp.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
