/**
 * How much CPU time each provider may use: a share of one CPU on average, more at once. While
 * several platforms use it, each has an equal part, and only those beyond theirs must wait.
 */
export interface SharedCpuBudget {
  charge(providerId: string, platformId: string, cpuMs: number): void
  /** How long until the platform may use CPU time at the provider again; 0: now. */
  waitMs(providerId: string, platformId: string): number
}

export interface SharedCpuBudgetOptions {
  /** Of one CPU, on average. */
  readonly share: number
  /** How much a provider may use at once. */
  readonly burstMs: number
}

/** CPU time that is not yet paid for, by platform; all together pay `share` of the time. */
interface Debts {
  readonly byPlatform: Map<string, number>
  paidAtMs: number
}

// Without debts an entry is of no use.
const maxEntries = 1_000

class EqualParts implements SharedCpuBudget {
  readonly #share: number
  readonly #burstMs: number
  readonly #providers = new Map<string, Debts>()

  constructor({ share, burstMs }: SharedCpuBudgetOptions) {
    this.#share = share
    this.#burstMs = burstMs
  }

  charge(providerId: string, platformId: string, cpuMs: number): void {
    if (this.#providers.size >= maxEntries) for (const id of this.#providers.keys()) this.#pay(id)
    const byPlatform = this.#pay(providerId) ?? new Map<string, number>()
    byPlatform.set(platformId, (byPlatform.get(platformId) ?? 0) + cpuMs)
    this.#providers.set(providerId, { byPlatform, paidAtMs: performance.now() })
  }

  waitMs(providerId: string, platformId: string): number {
    const byPlatform = this.#pay(providerId)
    const own = byPlatform?.get(platformId)
    if (byPlatform === undefined || own === undefined) return 0
    let all = 0
    for (const debt of byPlatform.values()) all += debt
    const overMs = Math.min(all, own * byPlatform.size) - this.#burstMs
    return Math.max(0, overMs / this.#share)
  }

  /** @returns what is still owed; undefined for nothing */
  #pay(providerId: string): Map<string, number> | undefined {
    const debts = this.#providers.get(providerId)
    if (debts === undefined) return undefined
    const nowMs = performance.now()
    payEqually(debts.byPlatform, (nowMs - debts.paidAtMs) * this.#share)
    debts.paidAtMs = nowMs
    if (debts.byPlatform.size > 0) return debts.byPlatform
    this.#providers.delete(providerId)
    return undefined
  }
}

/** What one platform does not need of its part goes to the others. */
function payEqually(byPlatform: Map<string, number>, cpuMs: number): void {
  let rest = cpuMs
  const bySize = [...byPlatform].toSorted(([, a], [, b]) => a - b)
  for (const [at, [platformId, debt]] of bySize.entries()) {
    const paid = Math.min(debt, rest / (bySize.length - at))
    rest -= paid
    if (paid < debt) byPlatform.set(platformId, debt - paid)
    else byPlatform.delete(platformId)
  }
}

export function createSharedCpuBudget(options: SharedCpuBudgetOptions): SharedCpuBudget {
  return new EqualParts(options)
}
