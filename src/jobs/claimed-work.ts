import { coded, type Log } from '../log.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

export interface ClaimedWorkOptions<Item> {
  /** Claims rows that are due, at most `limit`, so that no other process gets them. */
  claim(limit: number): Promise<readonly Item[]>
  /** Must end soon after `stop` aborts, and leave the row so that another process can claim it. */
  work(item: Item, stop: AbortSignal): Promise<void>
  /** How many items are worked on at a time; default: as many as `claim` gives. */
  readonly maxAtATime?: number
  /** How long a stop lets work under way go on before it aborts it; default: not at all. */
  readonly drainMs?: number
  readonly intervalMs: number
  readonly log: Log
  /** What is claimed, for the log: "catalogs". */
  readonly what: string
  /** The ids that a log line about an item names. */
  idsOf(item: Item): Readonly<Record<string, string>>
}

// Notifications may come in any number; what falls due meanwhile is claimed together.
const minPauseMs = 50

/**
 * Claims due rows and works on each, for as long as the process runs. The rows are the queue: a
 * claim is a lease or a later due time in the row itself, so what a killed process leaves falls due
 * again and another process claims it.
 */
export function workOnClaims<Item>({
  claim,
  work,
  maxAtATime = Infinity,
  drainMs = 0,
  intervalMs,
  log,
  what,
  idsOf,
}: ClaimedWorkOptions<Item>): IntervalLoop {
  const stopping = new AbortController()
  const underWay = new Set<Promise<void>>()

  const begin = (item: Item): void => {
    const working = work(item, stopping.signal)
      .catch((error: unknown) => {
        log.warn(
          { error: coded(error), what, ...idsOf(item) },
          'work on a claimed row failed; it falls due again',
        )
      })
      .finally(() => {
        const wasFull = underWay.size >= maxAtATime
        underWay.delete(working)
        // More may be due than there was capacity for.
        if (wasFull) loop.wake()
      })
    underWay.add(working)
  }

  const loop = startLoop({
    minPauseMs,
    async round() {
      const capacity = maxAtATime - underWay.size
      if (capacity > 0) for (const item of await claim(capacity)) begin(item)
      return intervalMs
    },
    onError(error) {
      log.warn({ error: coded(error), what }, 'could not claim what is due')
      return intervalMs
    },
  })
  return {
    wake: () => {
      loop.wake()
    },
    async stop() {
      const timer = setTimeout(() => {
        stopping.abort()
      }, drainMs)
      await loop.stop()
      await Promise.all(underWay)
      clearTimeout(timer)
    },
  }
}
