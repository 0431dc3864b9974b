import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenProvider } from '../providers/open-provider.ts'
import type { Surveying } from './deps.ts'
import { RunFailure } from './run.ts'

const waitMs = 100
// A process works on few runs at a time: runs at busy providers must not delay the others for
// hours.
const maxWaitMs = 300_000

/**
 * Asks a provider in one of its call slots, of which most are kept for orders, and not while its
 * circuit is open.
 * @throws RunFailure when no slot is free for minutes, or when the registration has changed,
 *   because another address or other credentials may belong to another set of instances.
 *   BrokerError `not_found` when the provider was removed. The reason with which `signal` aborts
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
    const slot = open.guard.acquireSlot('question')
    if (!slot.granted) {
      if (deps.now().getTime() - since > maxWaitMs)
        throw new RunFailure(
          `The provider had no free call slot for ${maxWaitMs / 60_000} minutes: ` +
            'it is busy with orders, or its circuit is open after repeated failures.',
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

/** How many questions a run has open at a time: at most a quarter of the provider's call slots. */
export function widthOf({ provider }: OpenProvider): number {
  return Math.max(1, Math.min(4, Math.floor(provider.concurrency / 4)))
}

/**
 * Works on each of `items`, `width` at a time. After the first failure it starts no more, and
 * rejects when all have ended.
 */
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
