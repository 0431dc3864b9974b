import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenBackends, OpenProvider } from '../providers/open-backends.ts'

const waitMs = 100

export interface AskDeps { readonly backends: OpenBackends }

/**
 * Asks a provider within its limit for calls, where it leaves places to orders, and not while its circuit is open. The
 * back end is opened for each call anew, so that a change of the registration in the middle of a run is no harm.
 * @throws when `signal` aborts; BrokerError `not_found` when the provider was removed
 */
export async function ask<Answer> (deps: AskDeps, providerId: string, signal: AbortSignal, call: (open: OpenProvider) => Promise<Answer>): Promise<Answer> {
  for (;;) {
    signal.throwIfAborted()
    const open = await deps.backends.open(providerId)
    const place = open.takePlace('question')
    if (!place.granted) {
      await sleep(waitMs, undefined, { signal })
      continue
    }
    try {
      const answer = await call(open)
      signal.throwIfAborted()
      return answer
    } finally {
      place.release()
    }
  }
}

/** How many questions a run has open at a time: a quarter of the provider's places at most. */
export function widthOf ({ provider }: OpenProvider): number {
  return Math.max(1, Math.min(4, Math.floor(provider.concurrency / 4)))
}

/** Works on each of `items`, `width` at a time. The first failure ends it, once what is under way has ended. */
export async function eachOf<Item> (items: Iterable<Item>, width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]()
  let failed = false
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true && !failed; next = rest.next()) {
      await work(next.value).catch((error: unknown) => { failed = true; throw error })
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: width }, worker))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}
