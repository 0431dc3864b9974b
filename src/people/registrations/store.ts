import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { AgencyRegistration, PersonRole, RegistrationState } from '../../types.gen.ts'
import { assertUnchanged, writeSealed } from '../../vault/sealed-rows/write-sealed.ts'
import type { RegistrationScope } from './scope.ts'

export interface RegistrationFilter {
  readonly state?: RegistrationState | undefined
  /** Only those that wait no more. */
  readonly isDone?: true
  /** Only those older than this one. */
  readonly before?: string | undefined
}

const columns = [
  'registrations.id',
  'registrations.person_id',
  'registrations.kind',
  'registrations.agency',
  'registrations.organisation',
  'registrations.organisation_id',
  'registrations.role',
  'registrations.message',
  'registrations.state',
  'registrations.reason',
  'registrations.created_at',
  'registrations.decided_at',
] as const

function selectViews(db: DbOrTx, { personId, decides }: RegistrationScope) {
  return db
    .selectFrom('registrations')
    .innerJoin('people', 'people.id', 'registrations.person_id')
    .leftJoin('organisations', 'organisations.id', 'registrations.organisation_id')
    .select(columns)
    .select(['people.issuer', 'people.subject', 'people.name', 'people.email'])
    .select('organisations.name as organisation_name')
    .where(
      decides === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`(registrations.person_id = ${personId ?? null} or registrations.kind = 'join'
            and registrations.organisation_id = any(${decides}::uuid[]))`,
    )
}

export type RegistrationRow = Awaited<ReturnType<typeof listViews>>[number]

/** Newest first. */
export async function listViews(
  db: DbOrTx,
  scope: RegistrationScope,
  { state, isDone, before }: RegistrationFilter,
  limit: number,
) {
  let query = selectViews(db, scope)
  if (state !== undefined) query = query.where('registrations.state', '=', state)
  if (isDone) query = query.where('registrations.state', '<>', 'pending')
  if (before !== undefined) query = query.where('registrations.id', '<', before)
  return query.orderBy('registrations.id', 'desc').limit(limit).execute()
}

export async function findView(
  db: DbOrTx,
  scope: RegistrationScope,
  id: string,
): Promise<RegistrationRow | undefined> {
  return selectViews(db, scope).where('registrations.id', '=', id).executeTakeFirst()
}

export interface NewRegistration {
  readonly id: string
  readonly personId: string
  readonly agency?: AgencyRegistration | undefined
  readonly join?:
    | {
        readonly organisation: string
        readonly organisationId: string | null
        readonly role: PersonRole
        readonly message: string | null
      }
    | undefined
}

export async function insertRegistration(
  tx: Tx,
  { id, personId, agency, join }: NewRegistration,
  now: Date,
): Promise<void> {
  await writeSealed(tx, 'registrations', { id }, () =>
    tx
      .insertInto('registrations')
      .values({
        id,
        person_id: personId,
        kind: agency === undefined ? 'join' : 'agency',
        agency: agency === undefined ? null : JSON.stringify(agency),
        organisation: join?.organisation ?? null,
        organisation_id: join?.organisationId ?? null,
        role: join?.role ?? null,
        message: join?.message ?? null,
        created_at: now,
      })
      .execute(),
  )
}

/** How many requests of a person wait for a decision. */
export async function countPending(tx: Tx, personId: string): Promise<number> {
  const { waiting } = await tx
    .selectFrom('registrations')
    .select(sql<number>`count(*)::int`.as('waiting'))
    .where('person_id', '=', personId)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  return waiting
}

/**
 * A registration, locked until the transaction ends.
 * @throws BrokerError `conflict` when its row was changed past Kontor
 */
export async function lockRegistration(
  tx: Tx,
  scope: RegistrationScope,
  id: string,
): Promise<RegistrationRow | undefined> {
  // One outside the scope costs no lock.
  if ((await findView(tx, scope, id)) === undefined) return undefined
  await assertUnchanged(tx, 'registrations', { id })
  return findView(tx, scope, id)
}

export interface Decision {
  readonly state: Exclude<RegistrationState, 'pending'>
  readonly organisationId?: string
  readonly reason?: string
}

export async function updateState(
  tx: Tx,
  id: string,
  { state, organisationId, reason }: Decision,
  now: Date,
): Promise<void> {
  await writeSealed(tx, 'registrations', { id }, () =>
    tx
      .updateTable('registrations')
      .set({
        state,
        decided_at: now,
        ...(organisationId === undefined ? {} : { organisation_id: organisationId }),
        ...(reason === undefined ? {} : { reason }),
      })
      .where('id', '=', id)
      .execute(),
  )
}
