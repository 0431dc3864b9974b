import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import { takesAway } from '../takes-away.ts'
import { assertUnchanged, writeSealed } from '../../vault/sealed-rows/write-sealed.ts'
import type { Platform } from '../platform.ts'
import type { AccessScope } from '../principal.ts'

export interface PlatformValues {
  readonly displayName: string | null
  readonly kind: Platform['kind']
  readonly organisationId: string | null
}

/** @returns false when the name is taken */
export async function insertPlatform(
  tx: Tx,
  id: string,
  name: string,
  values: PlatformValues,
  now: Date,
): Promise<boolean> {
  const row = await writeSealed(tx, 'platforms', { id }, () =>
    tx
      .insertInto('platforms')
      .values({
        id,
        name,
        display_name: values.displayName,
        kind: values.kind,
        organisation_id: values.organisationId,
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst(),
  )
  return row !== undefined
}

export type LockedPlatform = Platform

/**
 * Locks a platform in the scope, by its id or name.
 * @throws BrokerError `conflict` when its row was changed past Kontor
 */
export async function lockPlatform(
  tx: Tx,
  scope: AccessScope,
  reference: string,
): Promise<LockedPlatform | undefined> {
  const row = await tx
    .selectFrom('platforms')
    .select(['id', 'name', 'kind', 'state', 'organisation_id'])
    .where(isWithin(scope))
    .where(isNamed(reference))
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return undefined
  await assertUnchanged(tx, 'platforms', { id: row.id })
  return {
    id: row.id,
    name: row.name,
    // check constraints allow just these values in both columns
    kind: row.kind as Platform['kind'],
    state: row.state as Platform['state'],
    organisationId: row.organisation_id,
  }
}

export async function updatePlatform(
  tx: Tx,
  id: string,
  change: Partial<PlatformValues> & { readonly state?: Platform['state'] },
  now: Date,
): Promise<void> {
  const update = () =>
    tx
      .updateTable('platforms')
      .set({
        ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
        ...(change.kind === undefined ? {} : { kind: change.kind }),
        ...(change.organisationId === undefined ? {} : { organisation_id: change.organisationId }),
        ...(change.state === undefined ? {} : { state: change.state }),
        updated_at: now,
      })
      .where('id', '=', id)
      .execute()
  await writeSealed(tx, 'platforms', { id }, update, takesAway(change) ? 'restricts' : 'changes')
}

export interface PlatformFilter {
  /** Absent: all but the retired ones. */
  readonly state?: string | undefined
  /** Absent: all that take credentials. */
  readonly kind?: string | undefined
  /** Name or id. */
  readonly organisation?: string | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

// A platform without an owner is in the scope `all` only.
function isWithin(scope: AccessScope) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`platforms.organisation_id = any(${scope.organisations}::uuid[])`
}

function isNamed(reference: string) {
  return sql<boolean>`(platforms.name = ${reference} or platforms.id::text = ${reference})`
}

function selectViews(db: DbOrTx, scope: AccessScope) {
  return db
    .selectFrom('platforms')
    .leftJoin('organisations', 'organisations.id', 'platforms.organisation_id')
    .select([
      'platforms.id',
      'platforms.name',
      'platforms.display_name',
      'platforms.kind',
      'platforms.state',
      'platforms.organisation_id',
      'organisations.name as organisation_name',
      'platforms.created_at',
      'platforms.updated_at',
    ])
    .where(isWithin(scope))
}

export type PlatformRow = Awaited<ReturnType<typeof listViews>>[number]

/** Those in the scope, newest first. */
export async function listViews(
  db: DbOrTx,
  scope: AccessScope,
  { state, kind, organisation, before }: PlatformFilter,
  limit: number,
) {
  let query = selectViews(db, scope)
  query =
    state === undefined
      ? query.where('platforms.state', '!=', 'retired')
      : query.where('platforms.state', '=', state)
  query =
    kind === undefined
      ? query.where('platforms.kind', '!=', 'console')
      : query.where('platforms.kind', '=', kind)
  if (organisation !== undefined)
    query = query.where((where) =>
      where.or([
        where('organisations.name', '=', organisation),
        where(sql<string>`organisations.id::text`, '=', organisation),
      ]),
    )
  if (before !== undefined) query = query.where('platforms.id', '<', before)
  return query.orderBy('platforms.id', 'desc').limit(limit).execute()
}

/** One in the scope, by its id or name. */
export async function findView(
  db: DbOrTx,
  scope: AccessScope,
  reference: string,
): Promise<PlatformRow | undefined> {
  return selectViews(db, scope).where(isNamed(reference)).executeTakeFirst()
}
