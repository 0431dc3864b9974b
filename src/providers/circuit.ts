// The circuit breaker of one provider in one process: after many failures nothing is sent for a while, then one call is
// tried. cockatiel counts, waits and moves between the states; what counts, and for whom, is decided here.
import {
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  SamplingBreaker,
  circuitBreaker,
  halfJitterGenerator,
  handleWhenResult,
  type IBackoff,
  type IBackoffFactory,
  type IBreaker,
} from 'cockatiel'
import { repeatedFailures } from './repeated-failures.ts'
import type { Failing, Report } from './report.ts'

export interface CircuitView {
  /** `half_open`: the wait is over, and the next call decides. */
  readonly state: 'closed' | 'open' | 'half_open'
  /** When it opened or closed last; undefined: it has never been open. */
  readonly since: Date | undefined
  /** When the next call may be tried; only while it is not closed. */
  readonly until: Date | undefined
  /** Why it opened, in words of ours. */
  readonly reason: string | undefined
}

export interface Circuit {
  view(): CircuitView
  /** How long nothing may be sent: undefined while closed, 0 when the next call may be tried. */
  waitMs(): number | undefined
  /** Whether the one call that is tried is under way. */
  isTrying(): boolean
  /** Begins a call about an instance. @returns undefined when the call must not be sent */
  begin(instanceId: string): Begun | undefined
  /** A sign of life: ends the wait, so that the next call is tried now. */
  hasten(): void
}

export interface Begun {
  /** It is the one call that is tried. */
  readonly isTrial: boolean
  /** Tells what came of it; once. */
  report(report: Report): Promise<void>
}

export interface CircuitDeps {
  readonly now: () => Date
  onChange(view: CircuitView): void
}

// Ten in a row, over a second at least: what is over sooner, a proxy that reloads, is no outage, though it may strike many
// calls at once. At a quiet provider a share would say nothing for minutes. Or more than half of at least thirty calls in
// thirty seconds: a provider that still answers now and then never fails ten times in a row.
const inARow = 10
const inARowForMs = 1_000
const share = { threshold: 0.5, duration: 30_000, minimumRps: 1 }
// Short at first, for most outages are; never longer than a minute, so that a provider that is back is found soon. The
// jitter keeps processes from trying together.
const waits = { generator: halfJitterGenerator, initialDelay: 1_000, maxDelay: 60_000 }

export function createCircuit({ now, onChange }: CircuitDeps): Circuit {
  const wait = waitOf(new ExponentialBackoff(waits))
  const policy = circuitBreaker(
    handleWhenResult((report) => report !== 'good'),
    {
      breaker: either(lasting(new ConsecutiveBreaker(inARow), now), new SamplingBreaker(share)),
      halfOpenAfter: wait,
    },
  )
  const failures = repeatedFailures()
  let since: Date | undefined
  let until: Date | undefined
  let reason: string | undefined
  let openings = 0
  let trying = false

  const waitMs = () =>
    policy.state === CircuitState.Closed
      ? undefined
      : Math.max(0, (until?.getTime() ?? 0) - now().getTime())
  const view = (): CircuitView => {
    const left = waitMs()
    return {
      state: left === undefined ? 'closed' : left > 0 ? 'open' : 'half_open',
      since,
      until,
      reason,
    }
  }

  policy.onBreak((cause) => {
    const at = now()
    since = until === undefined ? at : since
    until = new Date(at.getTime() + wait.ms())
    // Only reports are given to the policy, and it breaks by bad ones.
    reason = 'value' in cause ? reasons[cause.value as Failing] : undefined
    openings++
    failures.clear()
    onChange(view())
  })
  policy.onReset(() => {
    since = now()
    until = reason = undefined
    onChange(view())
  })

  return {
    view,
    waitMs,
    isTrying: () => trying,
    begin(instanceId) {
      const left = waitMs()
      const isTrial = left !== undefined
      if (isTrial && (left > 0 || trying)) return undefined
      if (isTrial) {
        trying = true
        onChange(view())
      }
      const begunAfter = openings
      return {
        isTrial,
        async report(report) {
          try {
            // While it waits nothing was sent: what comes now was begun before, and its end, often of many at once, is no news.
            if (report === 'neither' || (waitMs() ?? 0) > 0) return
            if (report !== 'good' && openings !== begunAfter) return
            if (report === 'good') failures.clear()
            else if (!isTrial && failures.isRepeated(report, instanceId)) return
            // The call itself does not run in the policy: its end would be judged by the state in which it began, waiters
            // of a half-open circuit would hang, and a call that we cut off would count as good.
            await policy.execute(() => report)
          } finally {
            if (isTrial) trying = false
          }
        },
      }
    },
    hasten() {
      if ((waitMs() ?? 0) === 0) return
      until = now()
      onChange(view())
    },
  }
}

const reasons: Readonly<Record<Failing, string>> = {
  not_sent: 'The provider cannot be reached.',
  timeout: 'The provider does not answer in time.',
  connection_lost: 'The provider breaks connections off.',
  server_error: 'The provider answers with server errors.',
}

/** Breaks when `inner` does, but only if the failures have gone on for a while. */
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
      return inner.failure(state) && now().getTime() - sinceMs >= inARowForMs
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
    // Both must hear of it.
    failure(state) {
      return [one.failure(state), other.failure(state)].includes(true)
    },
  }
}

/**
 * Takes note how long to wait, and has cockatiel not wait at all: it would go by the wall clock, which may be set while
 * it waits, and could not be told to end a wait early.
 */
function waitOf(inner: IBackoffFactory<unknown>): IBackoffFactory<unknown> & { ms(): number } {
  let ms = 0
  const noted = (backoff: IBackoff<unknown>): IBackoff<unknown> => {
    ms = backoff.duration
    return { duration: -Infinity, next: (context) => noted(backoff.next(context)) }
  }
  return { next: (context) => noted(inner.next(context)), ms: () => ms }
}
