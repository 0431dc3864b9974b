// How long a process may rely on its last heartbeat.

/**
 * A point in time by two clocks: the monotonic one may stop while the machine is suspended, the
 * wall clock can be set.
 */
export interface Moment {
  readonly steadyMs: number
  readonly wallMs: number
}

export interface Lease {
  /** @param at  the time just before the heartbeat was sent */
  renew(at: Moment): void
  /** False as soon as the lease has expired by either clock. */
  isGood(): boolean
  /** Ends the lease for good: a later renewal has no effect. */
  end(): void
}

export function momentNow(): Moment {
  return { steadyMs: performance.now(), wallMs: Date.now() }
}

/** @param clock  replaced by tests */
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
