import type { FairQueue } from '../fair-queue.ts'
import type { EndOfWaits, Slot, SlotUse } from './bulkhead.ts'

export interface SlotQueueDeps {
  readonly waiting: FairQueue<Waiter>
  slots(): number
  /** How many of them are taken. */
  taken(): number
  /** How many slots the platform holds. */
  held(platformId: string): number
  acquire(use: SlotUse, platformId: string): Slot
  refused(reason: 'busy' | EndOfWaits): Slot
}

/**
 * Orders that wait for a slot. The platform that holds the fewest slots gets the next one, so a
 * flood of one platform waits behind the few orders of another.
 */
export interface SlotQueue {
  /** Whether an order of this platform is to be served before those that wait. */
  mayOvertake(platformId: string): boolean
  /** @returns a slot, or why there was none within `waitMs` */
  wait(use: SlotUse, platformId: string, waitMs: number): Promise<Slot>
  /** Refuses what waits, and whatever would wait later. */
  endWaits(reason: EndOfWaits): void
  /** Hands out what is free. Call it when a slot may have become free. */
  serve(): void
}

/** An order that waits. */
export interface Waiter {
  readonly use: SlotUse
  answer(slot: Slot): void
}

const maxWaiting = 100
// The only slot of a provider is for steps too: they get it once after so many orders that waited.
const ordersBeforeSteps = 4
// A worker looks for due steps several times in this time.
const turnOfStepsMs = 300

class FairSlotQueue implements SlotQueue {
  readonly #deps: SlotQueueDeps
  readonly #waiting: FairQueue<Waiter>
  #served = 0
  #isTurnOfSteps = false
  #ended: EndOfWaits | undefined

  constructor(deps: SlotQueueDeps) {
    this.#deps = deps
    this.#waiting = deps.waiting
  }

  mayOvertake(platformId: string): boolean {
    const held = this.#deps.held(platformId)
    for (const each of this.#waiting.keys()) if (this.#deps.held(each) <= held) return false
    return true
  }

  wait(use: SlotUse, platformId: string, waitMs: number): Promise<Slot> {
    if (this.#ended !== undefined) return Promise.resolve(this.#deps.refused(this.#ended))
    if (this.#waiting.countOf(platformId) >= maxWaiting)
      return Promise.resolve(this.#deps.refused('busy'))
    const { promise, resolve } = Promise.withResolvers<Slot>()
    const timer = setTimeout(() => {
      this.#waiting.remove(platformId, waiter)
      resolve(this.#deps.refused('busy'))
      this.serve()
    }, waitMs)
    const answer = (slot: Slot): void => {
      clearTimeout(timer)
      resolve(slot)
    }
    const waiter: Waiter = { use, answer }
    this.#waiting.push(platformId, waiter)
    // A slot may have become free since the caller was refused one.
    this.serve()
    return promise
  }

  endWaits(reason: EndOfWaits): void {
    this.#ended ??= reason
    for (const platformId of this.#waiting.keys())
      for (let each = this.#waiting.shift(platformId); each; each = this.#waiting.shift(platformId))
        each.answer(this.#deps.refused(reason))
  }

  serve(): void {
    while (this.#waiting.size > 0 && !this.#isTurnOfSteps && this.#serveNext());
  }

  #serveNext(): boolean {
    if (this.#isDueToSteps()) {
      this.#leaveTurnToSteps()
      return false
    }
    const byNeed = [...this.#waiting.keys()].toSorted(
      (a, b) => this.#deps.held(a) - this.#deps.held(b),
    )
    for (const platformId of byNeed) {
      const waiter = this.#waiting.first(platformId)
      if (waiter === undefined) continue
      const slot = this.#deps.acquire(waiter.use, platformId)
      if (!slot.granted && slot.reason === 'busy') continue
      this.#waiting.shift(platformId)
      this.#served++
      waiter.answer(slot)
      return true
    }
    return false
  }

  #isDueToSteps(): boolean {
    const { slots, taken } = this.#deps
    // A turn that begins while an order holds the slot may be over before it is free.
    return slots() === 1 && taken() === 0 && this.#served >= ordersBeforeSteps
  }

  #leaveTurnToSteps(): void {
    this.#served = 0
    this.#isTurnOfSteps = true
    setTimeout(() => {
      this.#isTurnOfSteps = false
      this.serve()
    }, turnOfStepsMs).unref()
  }
}

export function createSlotQueue(deps: SlotQueueDeps): SlotQueue {
  return new FairSlotQueue(deps)
}
