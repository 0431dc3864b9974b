import { linkEvents } from '../audit/chain/link.ts'
import type { Db } from '../db/database.ts'
import { coded, type Log } from '../log.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

export interface LinkerDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
}

const intervalMs = 1_000
const maxAtATime = 1_000
// What prevents it (a database that is away, a head that was tampered with) does not pass in a
// second.
const afterErrorMs = 10_000

/**
 * Links recorded events into the chain of the audit log, once a second. Every worker tries; the
 * lock on the head lets one in. It polls, because a NOTIFY per event would make the commits of
 * orders wait for one another.
 */
export function linkAudit({ db, now, log }: LinkerDeps): IntervalLoop {
  return startLoop({
    async round() {
      const linked = await linkEvents({ db, now }, maxAtATime)
      if (linked === undefined) return intervalMs
      for (const eventId of linked.doubtful)
        log.error({ eventId }, 'an audit event does not match its seal')
      for (const eventId of linked.missing)
        log.error({ eventId }, 'an audit event was gone before it could be linked')
      return linked.isFull ? 0 : intervalMs
    },
    onError(error) {
      log.error({ error: coded(error) }, 'the audit log could not be linked')
      return afterErrorMs
    },
  })
}
