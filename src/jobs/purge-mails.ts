import type { Db } from '../db/database.ts'
import { coded, type Log } from '../log.ts'
import { purgeMailsOnce } from '../mail/purge.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

const intervalMs = 3_600_000
// Leaves the database to others between two portions.
const pauseMs = 100

interface PurgeMailsDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
}

/** Deletes mails 30 days after they were written, also where none is sent any more. */
export function purgeMails({ log, ...deps }: PurgeMailsDeps): IntervalLoop {
  return startLoop({
    minPauseMs: pauseMs,
    async round() {
      const { mails, isFull } = await purgeMailsOnce(deps)
      if (mails > 0) log.info({ mails }, 'old mails were deleted')
      return isFull ? 0 : intervalMs
    },
    onError(error) {
      log.warn({ error: coded(error) }, 'old mails could not be deleted')
      return intervalMs
    },
  })
}
