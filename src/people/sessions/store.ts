import { sql } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import type { Session } from './session.ts'

const columns = [
  'id',
  'person_id',
  'issuer',
  'subject',
  'sid',
  'claimed',
  'authenticated_at',
  'created_at',
  'expires_at',
  'user_agent',
  'last_used_at',
] as const

interface Row {
  id: string
  person_id: string
  issuer: string
  subject: string
  sid: string | null
  claimed: unknown
  authenticated_at: Date
  created_at: Date
  expires_at: Date
  user_agent: string
  last_used_at: Date
}

function sessionOf(row: Row): Session {
  return {
    id: row.id,
    personId: row.person_id,
    issuer: row.issuer,
    subject: row.subject,
    sid: row.sid,
    claimed: row.claimed as Session['claimed'],
    authenticatedAt: row.authenticated_at,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    userAgent: row.user_agent,
    lastUsedAt: row.last_used_at,
  }
}

export async function insertSession(db: DbOrTx, session: Session, digest: Buffer): Promise<void> {
  await db
    .insertInto('sessions')
    .values({
      id: session.id,
      digest,
      person_id: session.personId,
      issuer: session.issuer,
      subject: session.subject,
      sid: session.sid,
      claimed: JSON.stringify(session.claimed),
      authenticated_at: session.authenticatedAt,
      created_at: session.createdAt,
      expires_at: session.expiresAt,
      user_agent: session.userAgent,
      last_used_at: session.lastUsedAt,
    })
    .execute()
}

export interface SessionRow {
  readonly session: Session
  readonly digest: Buffer
}

export async function listSessionRows(
  db: DbOrTx,
  ids: readonly string[],
): Promise<readonly SessionRow[]> {
  const rows = await db
    .selectFrom('sessions')
    .select([...columns, 'digest'])
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute()
  return rows.map((row) => ({ session: sessionOf(row), digest: row.digest }))
}

/** Notes a use, unless another process has noted a later one. */
export async function updateLastUse(db: DbOrTx, id: string, at: Date): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where('last_used_at', '<', at)
    .execute()
}

/** Those of a person that have not expired, the latest first. */
export async function listSessions(db: DbOrTx, personId: string, now: Date): Promise<Session[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(columns)
    .where('person_id', '=', personId)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .limit(100)
    .execute()
  return rows.map(sessionOf)
}

/** @returns whether there was one of that person */
export async function deleteSession(db: DbOrTx, personId: string, id: string): Promise<boolean> {
  const row = await db
    .deleteFrom('sessions')
    .where('id', '=', id)
    .where('person_id', '=', personId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export interface AtIssuer {
  readonly issuer: string
  readonly sid: string | undefined
  readonly subject: string | undefined
  /** Later ones stay. */
  readonly until: Date
}

/** Deletes the sessions that an issuer has ended. */
export async function deleteSessionsAtIssuer(
  db: DbOrTx,
  { issuer, sid, subject, until }: AtIssuer,
): Promise<Array<{ id: string; subject: string }>> {
  return db
    .deleteFrom('sessions')
    .where('issuer', '=', issuer)
    .where('created_at', '<=', until)
    .$if(sid !== undefined, (query) => query.where('sid', '=', sid ?? ''))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject ?? ''))
    .returning(['id', 'subject'])
    .execute()
}

/** Some of those that have expired: each sign-in takes its share of the cleaning. */
export async function deleteExpired(db: DbOrTx, now: Date, limit: number): Promise<void> {
  const expired = db
    .selectFrom('sessions')
    .select('id')
    .where('expires_at', '<', now)
    .limit(limit)
    .forUpdate()
    .skipLocked()
  await db.deleteFrom('sessions').where('id', 'in', expired).execute()
}

/**
 * Deletes some of the sessions that have ended.
 * @param expiredBefore  those that lasted no longer than until then
 * @param unusedSince  and those that were not used since then
 * @returns how many
 */
export async function deleteEnded(
  db: DbOrTx,
  expiredBefore: Date,
  unusedSince: Date,
  limit: number,
): Promise<number> {
  const ended = db
    .selectFrom('sessions')
    .select('id')
    .where((where) =>
      where.or([where('expires_at', '<', expiredBefore), where('last_used_at', '<', unusedSince)]),
    )
    .limit(limit)
    .forUpdate()
    .skipLocked()
  const { numDeletedRows } = await db
    .deleteFrom('sessions')
    .where('id', 'in', ended)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/**
 * Deletes the sessions whose digest has another key than the newest.
 * @param prefix  with which digests of the newest key begin
 */
export async function deleteSessionsOfOldKeys(db: DbOrTx, prefix: Buffer): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('sessions')
    .where(sql<boolean>`substring(digest from 1 for ${prefix.length}) <> ${prefix}`)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
