// For how long a process may go by what it made known to the others last.

/** A point in time by two clocks: one of them stands still while the machine is suspended, the other one can be set. */
export interface Moment {
  readonly steadyMs: number
  readonly wallMs: number
}

export interface Lease {
  /** @param at  before what was confirmed was begun */
  renew(at: Moment): void
  /** false as soon as either clock says that it has run out. */
  isGood(): boolean
  /** It is never good again. */
  end(): void
}

export function momentNow(): Moment {
  return { steadyMs: performance.now(), wallMs: Date.now() }
}

/** @param clock  another one, for tests */
export function openLease(lengthMs: number, clock = momentNow): Lease {
  let since: Moment | undefined
  let ended = false
  return {
    renew(at) {
      if (since === undefined || at.steadyMs > since.steadyMs) since = at
    },
    isGood() {
      if (ended || since === undefined) return false
      const { steadyMs, wallMs } = clock()
      return Math.max(steadyMs - since.steadyMs, wallMs - since.wallMs) < lengthMs
    },
    end() {
      ended = true
    },
  }
}
