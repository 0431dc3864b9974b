/**
 * What a slot is used for:
 *  - `order_at_once`  a platform waits and needs the final answer
 *  - `order`          a platform waits, but accepts a 202
 *  - `step`           no platform waits: a queued order, a poll, a first removal or look-up
 *  - `repeat`         no platform waits, and the same call has failed before
 *  - `question`       a call without an order: it leaves the last slot to orders, unless there is
 *                     only one
 */
export type SlotUse = 'order_at_once' | 'order' | 'step' | 'repeat' | 'question'

/** A slot for the calls of one step, one after the other; or when to try again. */
export type Slot =
  | { readonly granted: true; release(): void }
  | {
      readonly granted: false
      readonly reason: 'busy' | 'circuit_open' | 'retries_spent'
      readonly retryAfterMs: number
    }

/** Limits the concurrent calls to a provider, so that a slow one delays no other. */
export interface Bulkhead {
  limit: number
  taken(): number
  free(use: SlotUse): number
  /** @returns how to release the slot (a second call has no effect); undefined when none is free */
  take(use: SlotUse): (() => void) | undefined
}

/**
 * Steps leave a fifth of the slots, at least one, to orders that a platform waits for: hundreds of
 * polls must not turn those away. Orders that accept a 202 leave a fifth to steps, or new orders
 * would overtake queued ones for as long as they keep coming. A single slot is for all uses.
 */
export function createBulkhead(limit: number): Bulkhead {
  const taken = { all: 0, atOnce: 0, orders: 0, steps: 0 }
  const bulkhead: Bulkhead = {
    limit,
    taken: () => taken.all,
    free(use) {
      const { limit } = bulkhead
      const fifth = Math.floor(limit / 5)
      const free = limit - taken.all
      const forOrders = limit - fifth - taken.orders
      const forSteps = limit - (limit === 1 ? 0 : Math.max(1, fifth)) - taken.steps
      const share = {
        order_at_once: free,
        order: forOrders,
        step: forSteps,
        repeat: forSteps,
        question: Math.min(forSteps, limit === 1 ? free : free - 1),
      }
      return Math.max(0, Math.min(free, share[use]))
    },
    take(use) {
      if (bulkhead.free(use) === 0) return undefined
      const group = groups[use]
      taken.all++
      taken[group]++
      let isReleased = false
      return () => {
        if (isReleased) return
        isReleased = true
        taken.all--
        taken[group]--
      }
    },
  }
  return bulkhead
}

const groups = {
  order_at_once: 'atOnce',
  order: 'orders',
  step: 'steps',
  repeat: 'steps',
  question: 'steps',
} as const satisfies Record<SlotUse, string>
