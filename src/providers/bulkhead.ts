import type { FairQueue } from '../fair-queue.ts'

/**
 * What a slot is used for:
 *  - `sync_order`   a platform waits and needs the final answer
 *  - `async_order`  a platform waits, but accepts a 202; or it fetches a binding
 *  - `step`         no platform waits: a queued order, a poll, a first removal or look-up
 *  - `repeat`       no platform waits, and the same call has failed before
 *  - `question`     a call without an order: it leaves the last slot to orders, unless there is
 *                   only one
 */
export type SlotUse = 'sync_order' | 'async_order' | 'step' | 'repeat' | 'question'

/** Why no order waits any more: the process stops, or the provider was removed. */
export type EndOfWaits = 'stopping' | 'removed'

/** A slot for the calls of one step, one after the other; or when to try again. */
export type Slot =
  | { readonly granted: true; release(): void }
  | {
      readonly granted: false
      /** `stopping`, `removed`: of an order that waited when the process or the provider ended. */
      readonly reason: 'busy' | 'circuit_open' | 'retries_spent' | EndOfWaits
      readonly retryAfterMs: number
    }

/** Limits the concurrent calls to a provider, so that a slow one delays no other. */
export interface Bulkhead {
  limit: number
  taken(): number
  /** @param platformId  for whose order the slot is */
  free(use: SlotUse, platformId?: string): number
  /** @returns how to release the slot (a second call has no effect); undefined when none is free */
  take(use: SlotUse, platformId?: string): (() => void) | undefined
  /** How many slots the platform holds, for orders and steps. */
  heldBy(platformId: string): number
  /** Whether the platform holds less than its part, of several platforms that order here. */
  isUnderShare(platformId: string): boolean
}

export interface BulkheadDeps {
  readonly now: () => Date
  /** The orders that wait for a slot. */
  readonly waiting: Pick<FairQueue<unknown>, 'size'>
  /** Called when a slot becomes free while orders wait. */
  onFree(): void
}

/**
 * Steps leave a fifth of the slots, at least one, to orders that a platform waits for: hundreds of
 * polls must not turn those away. Orders that accept a 202 leave a fifth to steps, or new orders
 * would overtake queued ones for as long as they keep coming; and so do all orders while some wait
 * for a slot. A single slot is for all uses.
 *
 * While several platforms order, one that holds its part of the slots leaves the last tenth, at
 * least one, to the others: their next order need not wait until a call has ended.
 */
export function createBulkhead(limit: number, { now, waiting, onFree }: BulkheadDeps): Bulkhead {
  const taken = { all: 0, atOnce: 0, orders: 0, steps: 0 }
  const platforms = createPlatformShares(now)

  const bulkhead: Bulkhead = {
    limit,
    taken: () => taken.all,
    heldBy: (platformId) => platforms.held(platformId),
    isUnderShare: (platformId) =>
      platforms.isShared(platformId) && !platforms.isOver(platformId, bulkhead.limit),
    free(use, platformId) {
      const { limit } = bulkhead
      const fifth = Math.floor(limit / 5)
      const atLeastOne = limit === 1 ? 0 : Math.max(1, fifth)
      const free = limit - taken.all
      const forSteps = limit - atLeastOne - taken.steps
      const crowded = waiting.size > 0 ? limit - atLeastOne - taken.orders - taken.atOnce : Infinity
      const isOrder = use === 'async_order' || use === 'sync_order'
      const share = {
        sync_order: Math.min(free, crowded),
        async_order: Math.min(limit - fifth - taken.orders, crowded),
        step: forSteps,
        repeat: forSteps,
        question: Math.min(forSteps, limit === 1 ? free : free - 1),
      }
      const usable = Math.min(free, share[use])
      const spare = limit === 1 || !isOrder ? 0 : Math.max(1, Math.floor(limit / 10))
      const isSpared =
        usable <= spare && platformId !== undefined && platforms.isOver(platformId, limit)
      return Math.max(0, isSpared ? 0 : usable)
    },
    take(use, platformId) {
      const group = groups[use]
      const platform = platformId === undefined ? undefined : platforms.of(platformId)
      if (platform !== undefined && group !== 'steps') platform.orderedAtMs = now().getTime()
      if (bulkhead.free(use, platformId) === 0) return undefined
      if (platform !== undefined) platform.held++
      taken.all++
      taken[group]++
      let isReleased = false
      return () => {
        if (isReleased) return
        isReleased = true
        taken.all--
        taken[group]--
        if (platform !== undefined) platform.held--
        if (waiting.size > 0) onFree()
      }
    },
  }
  return bulkhead
}

const groups = {
  sync_order: 'atOnce',
  async_order: 'orders',
  step: 'steps',
  repeat: 'steps',
  question: 'steps',
} as const satisfies Record<SlotUse, string>

// A platform that has ordered nothing for this long leaves its share to the others.
const activeMs = 60_000
const maxIdle = 1_000

/** What one platform does at a provider. */
interface PlatformShare {
  /** How many slots it holds. */
  held: number
  orderedAtMs: number
}

/** Which platforms order at a provider at present, and how many of its slots each holds. */
interface PlatformShares {
  /** The same object while the platform orders or holds slots: the bulkhead counts in it. */
  of(platformId: string): PlatformShare
  held(platformId: string): number
  /** Whether other platforms order here too. */
  isShared(platformId: string): boolean
  /** Whether the platform holds its equal part of the slots, or more; never while it is alone. */
  isOver(platformId: string, slots: number): boolean
}

function createPlatformShares(now: () => Date): PlatformShares {
  const shares = new Map<string, PlatformShare>()
  const isActive = ({ held, orderedAtMs }: PlatformShare, nowMs: number) =>
    held > 0 || nowMs - orderedAtMs < activeMs
  const forgetIdle = (): void => {
    const nowMs = now().getTime()
    for (const [id, share] of shares) if (!isActive(share, nowMs)) shares.delete(id)
  }
  const countOthers = (platformId: string): number => {
    const nowMs = now().getTime()
    let count = 0
    for (const [id, share] of shares) if (id !== platformId && isActive(share, nowMs)) count++
    return count
  }
  return {
    of(platformId) {
      const known = shares.get(platformId)
      if (known !== undefined) return known
      if (shares.size >= maxIdle) forgetIdle()
      const share = { held: 0, orderedAtMs: -Infinity }
      shares.set(platformId, share)
      return share
    },
    held: (platformId) => shares.get(platformId)?.held ?? 0,
    isShared: (platformId) => countOthers(platformId) > 0,
    isOver: (platformId, slots) =>
      (shares.get(platformId)?.held ?? 0) >= slots / (1 + countOthers(platformId)),
  }
}
