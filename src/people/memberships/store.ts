import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { PersonRole } from '../../types.gen.ts'
import { assertUnchanged, writeSealed } from '../../vault/sealed-rows/write-sealed.ts'

export interface MembershipFilter {
  /** Name or id of the organisation itself. */
  readonly organisation?: string | undefined
  /** Id. */
  readonly person?: string | undefined
  readonly role?: PersonRole | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

function selectViews(db: DbOrTx, scope: AccessScope) {
  return db
    .selectFrom('memberships')
    .innerJoin('people', 'people.id', 'memberships.person_id')
    .innerJoin('organisations', 'organisations.id', 'memberships.organisation_id')
    .select([
      'memberships.id',
      'memberships.role',
      'memberships.created_at',
      'people.id as person_id',
      'people.issuer',
      'people.subject',
      'people.name',
      'people.email',
      'organisations.id as organisation_id',
      'organisations.name as organisation_name',
    ])
    .where(
      scope === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`memberships.organisation_id = any(${scope.organisations}::uuid[])`,
    )
}

export type MembershipViewRow = Awaited<ReturnType<typeof listViews>>[number]

/** Those of the organisations in the scope, newest first. */
export async function listViews(
  db: DbOrTx,
  scope: AccessScope,
  { organisation, person, role, before }: MembershipFilter,
  limit: number,
) {
  let query = selectViews(db, scope)
  if (organisation !== undefined)
    query = query.where((where) =>
      where.or([
        where('organisations.name', '=', organisation),
        where(sql<string>`organisations.id::text`, '=', organisation),
      ]),
    )
  if (person !== undefined) query = query.where('memberships.person_id', '=', person)
  if (role !== undefined) query = query.where('memberships.role', '=', role)
  if (before !== undefined) query = query.where('memberships.id', '<', before)
  return query.orderBy('memberships.id', 'desc').limit(limit).execute()
}

export async function findView(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<MembershipViewRow | undefined> {
  return selectViews(db, scope).where('memberships.id', '=', id).executeTakeFirst()
}

/**
 * Whether there is a person, whom the scope contains by a membership.
 * @throws BrokerError `conflict` when the person's row was changed past Kontor
 */
export async function isPersonIn(tx: Tx, scope: AccessScope, id: string): Promise<boolean> {
  await assertUnchanged(tx, 'people', { id })
  const row = await tx
    .selectFrom('people')
    .select('id')
    .where('id', '=', id)
    .where(
      scope === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`exists (select from memberships where person_id = people.id
            and organisation_id = any(${scope.organisations}::uuid[]))`,
    )
    .executeTakeFirst()
  return row !== undefined
}

export interface Membership {
  readonly id: string
  readonly personId: string
  readonly organisationId: string
  readonly role: PersonRole
}

/** @returns false when the person has the role there already */
export async function insertMembership(
  tx: Tx,
  { id, personId, organisationId, role }: Membership,
  now: Date,
): Promise<boolean> {
  const values = { person_id: personId, organisation_id: organisationId, role }
  const row = await writeSealed(tx, 'memberships', values, () =>
    tx
      .insertInto('memberships')
      .values({ id, ...values, created_at: now })
      .onConflict((conflict) =>
        conflict.columns(['person_id', 'organisation_id', 'role']).doNothing(),
      )
      .returning('id')
      .executeTakeFirst(),
  )
  return row !== undefined
}

/** The caller has checked that the person does not have the role there already. */
export async function updateRole(tx: Tx, id: string, role: PersonRole): Promise<void> {
  await writeSealed(tx, 'memberships', { id }, () =>
    tx.updateTable('memberships').set({ role }).where('id', '=', id).execute(),
  )
}

export async function deleteMembership(tx: Tx, id: string): Promise<void> {
  await writeSealed(
    tx,
    'memberships',
    { id },
    () => tx.deleteFrom('memberships').where('id', '=', id).execute(),
    'restricts',
  )
}

/** A membership of any organisation. */
export async function findMembership(tx: Tx, id: string): Promise<Membership | undefined> {
  const row = await findView(tx, 'all', id)
  return row === undefined
    ? undefined
    : {
        id,
        personId: row.person_id,
        organisationId: row.organisation_id,
        // A check constraint limits the column to these roles.
        role: row.role as PersonRole,
      }
}

/** Whether a person has a role in an organisation itself. */
export async function hasRole(
  tx: Tx,
  { personId, organisationId, role }: Omit<Membership, 'id'>,
): Promise<boolean> {
  const row = await tx
    .selectFrom('memberships')
    .select('id')
    .where('person_id', '=', personId)
    .where('organisation_id', '=', organisationId)
    .where('role', '=', role)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether an organisation itself has an administrator besides this person. */
export async function hasOtherAdministrator(
  tx: Tx,
  { personId, organisationId }: Pick<Membership, 'personId' | 'organisationId'>,
): Promise<boolean> {
  const row = await tx
    .selectFrom('memberships')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('role', '=', 'administrator')
    .where('person_id', '<>', personId)
    .executeTakeFirst()
  return row !== undefined
}
