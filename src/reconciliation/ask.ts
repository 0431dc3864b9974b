import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenProvider } from '../providers/backend-pool.ts'
import type { Surveying } from './deps.ts'
import { RunFailure } from './run.ts'

const waitMs = 100
// A process works on few runs at a time: those of busy providers must not keep the others' waiting for hours.
const maxWaitMs = 300_000

/**
 * Asks a provider within its limit for calls, where it leaves places to orders, and not while its circuit is open.
 * @throws RunFailure when there is no place for minutes, or when the registration has changed: another address or other
 *   credentials may tell of other things. BrokerError `not_found` when it was removed. Whatever `signal` aborts with
 */
export async function ask<Answer>(
  { deps, providerId, revision, signal }: Surveying,
  call: (questions: OpenProvider['questions']) => Promise<Answer>,
): Promise<Answer> {
  const since = deps.now().getTime()
  for (;;) {
    signal.throwIfAborted()
    const open = await deps.backends.open(providerId)
    if (open.provider.revision !== revision)
      throw new RunFailure('The registration changed meanwhile.')
    const slot = open.acquireSlot('question')
    if (!slot.granted) {
      if (deps.now().getTime() - since > maxWaitMs)
        throw new RunFailure(
          `The provider had no place for a question for ${maxWaitMs / 60_000} minutes: it is busy with orders, or is not called because it has failed again and again.`,
        )
      await sleep(waitMs, undefined, { signal })
      continue
    }
    try {
      const answer = await call(open.questions)
      signal.throwIfAborted()
      return answer
    } finally {
      slot.release()
    }
  }
}

/** How many questions a run has open at a time: a quarter of the provider's places at most. */
export function widthOf({ provider }: OpenProvider): number {
  return Math.max(1, Math.min(4, Math.floor(provider.concurrency / 4)))
}

/** Works on each of `items`, `width` at a time. The first failure ends it, once what is under way has ended. */
export async function eachOf<Item>(
  items: Iterable<Item>,
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]()
  let failed = false
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true && !failed; next = rest.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: width }, worker))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}
