import { setTimeout as pause } from 'node:timers/promises'

/** Sends texts to an address, one at a time; of those that wait only the newest. */
export interface Poster {
  post(text: string): void
  /** Drops what waits, because another process has something newer. */
  drop(): void
  /** Ends the request under way. */
  stop(): Promise<void>
}

export interface PosterOptions {
  readonly url: URL
  /** Called for each attempt. `problem` names no part of the URL but its host. */
  readonly onFailure: (problem: string) => void
  readonly onSuccess: () => void
}

const timeoutMs = 5_000
const firstRetryMs = 500
const maxRetryMs = 30_000

/**
 * Repeats what fails until it arrives or something newer takes its place. A redirect is a failure:
 * the address is the operator's alone to set.
 */
export function postNewest({ url, onFailure, onSuccess }: PosterOptions): Poster {
  const { target, headers } = requestOf(url)
  const stopping = new AbortController()
  let pending: string | undefined
  let isRunning = false
  let running = Promise.resolve()

  const attempt = async (text: string): Promise<string | undefined> => {
    try {
      const answer = await fetch(target, {
        method: 'POST',
        headers,
        body: text,
        redirect: 'manual',
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)]),
      })
      await answer.body?.cancel()
      return answer.ok ? undefined : `${target.host} answered with ${answer.status}`
    } catch (error) {
      return `${target.host} cannot be reached: ${reasonOf(error)}`
    }
  }
  const run = async (): Promise<void> => {
    let retryMs = firstRetryMs
    while (pending !== undefined && !stopping.signal.aborted) {
      const text = pending
      const problem = await attempt(text)
      if (stopping.signal.aborted) return
      if (problem === undefined) {
        onSuccess()
        retryMs = firstRetryMs
        if (pending === text) pending = undefined
      } else {
        onFailure(problem)
        await pause(retryMs, undefined, { signal: stopping.signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, maxRetryMs)
      }
    }
  }
  return {
    post(text) {
      pending = text
      if (isRunning) return
      isRunning = true
      running = run().finally(() => {
        isRunning = false
      })
    },
    drop() {
      pending = undefined
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** User name and password of a URL go into a header: fetch refuses them in the URL. */
function requestOf(url: URL): { readonly target: URL; readonly headers: Record<string, string> } {
  const target = new URL(url)
  target.username = ''
  target.password = ''
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return {
    target,
    headers: {
      'content-type': 'application/json',
      ...(pair === ':' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
    },
  }
}

// The text of an error may hold the URL.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name
}
