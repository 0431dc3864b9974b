import type { Db } from '../db/database.ts'
import { postEntries } from '../ledger/post.ts'
import { coded, type Log } from '../log.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

const intervalMs = 1_000
const afterErrorMs = 10_000

/** Posts the entries of the ledger to their balances, once a second, in every worker. */
export function postLedger({ db, log }: { readonly db: Db; readonly log: Log }): IntervalLoop {
  return startLoop({
    round: async () => ((await postEntries(db)) ? 0 : intervalMs),
    onError(error) {
      log.error({ error: coded(error) }, 'the ledger could not be posted')
      return afterErrorMs
    },
  })
}
