// When a circuit opens, and for how long: cockatiel's breakers count, its backoff grows. Not its
// circuitBreaker: that goes by the wall clock, which may be set meanwhile, and cannot end a wait
// early.
import {
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  SamplingBreaker,
  halfJitterGenerator,
  type IBackoff,
} from 'cockatiel'

// Ten consecutive failures, over at least a second: a shorter fault, such as a proxy that reloads,
// is no outage, though it may hit many calls at once. At a provider with little traffic a failure
// rate would say nothing for minutes.
const consecutiveFailures = 10
const minFailingMs = 1_000
// Or more than half of at least thirty calls in thirty seconds: a provider that still answers now
// and then never fails ten times in a row.
const failureRate = { threshold: 0.5, duration: 30_000, minimumRps: 1 }
// Short at first, as most outages are; at most a minute, so that Kontor soon notices that a
// provider is back. The jitter keeps processes from sending their trial calls at the same time.
const backoff = { generator: halfJitterGenerator, initialDelay: 1_000, maxDelay: 60_000 }

export class CircuitPolicy {
  readonly #now: () => Date
  readonly #consecutive = new ConsecutiveBreaker(consecutiveFailures)
  readonly #rate = new SamplingBreaker(failureRate)
  #failingSinceMs: number | undefined
  #wait: IBackoff<unknown> | undefined

  constructor(now: () => Date) {
    this.#now = now
  }

  /** Counts a good call; one of an open circuit closes it. */
  succeeded(isClosed: boolean): void {
    this.#failingSinceMs = undefined
    if (!isClosed) this.#wait = undefined
    this.#consecutive.success()
    this.#rate.success(isClosed ? CircuitState.Closed : CircuitState.HalfOpen)
  }

  /** Counts a failure. @returns whether nothing is to be sent for a while */
  failed(isClosed: boolean): boolean {
    const nowMs = this.#now().getTime()
    this.#failingSinceMs ??= nowMs
    // Both count it.
    const isInRow = this.#consecutive.failure() && nowMs - this.#failingSinceMs >= minFailingMs
    const isOften = this.#rate.failure(isClosed ? CircuitState.Closed : CircuitState.HalfOpen)
    return !isClosed || isInRow || isOften
  }

  /** How long that while is: longer each time until a call of the open circuit is good. */
  nextWaitMs(): number {
    this.#wait =
      this.#wait === undefined ? new ExponentialBackoff(backoff).next() : this.#wait.next(undefined)
    return this.#wait.duration
  }
}
