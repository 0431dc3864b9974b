// The circuit breaker of one provider in one process: after many failures Kontor sends nothing for
// a while, then one trial call. circuit-policy.ts decides how many; this file decides which calls
// count.
import type { NoAnswer } from '../../backends/backend.ts'
import { CircuitPolicy } from './circuit-policy.ts'

/** What a call says about its provider; `neither`: Kontor cut it off, so it says nothing. */
export type Report = 'good' | 'neither' | NoAnswer

export interface CircuitView {
  /** `half_open`: the wait is over, and the next call decides. */
  readonly state: 'closed' | 'open' | 'half_open'
  /** When it last opened or closed; undefined: it has never been open. */
  readonly since: Date | undefined
  /** When the next call may be sent; only while the circuit is not closed. */
  readonly until: Date | undefined
  /** Why it opened, in Kontor's own words. */
  readonly reason: string | undefined
}

export interface Circuit {
  view(): CircuitView
  /** How long nothing may be sent: undefined while closed, 0 when the next call may be sent. */
  waitMs(): number | undefined
  /** Whether the trial call of a half-open circuit is under way. */
  isTrying(): boolean
  /** Begins a call about an instance. @returns undefined when it must not be sent */
  begin(instanceId: string): Begun | undefined
  /** Ends the wait, because the provider answered something: the next call is the trial. */
  hasten(): void
}

export interface Begun {
  /** Whether it is the trial call of a half-open circuit. */
  readonly isTrial: boolean
  /** Reports the result; to be called once. */
  report(report: Report): void
}

export interface CircuitDeps {
  readonly now: () => Date
  onChange(view: CircuitView): void
}

// A second failure of the same instance may be new information, a third is not.
const maxPerInstance = 2

const reasons: Readonly<Record<NoAnswer, string>> = {
  not_sent: 'The provider cannot be reached.',
  timeout: 'The provider does not answer in time.',
  connection_lost: 'The provider breaks connections off.',
  server_error: 'The provider answers with server errors.',
}

class ProviderCircuit implements Circuit {
  readonly #deps: CircuitDeps
  readonly #policy: CircuitPolicy
  /** How often each instance has failed since a call last succeeded. */
  readonly #failures = new Map<string, number>()
  #since: Date | undefined
  #until: Date | undefined
  #reason: string | undefined
  #openings = 0
  #isTrying = false

  constructor(deps: CircuitDeps) {
    this.#deps = deps
    this.#policy = new CircuitPolicy(deps.now)
  }

  view(): CircuitView {
    const waitMs = this.waitMs()
    return {
      state: waitMs === undefined ? 'closed' : waitMs > 0 ? 'open' : 'half_open',
      since: this.#since,
      until: this.#until,
      reason: this.#reason,
    }
  }

  waitMs(): number | undefined {
    return this.#until === undefined
      ? undefined
      : Math.max(0, this.#until.getTime() - this.#deps.now().getTime())
  }

  isTrying(): boolean {
    return this.#isTrying
  }

  begin(instanceId: string): Begun | undefined {
    const waitMs = this.waitMs()
    const isTrial = waitMs !== undefined
    if (isTrial && (waitMs > 0 || this.#isTrying)) return undefined
    if (isTrial) {
      this.#isTrying = true
      this.#deps.onChange(this.view())
    }
    const openingsBefore = this.#openings
    return {
      isTrial,
      report: (report) => {
        if (isTrial) this.#isTrying = false
        if (!this.#counts(report, instanceId, isTrial, openingsBefore)) return
        const isClosed = this.#until === undefined
        if (report !== 'good') {
          if (this.#policy.failed(isClosed)) this.#open(report)
          return
        }
        this.#policy.succeeded(isClosed)
        if (!isClosed) this.#close()
      },
    }
  }

  hasten(): void {
    if ((this.waitMs() ?? 0) === 0) return
    this.#until = this.#deps.now()
    this.#deps.onChange(this.view())
  }

  #open(failure: NoAnswer): void {
    const at = this.#deps.now()
    // A trial that fails prolongs the outage.
    this.#since = this.#until === undefined ? at : this.#since
    this.#until = new Date(at.getTime() + this.#policy.nextWaitMs())
    this.#reason = reasons[failure]
    this.#openings++
    this.#failures.clear()
    this.#deps.onChange(this.view())
  }

  #close(): void {
    this.#since = this.#deps.now()
    this.#until = this.#reason = undefined
    this.#deps.onChange(this.view())
  }

  #counts(
    report: Report,
    instanceId: string,
    isTrial: boolean,
    openingsBefore: number,
  ): report is NoAnswer | 'good' {
    if (report === 'neither') return false
    // While the circuit is open nothing is sent: this call began before, and its end, often of many
    // at once, says nothing new.
    if ((this.waitMs() ?? 0) > 0) return false
    if (report === 'good') {
      this.#failures.clear()
      return true
    }
    if (this.#openings !== openingsBefore) return false
    return isTrial || report === 'not_sent' || !this.#isRepeated(instanceId)
  }

  /**
   * Distinguishes the failures of a provider from those of one instance. A broken operation answers
   * 500 to every poll, for days; that must not open the circuit for all other orders. So an
   * instance counts twice at most until a call succeeds. A provider that cannot be reached is not
   * the instance's fault, and always counts.
   */
  #isRepeated(instanceId: string): boolean {
    const count = (this.#failures.get(instanceId) ?? 0) + 1
    this.#failures.set(instanceId, count)
    return count > maxPerInstance
  }
}

const heldMs = 60_000

/**
 * The circuit of a provider with an origin that no operator has approved: open, without trial
 * calls, until the provider's row changes.
 */
export const heldCircuit: Circuit = {
  view: () => ({ state: 'open', since: undefined, until: undefined, reason: undefined }),
  waitMs: () => heldMs,
  isTrying: () => false,
  begin: () => undefined,
  hasten: () => {},
}

export function createCircuit(deps: CircuitDeps): Circuit {
  return new ProviderCircuit(deps)
}
