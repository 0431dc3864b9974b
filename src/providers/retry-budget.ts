/**
 * How many calls to a provider may be repeats: a fifth of the others, and ten a second besides, so that little traffic
 * does not mean no repeats. Five seconds' worth can be saved up. A provider at which every call fails is thus called hardly
 * more often than one at which none does. (Form and figures are those of Finagle's RetryBudget, which linkerd has too.)
 */
export interface RetryBudget {
  /** A call that is no repeat was begun. */
  deposit(): void
  /** @returns false when the budget is spent: the repeat has to wait */
  withdraw(): boolean
  /** When there is something in it again. */
  waitMs(): number
  /** How many repeats had to wait so far. */
  denied(): number
}

const perCall = 0.2
const perSecond = 10
const most = 50

export function createRetryBudget(now: () => Date): RetryBudget {
  let balance = most
  let countedAt = now().getTime()
  let denied = 0

  const count = (): void => {
    const at = now().getTime()
    balance = Math.min(most, balance + (Math.max(0, at - countedAt) / 1_000) * perSecond)
    countedAt = at
  }

  return {
    deposit() {
      count()
      balance = Math.min(most, balance + perCall)
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
