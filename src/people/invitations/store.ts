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

/**
 * The open invitations that name a person and have not expired, locked, oldest first.
 * @param email  in lower case; null: none that the issuer has verified
 * @throws BrokerError `conflict` when one of them was changed past Kontor
 */
export async function lockInvitationsOf(
  tx: Tx,
  of: { readonly issuer: string; readonly subject: string; readonly email: string | null },
  now: Date,
): Promise<Invitation[]> {
  const rows = await tx
    .selectFrom('invitations')
    .select(['id', 'organisation_id', 'role', 'email', 'issuer', 'subject', 'expires_at'])
    .where('state', '=', 'open')
    .where('expires_at', '>', String(Math.floor(now.getTime() / 1_000)))
    .where((where) =>
      where.or([
        where.and([where('issuer', '=', of.issuer), where('subject', '=', of.subject)]),
        where('email', '=', of.email),
      ]),
    )
    .orderBy('id')
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
