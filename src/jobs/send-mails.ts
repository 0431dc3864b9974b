import type { MailConfig } from '../mail-config.ts'
import type { Log } from '../log.ts'
import { claimDueMails, deliver, type DeliverDeps } from '../mail/deliver.ts'
import type { ClaimedMail } from '../mail/mail.ts'
import { openSmtp } from '../mail/smtp.ts'
import { mailHolds } from '../orders/mail-holds.ts'
import { createRecipientOf, type RecipientDeps } from '../people/mail-recipient.ts'
import { workOnClaims } from './claimed-work.ts'
import type { IntervalLoop } from './interval-loop.ts'

const intervalMs = 2_000
const maxAtATime = 4

export interface SendMailsDeps extends RecipientDeps, Pick<DeliverDeps, 'metrics'> {
  readonly log: Log
}

/**
 * Sends the mails that are due.
 * @param drainMs  how long a stop waits for those under way; what it leaves is sent once more
 */
export function sendMails(
  { log, ...deps }: SendMailsDeps,
  settings: MailConfig,
  drainMs: number,
): IntervalLoop {
  const delivering: DeliverDeps = {
    ...deps,
    settings,
    send: openSmtp(settings, (sentence) => {
      log.warn({ unsafe: 'file-readable' }, sentence)
    }),
    recipientOf: createRecipientOf(deps),
    holds: (mail) => mailHolds(deps, mail),
    onFailure: ({ id: mailId, claims }, reason, state) => {
      log.warn({ mailId, claims, reason, state }, 'a mail could not be sent')
    },
  }
  return workOnClaims({
    what: 'mails',
    log,
    intervalMs,
    maxAtATime,
    drainMs,
    idsOf: ({ id }) => ({ mailId: id }),
    claim: (limit) => claimDueMails(deps, limit),
    work: (mail: ClaimedMail, stop) => deliver(delivering, mail, stop),
  })
}
