import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { PersonRole } from '../../types.gen.ts'
import { assertUnchanged, writeSealed } from '../../vault/sealed-rows/write-sealed.ts'

export interface Invitation {
  readonly id: string
  readonly organisationId: string
  readonly role: PersonRole
  /** In lower case. */
  readonly email: string | null
  readonly issuer: string | null
  readonly subject: string | null
  /** Seconds since 1970. */
  readonly expiresAt: number
}

export async function insertInvitation(
  tx: Tx,
  { id, organisationId, role, email, issuer, subject, expiresAt }: Invitation,
  now: Date,
): Promise<void> {
  await writeSealed(tx, 'invitations', { id }, () =>
    tx
      .insertInto('invitations')
      .values({
        id,
        organisation_id: organisationId,
        role,
        email,
        issuer,
        subject,
        expires_at: String(expiresAt),
        created_at: now,
      })
      .execute(),
  )
}

/** Ids of those that ended before a time, accepted or not, the oldest first. */
export async function listEnded(db: DbOrTx, before: Date, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('invitations')
    .select('id')
    .where('expires_at', '<', String(Math.floor(before.getTime() / 1_000)))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** @returns false when there is none any more */
export async function deleteInvitation(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await writeSealed(
    tx,
    'invitations',
    { id },
    () => tx.deleteFrom('invitations').where('id', '=', id).executeTakeFirstOrThrow(),
    'restricts',
  )
  return numDeletedRows > 0n
}

export async function markAccepted(tx: Tx, id: string): Promise<void> {
  await writeSealed(tx, 'invitations', { id }, () =>
    tx.updateTable('invitations').set({ state: 'accepted' }).where('id', '=', id).execute(),
  )
}

/** Whom an invitation may name. */
export interface Named {
  readonly issuer: string
  readonly subject: string
  /** In lower case; null: none that the issuer has verified. */
  readonly email: string | null
}

function selectOpen(db: DbOrTx, now: Date) {
  return db
    .selectFrom('invitations')
    .where('state', '=', 'open')
    .where('expires_at', '>', String(Math.floor(now.getTime() / 1_000)))
}

function selectNamed(db: DbOrTx, { issuer, subject, email }: Named, now: Date) {
  return (
    selectOpen(db, now)
      .where((where) =>
        where.or([
          where.and([where('issuer', '=', issuer), where('subject', '=', subject)]),
          where('email', '=', email),
        ]),
      )
      // Those that cannot be accepted now must not keep out the others.
      .where(sql<boolean>`organisation_id in (select id from organisations where state = 'active')`)
  )
}

/** Whether an open invitation names a person, without a lock and without a check. */
export async function isInvited(db: DbOrTx, named: Named, now: Date): Promise<boolean> {
  const row = await selectNamed(db, named, now).select('id').limit(1).executeTakeFirst()
  return row !== undefined
}

/** The mail address of an open invitation, null if it names a subject. */
export async function findOpen(
  tx: Tx,
  id: string,
  now: Date,
): Promise<{ readonly email: string | null } | undefined> {
  return selectOpen(tx, now).select('email').where('id', '=', id).executeTakeFirst()
}

/** How many invitations to an organisation are open. */
export async function countOpen(tx: Tx, organisationId: string, now: Date): Promise<number> {
  const { open } = await selectOpen(tx, now)
    .select(sql<number>`count(*)::int`.as('open'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return open
}

/** Whether an open invitation names the same for the same. */
export async function hasSame(
  tx: Tx,
  { organisationId, role, email, issuer, subject }: Omit<Invitation, 'id' | 'expiresAt'>,
  now: Date,
): Promise<boolean> {
  const row = await selectOpen(tx, now)
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('role', '=', role)
    .where((where) =>
      email === null
        ? where.and([where('issuer', '=', issuer), where('subject', '=', subject)])
        : where('email', '=', email),
    )
    .executeTakeFirst()
  return row !== undefined
}

/**
 * The open invitations that name a person and have not expired, locked, oldest first.
 * @throws BrokerError `conflict` when one of them was changed past Kontor
 */
export async function lockInvitationsOf(
  tx: Tx,
  named: Named,
  now: Date,
  limit: number,
): Promise<Invitation[]> {
  const rows = await selectNamed(tx, named, now)
    .select(['id', 'organisation_id', 'role', 'email', 'issuer', 'subject', 'expires_at'])
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()
  for (const { id } of rows) await assertUnchanged(tx, 'invitations', { id })
  return rows.map((row) => ({
    id: row.id,
    organisationId: row.organisation_id,
    // The schema has checked it, and it stands under the row's MAC.
    role: row.role as PersonRole,
    email: row.email,
    issuer: row.issuer,
    subject: row.subject,
    expiresAt: Number(row.expires_at),
  }))
}

function selectViews(db: DbOrTx, scope: AccessScope) {
  return db
    .selectFrom('invitations')
    .innerJoin('organisations', 'organisations.id', 'invitations.organisation_id')
    .select([
      'invitations.id',
      'invitations.organisation_id',
      'organisations.name as organisation_name',
      'invitations.role',
      'invitations.email',
      'invitations.issuer',
      'invitations.subject',
      'invitations.state',
      'invitations.expires_at',
      'invitations.created_at',
    ])
    .where(
      scope === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`invitations.organisation_id = any(${scope.organisations}::uuid[])`,
    )
}

export type InvitationRow = Awaited<ReturnType<typeof listViews>>[number]

/** Newest first. */
export async function listViews(
  db: DbOrTx,
  scope: AccessScope,
  before: string | undefined,
  limit: number,
) {
  let query = selectViews(db, scope)
  if (before !== undefined) query = query.where('invitations.id', '<', before)
  return query.orderBy('invitations.id', 'desc').limit(limit).execute()
}

export async function findView(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<InvitationRow | undefined> {
  return selectViews(db, scope).where('invitations.id', '=', id).executeTakeFirst()
}
