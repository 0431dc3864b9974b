import { checkAccounts, type CheckDeps } from '../ledger/check.ts'
import { coded, type Log } from '../log.ts'
import { defineCounter } from '../telemetry/counter.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

// It reads all instances, so all processes together do it every six hours.
const everyMs = 6 * 3_600_000
const intervalMs = 600_000
const maxLogged = 20

const ledgerCorrections = defineCounter(
  'kontor_ledger_corrections_total',
  'Accounts of the ledger that this process found to differ from the instances.',
)

export interface LedgerDeps extends CheckDeps {
  readonly log: Log
  readonly metrics: Pick<Metrics, 'count'>
}

/** Compares the ledger with the instances, and reports what it corrected. */
export function checkLedger(deps: LedgerDeps): IntervalLoop {
  const { log, metrics } = deps
  return startLoop({
    async round() {
      const corrections = (await checkAccounts(deps, everyMs)) ?? []
      if (corrections.length > 0) {
        metrics.count(ledgerCorrections, {}, corrections.length)
        log.error(
          { accounts: corrections.length, corrections: corrections.slice(0, maxLogged) },
          'the ledger differed from the instances and was corrected',
        )
      }
      return intervalMs
    },
    onError(error) {
      log.error({ error: coded(error) }, 'the ledger could not be compared with the instances')
      return intervalMs
    },
  })
}
