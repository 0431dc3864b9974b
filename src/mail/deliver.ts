import type { MailConfig } from '../mail-config.ts'
import type { Db } from '../db/database.ts'
import { defineCounter, type Count } from '../telemetry/counter.ts'
import { compose } from './compose.ts'
import type { ClaimedMail } from './mail.ts'
import type { RecipientOf } from './recipient.ts'
import { SmtpError, type SendMail } from './smtp.ts'
import { claimMails, settleMail, type MailOutcome } from './store.ts'

export interface DeliverDeps {
  readonly db: Db
  readonly now: () => Date
  readonly settings: Pick<MailConfig, 'from' | 'publicUrl'>
  readonly send: SendMail
  readonly recipientOf: RecipientOf
  readonly metrics: { readonly count: Count }
  /** Gets why a mail was not taken. */
  readonly onFailure: (mail: ClaimedMail, reason: string, state: MailOutcome['state']) => void
}

const mailsEnded = defineCounter<{ outcome: string }>(
  'kontor_mails_ended_total',
  'Mails that were sent, dropped or given up.',
  ['outcome'],
)

/** How long one process has a mail for itself; longer than the time limits of smtp.ts together. */
const claimMs = 180_000

const minDelayMs = 1_000
const maxDelayMs = 3_600_000
const dayMs = 86_400_000
/** After which a mail that no server has taken is given up. */
const giveUpAfterMs = 3 * dayMs

/** Claims mails that are due, at most `limit`. */
export async function claimDueMails(
  { db, now }: Pick<DeliverDeps, 'db' | 'now'>,
  limit: number,
): Promise<ClaimedMail[]> {
  return claimMails(db, now(), claimMs, limit)
}

/**
 * Sends a claimed mail to the address that its person has now, if that person may still read what
 * it tells of. A process that dies between the server's answer and its row sends it once more, with
 * the same Message-ID.
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
  if ('dropped' in recipient)
    return { state: 'dropped', reason: recipient.dropped, nextAttemptAt: null }
  try {
    await deps.send(compose(deps.settings, mail, recipient), stop)
    return { state: 'sent', reason: null, nextAttemptAt: null }
  } catch (error) {
    if (stop.aborted) return { state: 'waiting', reason: null, nextAttemptAt: deps.now() }
    // Such as a password file that cannot be read: an operator can mend it meanwhile.
    const reason = error instanceof Error ? error.message : String(error)
    const isFinal = error instanceof SmtpError && error.isFinal
    const at = deps.now()
    const isOver = isFinal || at.getTime() - mail.createdAt.getTime() > giveUpAfterMs
    const state = isOver ? 'failed' : 'waiting'
    deps.onFailure(mail, reason, state)
    return { state, reason, nextAttemptAt: isOver ? null : new Date(at.getTime() + delayOf(mail)) }
  }
}

/** Grows from 2 s to an hour. */
function delayOf({ claims }: ClaimedMail): number {
  return Math.min(minDelayMs * 2 ** Math.min(claims, 16), maxDelayMs)
}
