// What limits the calls of this process to one provider: bulkhead, circuit and retry budget.
import { createFairQueue, type FairQueue } from '../fair-queue.ts'
import {
  createBulkhead,
  type Bulkhead,
  type EndOfWaits,
  type Slot,
  type SlotUse,
} from './bulkhead.ts'
import { createCircuit, heldCircuit, type Circuit, type CircuitView } from './circuits/circuit.ts'
import { createRetryBudget } from './retry-budget.ts'
import { createSlotQueue, type SlotQueue, type Waiter } from './slot-queue.ts'

export interface Guard {
  readonly circuit: Circuit
  /** @param platformId  for whose order the call is: platforms share the slots */
  acquireSlot(use: SlotUse, platformId?: string): Slot
  /** Waits for a slot after `acquireSlot` refused one as busy. */
  waitForSlot(use: SlotUse, platformId: string, waitMs: number): Promise<Slot>
  /** Whether the platform holds less than its part, of several platforms that order here. */
  isUnderShare(platformId: string): boolean
  /** Refuses the orders that wait for a slot, now and later. */
  endWaits(reason: EndOfWaits): void
  /** How many steps could begin now. */
  free(): number
  figures(): GuardFigures
  setLimit(limit: number): void
  /**
   * The provider's row has changed, perhaps its address: earlier failures no longer count.
   * @param isHeld  whether no step or order may be sent, as origins.ts says
   */
  renewCircuit(isHeld: boolean): void
}

/** For the operator's metrics. */
export interface GuardFigures {
  readonly circuit: CircuitView['state']
  readonly slots: number
  readonly taken: number
  /** Orders that wait for a slot. */
  readonly waiting: number
  readonly deniedRepeats: number
}

export interface GuardDeps {
  readonly now: () => Date
  /** How long a caller is asked to wait when all slots are taken. */
  readonly busyMs: number
  onCircuit(view: CircuitView): void
}

// How long a caller is asked to wait while the trial call of a half-open circuit is under way.
const trialMs = 1_000

class ProviderGuard implements Guard {
  readonly #deps: GuardDeps
  readonly #bulkhead: Bulkhead
  readonly #budget: ReturnType<typeof createRetryBudget>
  /** The orders in the queue. */
  readonly #waiting: FairQueue<Waiter> = createFairQueue()
  readonly #queue: SlotQueue
  /** The slot that may make the trial call. */
  #trial: object | undefined
  #circuit: Circuit

  constructor(deps: GuardDeps, limit: number, isHeld: boolean) {
    this.#deps = deps
    this.#bulkhead = createBulkhead(limit, {
      now: deps.now,
      waiting: this.#waiting,
      onFree: () => this.#queue.serve(),
    })
    this.#queue = createSlotQueue({
      waiting: this.#waiting,
      slots: () => this.#bulkhead.limit,
      taken: () => this.#bulkhead.taken(),
      held: (platformId) => this.#bulkhead.heldBy(platformId),
      acquire: (use, platformId) => this.acquireSlot(use, platformId, true),
      refused: (reason) => refused(reason, deps.busyMs),
    })
    this.#budget = createRetryBudget(deps.now)
    this.#circuit = isHeld ? heldCircuit : this.#createCircuit()
  }

  get circuit(): Circuit {
    return this.#circuit
  }

  /** @param isNext  the order has waited, and it is its turn */
  acquireSlot(use: SlotUse, platformId?: string, isNext = false): Slot {
    if (!isNext && this.#waiting.size > 0 && this.#mustWait(use, platformId))
      return refused('busy', this.#deps.busyMs)
    const waitMs = this.#circuit.waitMs()
    const isTrial = waitMs !== undefined
    if (isTrial && waitMs > 0) return refused('circuit_open', waitMs)
    if (isTrial && this.#isTrialTaken()) return refused('circuit_open', trialMs)
    const release = this.#bulkhead.take(use, platformId)
    if (release === undefined) return refused('busy', this.#deps.busyMs)
    if (use !== 'repeat') this.#budget.deposit()
    // A trial needs no budget: the circuit's own wait holds back enough.
    else if (!isTrial && !this.#budget.withdraw()) {
      release()
      return refused('retries_spent', Math.max(this.#deps.busyMs, this.#budget.waitMs()))
    }
    // A question (a call without an order) never closes the circuit, so it is no trial: an order
    // that waits may be the trial at the same time.
    if (!isTrial || use === 'question') return { granted: true, release }
    const own = (this.#trial = {})
    return {
      granted: true,
      release: () => {
        // First, because an order that waits may be the next trial.
        if (this.#trial === own) this.#trial = undefined
        release()
      },
    }
  }

  waitForSlot(use: SlotUse, platformId: string, waitMs: number): Promise<Slot> {
    return this.#queue.wait(use, platformId, waitMs)
  }

  endWaits(reason: EndOfWaits): void {
    this.#queue.endWaits(reason)
  }

  isUnderShare(platformId: string): boolean {
    return this.#bulkhead.isUnderShare(platformId)
  }

  #mustWait(use: SlotUse, platformId: string | undefined): boolean {
    const isOrder = use === 'async_order' || use === 'sync_order'
    return (
      isOrder &&
      platformId !== undefined &&
      this.#circuit.waitMs() === undefined &&
      !this.#queue.mayOvertake(platformId)
    )
  }

  free(): number {
    const waitMs = this.#circuit.waitMs()
    const free = this.#bulkhead.free('step')
    if (waitMs === undefined) return free
    return waitMs > 0 || this.#isTrialTaken() ? 0 : Math.min(1, free)
  }

  figures(): GuardFigures {
    return {
      circuit: this.#circuit.view().state,
      slots: this.#bulkhead.limit,
      taken: this.#bulkhead.taken(),
      waiting: this.#waiting.size,
      deniedRepeats: this.#budget.denied(),
    }
  }

  setLimit(limit: number): void {
    this.#bulkhead.limit = limit
    this.#queue.serve()
  }

  renewCircuit(isHeld: boolean): void {
    const before = this.#circuit
    this.#circuit = isHeld ? heldCircuit : this.#createCircuit()
    this.#trial = undefined
    if (before !== heldCircuit && before.waitMs() !== undefined)
      this.#deps.onCircuit({
        state: 'closed',
        since: this.#deps.now(),
        until: undefined,
        reason: undefined,
      })
  }

  #isTrialTaken(): boolean {
    return this.#trial !== undefined || this.#circuit.isTrying()
  }

  #createCircuit(): Circuit {
    const circuit: Circuit = createCircuit({
      now: this.#deps.now,
      // A call that is still under way reports to the circuit in which it began, which may have
      // been replaced.
      onChange: (view) => {
        if (circuit === this.#circuit) this.#deps.onCircuit(view)
      },
    })
    return circuit
  }
}

function refused(reason: Exclude<Slot, { granted: true }>['reason'], retryAfterMs: number): Slot {
  return { granted: false, reason, retryAfterMs }
}

export function createGuard(deps: GuardDeps, limit: number, isHeld: boolean): Guard {
  return new ProviderGuard(deps, limit, isHeld)
}
