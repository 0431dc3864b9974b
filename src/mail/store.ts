// Mails. The row is the queue: a claim is a later due time in the row itself.
import { sql } from 'kysely'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import type { ClaimedMail, MailFacts, MailKind, MailState, NewMail } from './mail.ts'

const giveUpAfterMs = 3 * 86_400_000

/** When a mail that is due from a time on is given up. */
function giveUpAt(from: Date): Date {
  return new Date(from.getTime() + giveUpAfterMs)
}

/** Writes a mail that is due now, unless there is one of its key. */
export async function insertMail(tx: Tx, id: string, mail: NewMail, now: Date): Promise<void> {
  await tx
    .insertInto('mails')
    .values({
      id,
      key: `${mail.key}/${mail.personId ?? ''}`,
      kind: mail.facts.kind,
      person_id: mail.personId,
      organisation_id: mail.organisationId,
      vouched_until: mail.vouchedUntil,
      facts: JSON.stringify(mail.facts),
      addressee: mail.addressee ?? null,
      created_at: now,
      due_at: now,
      give_up_at: giveUpAt(now),
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}

/** Mails of invitations that an organisation has caused, and those of them to one address. */
export interface InvitationMails {
  readonly all: number
  readonly toAddress: number
}

/** Counts those that were written since a time, sent or not, and also of revoked invitations. */
export async function countInvitationMails(
  tx: Tx,
  organisationId: string,
  addressee: string,
  since: Date,
): Promise<InvitationMails> {
  return tx
    .selectFrom('mails')
    .select([
      sql<number>`count(*)::int`.as('all'),
      sql<number>`count(*) filter (where addressee = ${addressee})::int`.as('toAddress'),
    ])
    .where('kind', '=', 'invitation')
    .where('organisation_id', '=', organisationId)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow()
}

/** Claims mails that are due, for `leaseMs`: what a killed process had is claimed after that. */
export async function claimMails(
  db: Db,
  now: Date,
  leaseMs: number,
  limit: number,
): Promise<ClaimedMail[]> {
  const ids = db
    .selectFrom('mails')
    .select('id')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
  const leaseUntil = new Date(now.getTime() + leaseMs)
  const rows = await db
    .updateTable('mails')
    .set({ due_at: leaseUntil, lease_until: leaseUntil, claims: sql<number>`claims + 1` })
    .where('id', 'in', ids)
    .returning([
      'id',
      'person_id',
      'organisation_id',
      'vouched_until',
      'facts',
      'created_at',
      'give_up_at',
      'doubts',
      'claims',
    ])
    .execute()
  return rows.map((row) => ({
    id: row.id,
    personId: row.person_id,
    organisationId: row.organisation_id,
    vouchedUntil: row.vouched_until,
    // insertMail has written it
    facts: row.facts as unknown as MailFacts,
    createdAt: row.created_at,
    giveUpAt: row.give_up_at ?? giveUpAt(row.created_at),
    doubts: row.doubts,
    claims: row.claims,
  }))
}

/** What has become of an attempt. */
export interface MailOutcome {
  readonly state: MailState
  readonly reason: string | null
  /** null: none. */
  readonly nextAttemptAt: Date | null
  readonly doubts: number
}

/** Ends a claim, unless another process has the mail by now. */
export async function settleMail(
  db: Db,
  { id, claims }: ClaimedMail,
  { state, reason, nextAttemptAt, doubts }: MailOutcome,
  now: Date,
): Promise<void> {
  await db
    .updateTable('mails')
    .set({
      state,
      reason,
      doubts,
      due_at: nextAttemptAt,
      lease_until: null,
      ended_at: nextAttemptAt === null ? now : null,
    })
    .where('id', '=', id)
    .where('claims', '=', claims)
    .where('state', '=', 'waiting')
    .execute()
}

const viewColumns = [
  'id',
  'kind',
  'state',
  'person_id',
  'created_at',
  'due_at',
  'claims',
  'reason',
  'ended_at',
] as const

export type MailRow = Awaited<ReturnType<typeof listMailRows>>[number]

export interface MailFilter {
  readonly state?: MailState | undefined
  readonly kind?: MailKind | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

/** Newest first. */
export async function listMailRows(db: DbOrTx, { state, kind, before }: MailFilter, limit: number) {
  let query = db.selectFrom('mails').select(viewColumns)
  if (state !== undefined) query = query.where('state', '=', state)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

export async function findMailRow(db: DbOrTx, id: string): Promise<MailRow | undefined> {
  return db.selectFrom('mails').select(viewColumns).where('id', '=', id).executeTakeFirst()
}

/**
 * Has a mail that waits or has failed sent now, and tried as long as a new one.
 * @returns false when nothing changed: it is due, or a process is at it
 */
export async function hastenMail(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('mails')
    .set({
      state: 'waiting',
      due_at: now,
      give_up_at: giveUpAt(now),
      doubts: 0,
      ended_at: null,
    })
    .where('id', '=', id)
    .where(
      sql<boolean>`(state = 'failed' or state = 'waiting' and due_at > ${now}
      and coalesce(lease_until <= ${now}, true))`,
    )
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export interface MailFigures {
  readonly waiting: number
  readonly oldestSeconds: number
  readonly failed: number
}

export async function countMails(db: DbOrTx, now: Date): Promise<MailFigures> {
  const { waiting, oldest, failed } = await db
    .selectNoFrom([
      sql<number>`(select count(*)::int from mails where state = 'waiting')`.as('waiting'),
      sql<Date | null>`(select min(created_at) from mails where state = 'waiting')`.as('oldest'),
      sql<number>`(select count(*)::int from mails where state = 'failed')`.as('failed'),
    ])
    .executeTakeFirstOrThrow()
  const oldestMs = oldest === null ? 0 : now.getTime() - oldest.getTime()
  return { waiting, oldestSeconds: Math.max(0, oldestMs / 1_000), failed }
}

/** @returns how many mails it deleted, at most `limit` */
export async function deleteMailsBefore(db: Db, before: Date, limit: number): Promise<number> {
  const old = db
    .selectFrom('mails')
    .select('id')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
  const { numDeletedRows } = await db
    .deleteFrom('mails')
    .where('id', 'in', old)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
