// When a circuit opens, and for how long: cockatiel counts the reports and moves between the
// states.
import {
  ConsecutiveBreaker,
  ExponentialBackoff,
  SamplingBreaker,
  circuitBreaker,
  halfJitterGenerator,
  handleWhenResult,
  type CircuitBreakerPolicy,
  type IBackoff,
  type IBackoffFactory,
  type IBreaker,
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

export interface CircuitPolicy {
  /** Executes functions that return a Report; every one but `good` is a failure. */
  readonly breaker: CircuitBreakerPolicy
  /** How long to wait since it opened last. */
  waitMs(): number
}

export function createCircuitPolicy(now: () => Date): CircuitPolicy {
  const wait = recordedWait(new ExponentialBackoff(backoff))
  const breaker = circuitBreaker(
    handleWhenResult((report) => report !== 'good'),
    {
      breaker: either(
        lasting(new ConsecutiveBreaker(consecutiveFailures), now),
        new SamplingBreaker(failureRate),
      ),
      halfOpenAfter: wait,
    },
  )
  return { breaker, waitMs: wait.ms }
}

/** Breaks when `inner` does, but only after failures for at least `minFailingMs`. */
function lasting(inner: IBreaker, now: () => Date): IBreaker {
  let sinceMs: number | undefined
  return {
    state: undefined,
    success(state) {
      sinceMs = undefined
      inner.success(state)
    },
    failure(state) {
      sinceMs ??= now().getTime()
      return inner.failure(state) && now().getTime() - sinceMs >= minFailingMs
    },
  }
}

function either(one: IBreaker, other: IBreaker): IBreaker {
  return {
    state: undefined,
    success(state) {
      one.success(state)
      other.success(state)
    },
    // An array, so that both count the failure: `||` would leave the second one out.
    failure(state) {
      return [one.failure(state), other.failure(state)].includes(true)
    },
  }
}

/**
 * Records how long to wait, and makes cockatiel wait not at all: cockatiel goes by the wall clock,
 * which may be set meanwhile, and cannot end a wait early.
 */
function recordedWait(
  inner: IBackoffFactory<unknown>,
): IBackoffFactory<unknown> & { ms(): number } {
  let ms = 0
  const record = (next: IBackoff<unknown>): IBackoff<unknown> => {
    ms = next.duration
    return { duration: -Infinity, next: (context) => record(next.next(context)) }
  }
  return { next: (context) => record(inner.next(context)), ms: () => ms }
}
