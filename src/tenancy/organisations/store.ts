import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { CostCentre } from '../../types.gen.ts'
import type { Organisation } from '../organisation.ts'
import type { AccessScope } from '../principal.ts'
import type { Tree } from './tree.ts'

/**
 * The tree, which nobody else changes until the transaction ends; who only reads is not held up. Whatever depends on where an
 * organisation stands, or that it is not retired, is done under this lock.
 */
export async function lockTree(tx: Tx): Promise<Tree> {
  await sql`lock table organisations in share row exclusive mode`.execute(tx)
  const rows = await tx
    .selectFrom('organisations')
    .select(['id', 'name', 'level', 'parent_id', 'state'])
    .execute()
  return new Map(
    rows.map((row) => [
      row.id,
      {
        name: row.name,
        // both columns have check constraints with just these values
        level: row.level as Organisation['level'],
        state: row.state as Organisation['state'],
        parentId: row.parent_id,
      },
    ]),
  )
}

export interface OrganisationValues {
  readonly displayName: string
  readonly level: Organisation['level']
  readonly parentId: string | null
  readonly leitwegId: string | null
  readonly costCentres: readonly CostCentre[]
}

/** @returns false when the name is taken */
export async function insertOrganisation(
  tx: Tx,
  id: string,
  name: string,
  values: OrganisationValues,
  now: Date,
): Promise<boolean> {
  const row = await tx
    .insertInto('organisations')
    .values({
      id,
      name,
      display_name: values.displayName,
      level: values.level,
      parent_id: values.parentId,
      leitweg_id: values.leitwegId,
      cost_centres: JSON.stringify(values.costCentres),
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function updateOrganisation(
  tx: Tx,
  id: string,
  change: Partial<OrganisationValues> & { readonly state?: Organisation['state'] },
  now: Date,
): Promise<void> {
  await tx
    .updateTable('organisations')
    .set({
      ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
      ...(change.level === undefined ? {} : { level: change.level }),
      ...(change.parentId === undefined ? {} : { parent_id: change.parentId }),
      ...(change.leitwegId === undefined ? {} : { leitweg_id: change.leitwegId }),
      ...(change.costCentres === undefined
        ? {}
        : { cost_centres: JSON.stringify(change.costCentres) }),
      ...(change.state === undefined ? {} : { state: change.state }),
      updated_at: now,
    })
    .where('id', '=', id)
    .execute()
}

export interface OrganisationFilter {
  /** Without it all but the retired ones. */
  readonly state?: string | undefined
  readonly level?: string | undefined
  /** Name or id of the one directly above. */
  readonly parent?: string | undefined
  /** Only those that are older than this one. */
  readonly before?: string | undefined
}

function selectSeen(db: DbOrTx, scope: AccessScope) {
  return db
    .selectFrom('organisations')
    .leftJoin('organisations as parent', (join) =>
      join
        .onRef('parent.id', '=', 'organisations.parent_id')
        .on(
          scope === 'all'
            ? sql<boolean>`true`
            : sql<boolean>`parent.id = any(${scope.organisations}::uuid[])`,
        ),
    )
    .select([
      'organisations.id',
      'organisations.name',
      'organisations.display_name',
      'organisations.level',
      'parent.id as parent_id',
      'parent.name as parent_name',
      'organisations.leitweg_id',
      'organisations.cost_centres',
      'organisations.state',
      'organisations.created_at',
      'organisations.updated_at',
    ])
    .where(
      scope === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`organisations.id = any(${scope.organisations}::uuid[])`,
    )
}

/** An organisation as it is shown; the one above it only if that is within reach too. */
export type OrganisationRow = Awaited<ReturnType<typeof listViews>>[number]

/** Those within reach, newest first. */
export async function listViews(
  db: DbOrTx,
  scope: AccessScope,
  { state, level, parent, before }: OrganisationFilter,
  limit: number,
) {
  let query = selectSeen(db, scope)
  query =
    state === undefined
      ? query.where('organisations.state', '!=', 'retired')
      : query.where('organisations.state', '=', state)
  if (level !== undefined) query = query.where('organisations.level', '=', level)
  if (parent !== undefined)
    query = query.where((where) =>
      where.or([
        where('parent.name', '=', parent),
        where(sql<string>`parent.id::text`, '=', parent),
      ]),
    )
  if (before !== undefined) query = query.where('organisations.id', '<', before)
  return query.orderBy('organisations.id', 'desc').limit(limit).execute()
}

/** One of them by its name or id. */
export async function findView(
  db: DbOrTx,
  scope: AccessScope,
  nameOrId: string,
): Promise<OrganisationRow | undefined> {
  return selectSeen(db, scope)
    .where((where) =>
      where.or([
        where('organisations.name', '=', nameOrId),
        where(sql<string>`organisations.id::text`, '=', nameOrId),
      ]),
    )
    .executeTakeFirst()
}

/** What of an organisation is not retired: names of organisations below it and of its platforms, and how many places are mapped to it. */
export async function listBelow(
  tx: Tx,
  id: string,
): Promise<{
  readonly organisations: string[]
  readonly platforms: string[]
  readonly mappings: number
}> {
  const organisations = await tx
    .selectFrom('organisations')
    .select('name')
    .where('parent_id', '=', id)
    .where('state', '!=', 'retired')
    .orderBy('name')
    .execute()
  const platforms = await tx
    .selectFrom('platforms')
    .select('name')
    .where('organisation_id', '=', id)
    .where('state', '!=', 'retired')
    .orderBy('name')
    .execute()
  const { mappings } = await tx
    .selectFrom('organisation_mappings')
    .select(sql<number>`count(*)::int`.as('mappings'))
    .where('organisation_id', '=', id)
    .executeTakeFirstOrThrow()
  return {
    organisations: organisations.map(({ name }) => name),
    platforms: platforms.map(({ name }) => name),
    mappings,
  }
}
