import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
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
  const row = await tx
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
    .executeTakeFirst()
  return row !== undefined
}

/** A platform that nobody else changes, or gives credentials, until the transaction ends. */
export async function lockPlatform(
  tx: Tx,
  id: string,
): Promise<Pick<Platform, 'name' | 'state' | 'organisationId'> | undefined> {
  const row = await tx
    .selectFrom('platforms')
    .select(['name', 'state', 'organisation_id'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  // the column has a check constraint with just these states
  return row === undefined
    ? undefined
    : { name: row.name, state: row.state as Platform['state'], organisationId: row.organisation_id }
}

export async function updatePlatform(
  tx: Tx,
  id: string,
  change: Partial<PlatformValues> & { readonly state?: Platform['state'] },
  now: Date,
): Promise<void> {
  await tx
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
}

export interface PlatformFilter {
  /** Without it all but the retired ones. */
  readonly state?: string | undefined
  readonly kind?: string | undefined
  /** Name or id. */
  readonly organisation?: string | undefined
  /** Only those that are older than this one. */
  readonly before?: string | undefined
}

// One that belongs to nobody is within nobody's reach but that of who reaches all.
function selectSeen(db: DbOrTx, scope: AccessScope) {
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
    .where(
      scope === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`platforms.organisation_id = any(${scope.organisations}::uuid[])`,
    )
}

/** A platform as it is shown. */
export type PlatformRow = Awaited<ReturnType<typeof listViews>>[number]

/** Those within reach, newest first. */
export async function listViews(
  db: DbOrTx,
  scope: AccessScope,
  { state, kind, organisation, before }: PlatformFilter,
  limit: number,
) {
  let query = selectSeen(db, scope)
  query =
    state === undefined
      ? query.where('platforms.state', '!=', 'retired')
      : query.where('platforms.state', '=', state)
  if (kind !== undefined) query = query.where('platforms.kind', '=', kind)
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

/** One of them by its name or id. */
export async function findView(
  db: DbOrTx,
  scope: AccessScope,
  nameOrId: string,
): Promise<PlatformRow | undefined> {
  return selectSeen(db, scope)
    .where((where) =>
      where.or([
        where('platforms.name', '=', nameOrId),
        where(sql<string>`platforms.id::text`, '=', nameOrId),
      ]),
    )
    .executeTakeFirst()
}
