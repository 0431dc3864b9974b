import { record } from '../audit/record.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import { noMail } from './read.ts'
import { findMailRow, hastenMail } from './store.ts'

/**
 * Has a mail that waits, or was given up, sent now and tried for three days again; nothing changes,
 * and nothing is recorded, for one that is due or being sent.
 * @param actor  as audit events name who asks
 * @throws BrokerError `not_found`, `conflict` for one that was sent or dropped
 */
export async function retryMail(
  { db, now }: { readonly db: Db; readonly now: () => Date },
  actor: string,
  id: string,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const row = isUuid(id) ? await findMailRow(tx, id) : undefined
    if (row === undefined) throw noMail()
    if (row.state === 'sent' || row.state === 'dropped')
      throw new BrokerError('conflict', 'The mail was sent or dropped already.')
    const at = now()
    if (!(await hastenMail(tx, id, at))) return
    await record(tx, {
      at,
      actor,
      action: 'mail.retried',
      objectKind: 'mail',
      objectId: id,
      outcome: 'succeeded',
      details: { kind: row.kind },
    })
  })
}
