import { cutPage, type Page } from '../cut-page.ts'
import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import type { MailView } from '../types.gen.ts'
import { findMailRow, listMailRows, type MailFilter, type MailRow } from './store.ts'

// What modules above this one and the metrics use.
export { countMails } from './store.ts'

/** A page of the mails of the last 30 days, newest first. */
export async function listMails(
  db: DbOrTx,
  filter: MailFilter,
  limit: number,
): Promise<Page<MailView>> {
  const { items, next } = cutPage(await listMailRows(db, filter, limit + 1), limit)
  return { items: items.map(viewOf), next }
}

/** @throws BrokerError `not_found` */
export async function describeMail(db: DbOrTx, id: string): Promise<MailView> {
  const row = isUuid(id) ? await findMailRow(db, id) : undefined
  if (row === undefined) throw noMail()
  return viewOf(row)
}

export function noMail(): BrokerError {
  return new BrokerError('not_found', 'There is no such mail.')
}

function viewOf(row: MailRow): MailView {
  return {
    id: row.id,
    // insertMail writes kinds of MailFacts, and a check constraint limits the states
    kind: row.kind as MailView['kind'],
    state: row.state as MailView['state'],
    person: row.person_id,
    createdAt: row.created_at.toISOString(),
    nextAttemptAt: row.due_at?.toISOString() ?? null,
    attempts: row.claims,
    reason: row.reason,
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
