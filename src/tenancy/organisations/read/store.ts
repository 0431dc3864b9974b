import { sql } from 'kysely'
import type { DbOrTx } from '../../../db/database.ts'
import type { AccessScope } from '../../principal.ts'

export interface OrganisationFilter {
  /** Absent: all but the retired ones. */
  readonly state?: string | undefined
  readonly level?: string | undefined
  /** Name or id of the parent. */
  readonly parent?: string | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

/** The parent only if it is in the scope too. */
function selectViews(db: DbOrTx, scope: AccessScope) {
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

export type OrganisationRow = Awaited<ReturnType<typeof listViews>>[number]

/** Those in the scope, newest first. */
export async function listViews(
  db: DbOrTx,
  scope: AccessScope,
  { state, level, parent, before }: OrganisationFilter,
  limit: number,
) {
  let query = selectViews(db, scope)
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

/** One in the scope, by its name or id. */
export async function findView(
  db: DbOrTx,
  scope: AccessScope,
  reference: string,
): Promise<OrganisationRow | undefined> {
  return selectViews(db, scope)
    .where((where) =>
      where.or([
        where('organisations.name', '=', reference),
        where(sql<string>`organisations.id::text`, '=', reference),
      ]),
    )
    .executeTakeFirst()
}

/** The lists of cost centres of some organisations, as they were written. */
export async function listCostCentreRows(db: DbOrTx, ids: readonly string[]) {
  return db
    .selectFrom('organisations')
    .select('cost_centres')
    .where('id', 'in', [...ids])
    .execute()
}
