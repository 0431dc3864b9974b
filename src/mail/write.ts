import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { NewMail } from './mail.ts'
import { insertMail } from './store.ts'

// What those need who write.
export { countInvitationMails } from './store.ts'

/** Whether mails are written at all: a mail server is set. */
export interface Mailing {
  readonly sendsMail: boolean
}

/**
 * Writes mails in the transaction of what they tell of, so that they are sent if and only if it
 * commits. One that was written before is not written again.
 */
export async function writeMails(tx: Tx, mails: readonly NewMail[], now: Date): Promise<void> {
  for (const mail of mails) await insertMail(tx, newId(now), mail, now)
}
