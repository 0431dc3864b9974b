/**
 * How many calls to a provider may be repeats: a fifth of the other calls, and ten a second
 * besides, so that repeats are possible at little traffic. Up to five seconds' worth accumulate. A
 * provider at which every call fails thus gets hardly more calls than one at which none does. (Form
 * and figures are those of Finagle's RetryBudget, which linkerd has too.)
 */
export interface RetryBudget {
  /** Counts a call that is no repeat. */
  deposit(): void
  /** @returns false when the budget is spent and the repeat has to wait */
  withdraw(): boolean
  /** How long until a repeat is allowed again. */
  waitMs(): number
  /** How many repeats had to wait so far. */
  denied(): number
}

const perCall = 0.2
const perSecond = 10
const maxBalance = 50

export function createRetryBudget(now: () => Date): RetryBudget {
  let balance = maxBalance
  let countedAt = now().getTime()
  let denied = 0

  const count = (): void => {
    const at = now().getTime()
    balance = Math.min(maxBalance, balance + (Math.max(0, at - countedAt) / 1_000) * perSecond)
    countedAt = at
  }

  return {
    deposit() {
      // What has accrued over time is added when it is needed: the sum is the same.
      balance = Math.min(maxBalance, balance + perCall)
    },
    withdraw() {
      count()
      if (balance < 1) {
        denied++
        return false
      }
      balance--
      return true
    },
    waitMs() {
      count()
      return Math.ceil((Math.max(0, 1 - balance) / perSecond) * 1_000)
    },
    denied: () => denied,
  }
}
