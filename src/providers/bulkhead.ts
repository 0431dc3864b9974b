/**
 * What a place is wanted for:
 *  - `order_at_once`  a platform waits and must have the end
 *  - `order`          a platform waits, but can be told to come back
 *  - `step`           nobody waits: a queued order, a poll, a first removal or look-up
 *  - `repeat`         nobody waits, and the same call has been made in vain before
 *  - `question`       no order is behind it: it leaves the last place to orders, unless there is no other
 */
export type SlotUse = 'order_at_once' | 'order' | 'step' | 'repeat' | 'question'

/** A place for one step's calls, one after the other; or when to ask again. */
export type Slot =
  | { readonly granted: true; release(): void }
  | {
      readonly granted: false
      readonly reason: 'busy' | 'circuit_open' | 'retries_spent'
      readonly retryAfterMs: number
    }

/** A provider's share of this process: so many calls at a time and no more, so that a slow one slows nobody else. */
export interface Bulkhead {
  limit: number
  taken(): number
  free(use: SlotUse): number
  /** @returns how to give the place back (once; more does no harm), or undefined when there is none for this use */
  take(use: SlotUse): (() => void) | undefined
}

/**
 * Steps leave a fifth of the places, at least one, to orders that somebody waits for: hundreds of polls must not turn
 * them away. Orders that can be told to come back leave a fifth to steps, or new orders would overtake queued ones for
 * as long as they keep coming. A single place is for everybody.
 */
export function createBulkhead(limit: number): Bulkhead {
  const taken = { atOnce: 0, orders: 0, steps: 0 }
  const all = () => taken.atOnce + taken.orders + taken.steps
  const bulkhead: Bulkhead = {
    limit,
    taken: all,
    free(use) {
      const { limit } = bulkhead
      const fifth = Math.floor(limit / 5)
      const left = limit - all()
      const forOrders = limit - fifth - taken.orders
      const forSteps = limit - (limit === 1 ? 0 : Math.max(1, fifth)) - taken.steps
      const share = {
        order_at_once: left,
        order: forOrders,
        step: forSteps,
        repeat: forSteps,
        question: Math.min(forSteps, limit === 1 ? left : left - 1),
      }
      return Math.max(0, Math.min(left, share[use]))
    },
    take(use) {
      if (bulkhead.free(use) === 0) return undefined
      const group = groups[use]
      taken[group]++
      let given = false
      return () => {
        if (given) return
        given = true
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
