import type { MailConfig } from '../mail-config.ts'
import type { Db } from '../db/database.ts'
import { defineCounter, type Count } from '../telemetry/counter.ts'
import { compose } from './compose.ts'
import type { ClaimedMail } from './mail.ts'
import type { RecipientOf } from './recipient.ts'
import { SmtpError, smtpLimits, type MailFault, type SendMail } from './smtp.ts'
import { claimMails, settleMail, type MailOutcome } from './store.ts'

export interface DeliverDeps {
  readonly db: Db
  readonly now: () => Date
  readonly settings: Pick<MailConfig, 'from' | 'publicUrl'>
  readonly send: SendMail
  readonly recipientOf: RecipientOf
  /** Whether what the mail tells of is still so. */
  readonly holds: (mail: ClaimedMail) => Promise<boolean>
  readonly metrics: { readonly count: Count }
  /** Gets why a mail was not taken. */
  readonly onFailure: (mail: ClaimedMail, reason: string, state: MailOutcome['state']) => void
}

const mailsEnded = defineCounter<{ outcome: string }>(
  'kontor_mails_ended_total',
  'Mails that were sent, dropped or given up.',
  ['outcome'],
)

/**
 * How long one process has a mail for itself: longer than a sending can take, or a second process
 * would send it meanwhile.
 */
const claimMs = smtpLimits.untilSentMs + smtpLimits.answerMs + 60_000

const minDelayMs = 1_000
const maxDelayMs = 3_600_000
// After a server has had the whole mail and not said what became of it: 1 h, then 6 h.
const doubtDelayMs = 3_600_000
const doubtGrowth = 6
/** As often as that happens, the mail is given up: its person may have got it each time. */
const maxDoubts = 3

/** Claims mails that are due, at most `limit`. */
export async function claimDueMails(
  { db, now }: Pick<DeliverDeps, 'db' | 'now'>,
  limit: number,
): Promise<ClaimedMail[]> {
  return claimMails(db, now(), claimMs, limit)
}

/**
 * Sends a claimed mail to the address that its person has now, if that person may still read what
 * it tells of. A mail that the server has, but of which it did not say that it takes it, is sent
 * twice more at most; so is one whose process dies between the server's answer and the row, once.
 * @param stop  leaves the mail to another process
 */
export async function deliver(
  deps: DeliverDeps,
  mail: ClaimedMail,
  stop: AbortSignal,
): Promise<void> {
  const outcome = await attempt(deps, mail, stop)
  await settleMail(deps.db, mail, outcome, deps.now())
  if (outcome.state !== 'waiting') deps.metrics.count(mailsEnded, { outcome: outcome.state })
}

async function attempt(
  deps: DeliverDeps,
  mail: ClaimedMail,
  stop: AbortSignal,
): Promise<MailOutcome> {
  const recipient = await deps.recipientOf(mail)
  if ('dropped' in recipient) return ended('dropped', recipient.dropped, mail)
  if (!(await deps.holds(mail))) return ended('dropped', 'obsolete', mail)
  try {
    await deps.send(compose(deps.settings, mail, recipient), stop)
    return ended('sent', null, mail)
  } catch (error) {
    const fault = error instanceof SmtpError ? error.fault : 'transient'
    if (stop.aborted && fault !== 'unknown')
      return { ...ended('waiting', null, mail), nextAttemptAt: deps.now() }
    // Such as a password file that cannot be read: an operator can mend it meanwhile.
    const reason = error instanceof Error ? error.message : String(error)
    const outcome = afterFailure(mail, fault, reason, deps.now())
    deps.onFailure(mail, outcome.reason ?? '', outcome.state)
    return outcome
  }
}

function ended(
  state: MailOutcome['state'],
  reason: string | null,
  { doubts }: ClaimedMail,
): MailOutcome {
  return { state, reason, nextAttemptAt: null, doubts }
}

function afterFailure(mail: ClaimedMail, fault: MailFault, reason: string, at: Date): MailOutcome {
  const isUnknown = fault === 'unknown'
  const doubts = mail.doubts + (isUnknown ? 1 : 0)
  const isOver = fault === 'recipient' || at > mail.giveUpAt || (isUnknown && doubts >= maxDoubts)
  const said = isUnknown ? `The server may have taken it: ${reason}` : reason
  return {
    state: isOver ? 'failed' : 'waiting',
    reason: said,
    nextAttemptAt: isOver ? null : new Date(at.getTime() + delayOf(mail, fault)),
    doubts,
  }
}

/** Grows from 2 s to an hour; what is refused for now would not be taken sooner. */
function delayOf({ claims, doubts }: ClaimedMail, fault: MailFault): number {
  if (fault === 'unknown') return doubtDelayMs * doubtGrowth ** doubts
  if (fault === 'refused') return maxDelayMs
  return Math.min(minDelayMs * 2 ** Math.min(claims, 16), maxDelayMs)
}
