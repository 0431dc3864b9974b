// What stands between Kontor and one provider in this process: places for calls, circuit breaker, budget for repeats.
import { createCircuit, type Circuit, type CircuitView } from './circuit.ts'
import { createBulkhead, type Slot, type SlotUse } from './bulkhead.ts'
import { createRetryBudget } from './retry-budget.ts'

export interface Guard {
  readonly circuit: Circuit
  acquireSlot(use: SlotUse): Slot
  /** How many steps could begin now. */
  free(): number
  figures(): GuardFigures
  setLimit(limit: number): void
  /** The provider's row has changed, its address perhaps: what it did before is void. */
  renewCircuit(): void
}

/** For the operator's figures. */
export interface GuardFigures {
  readonly circuit: CircuitView['state']
  readonly slots: number
  readonly taken: number
  readonly deniedRepeats: number
}

export interface GuardDeps {
  readonly now: () => Date
  /** What somebody is told to wait who finds all places taken. */
  readonly busyMs: number
  onCircuit(view: CircuitView): void
}

const trialMs = 1_000

export function createGuard(deps: GuardDeps, limit: number): Guard {
  const bulkhead = createBulkhead(limit)
  const budget = createRetryBudget(deps.now)
  // Whoever has the place of the one call that is tried.
  let trial: object | undefined
  let circuit = freshCircuit()

  function freshCircuit(): Circuit {
    // Calls that are still under way report to the circuit in which they began, which is then nobody's.
    const fresh: Circuit = createCircuit({
      now: deps.now,
      onChange: (view) => {
        if (fresh === circuit) deps.onCircuit(view)
      },
    })
    return fresh
  }

  const refused = (
    reason: 'busy' | 'circuit_open' | 'retries_spent',
    retryAfterMs: number,
  ): Slot => ({ granted: false, reason, retryAfterMs })

  return {
    get circuit() {
      return circuit
    },
    acquireSlot(use) {
      const waitMs = circuit.waitMs()
      const isTrial = waitMs !== undefined
      if (isTrial && waitMs > 0) return refused('circuit_open', waitMs)
      if (isTrial && (trial !== undefined || circuit.isTrying()))
        return refused('circuit_open', trialMs)
      if (bulkhead.free(use) === 0) return refused('busy', deps.busyMs)
      if (use !== 'repeat') budget.deposit()
      // The one that is tried is not held back: the circuit's own wait holds back enough.
      else if (!isTrial && !budget.withdraw())
        return refused('retries_spent', Math.max(deps.busyMs, budget.waitMs()))
      const release = bulkhead.take(use)
      if (release === undefined) return refused('busy', deps.busyMs)
      // A question is let through, and decides nothing: an order that waits is not kept from being the one.
      const own = isTrial && use !== 'question' ? (trial = {}) : undefined
      return {
        granted: true,
        release() {
          release()
          if (own !== undefined && trial === own) trial = undefined
        },
      }
    },
    free() {
      const waitMs = circuit.waitMs()
      if (waitMs === undefined) return bulkhead.free('step')
      return waitMs > 0 || trial !== undefined || circuit.isTrying()
        ? 0
        : Math.min(1, bulkhead.free('step'))
    },
    figures: () => ({
      circuit: circuit.view().state,
      slots: bulkhead.limit,
      taken: bulkhead.taken(),
      deniedRepeats: budget.denied(),
    }),
    setLimit(next) {
      bulkhead.limit = next
    },
    renewCircuit() {
      const wasClosed = circuit.waitMs() === undefined
      circuit = freshCircuit()
      trial = undefined
      if (!wasClosed) deps.onCircuit({ ...circuit.view(), since: deps.now() })
    },
  }
}
