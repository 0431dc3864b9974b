import { linkEvents } from '../audit/chain/link.ts'
import type { Head } from '../audit/event.ts'
import type { Db } from '../db/database.ts'
import { coded, type Log } from '../log.ts'

export interface LinkerDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
}

const everyMs = 1_000
const maxAtATime = 1_000
// What hinders it (a database that is away, a head that was tampered with) does not pass in a second.
const afterErrorMs = 10_000
// The log usually goes to another machine, and with it a head that nobody can take back.
const reportIntervalMs = 300_000

/**
 * Links what was recorded into the chain of the audit log, once a second. Every worker tries; the head's lock lets one in. It
 * looks instead of being told: telling (NOTIFY) would make the commits of orders wait for one another.
 */
export function linkAudit({ db, now, log }: LinkerDeps): { stop(): Promise<void> } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let told = -1
  let reportAt = 0

  const tell = (head: Head): void => {
    if (head.position === told || performance.now() < reportAt) return
    told = head.position
    reportAt = performance.now() + reportIntervalMs
    log.info(
      { position: head.position, hash: head.hash.toString('hex') },
      'head of the audit chain',
    )
  }

  const once = async (): Promise<boolean> => {
    const linked = await linkEvents({ db, now }, maxAtATime)
    if (linked === undefined) return false
    for (const eventId of linked.doubtful)
      log.error({ eventId }, 'an audit event does not fit its seal')
    for (const eventId of linked.lost)
      log.error({ eventId }, 'an audit event was gone before it could be linked')
    tell(linked.head)
    return linked.isFull
  }

  const tick = async (): Promise<void> => {
    let waitMs = everyMs
    try {
      if (await once()) waitMs = 0
    } catch (error) {
      log.error({ error: coded(error) }, 'the audit log could not be linked')
      waitMs = afterErrorMs
    }
    if (!stopped)
      timer = setTimeout(() => {
        working = tick()
      }, waitMs)
  }

  let working = tick()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await working
    },
  }
}
