/** How much CPU time each key may use: a share of one CPU on average, more at once. */
export interface CpuBudget {
  charge(key: string, cpuMs: number): void
  /** How long until the key may use CPU time again; 0: now. */
  waitMs(key: string): number
}

export interface CpuBudgetOptions {
  /** Of one CPU, on average. */
  readonly share: number
  /** How much a key may use at once. */
  readonly burstMs: number
}

// An entry is only of use until its key has its whole budget again.
const maxEntries = 10_000

/** The generic cell rate algorithm: one number per key, the time at which it has paid for all. */
export function createCpuBudget({ share, burstMs }: CpuBudgetOptions): CpuBudget {
  const paidAt = new Map<string, number>()
  const forgetPaid = (nowMs: number): void => {
    for (const [key, at] of paidAt) if (at <= nowMs) paidAt.delete(key)
  }
  return {
    charge(key, cpuMs) {
      const nowMs = performance.now()
      if (paidAt.size >= maxEntries) forgetPaid(nowMs)
      paidAt.set(key, Math.max(paidAt.get(key) ?? 0, nowMs) + cpuMs / share)
    },
    waitMs(key) {
      const at = paidAt.get(key)
      return at === undefined ? 0 : Math.max(0, at - performance.now() - burstMs / share)
    },
  }
}
