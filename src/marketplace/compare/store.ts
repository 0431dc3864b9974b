import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { AccessScope } from '../../tenancy/principal.ts'

export interface FrozenRow {
  readonly id: string
  readonly organisationId: string
  readonly createdBy: string
  readonly createdAt: Date
  readonly note: string | null
  /** JSON text. */
  readonly content: string
  /** Keyed digest of all of the others when it was frozen. */
  readonly digest: Buffer
}

/** @returns false when there is one with its id */
export async function insertComparison(tx: Tx, row: FrozenRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('plan_comparisons')
    .values({
      id: row.id,
      organisation_id: row.organisationId,
      created_by: row.createdBy,
      created_at: row.createdAt,
      note: row.note,
      content: row.content,
      digest: row.digest,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

export async function findComparison(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<FrozenRow | undefined> {
  const row = await db
    .selectFrom('plan_comparisons')
    .select(['id', 'organisation_id', 'created_by', 'created_at', 'note', 'content', 'digest'])
    .where('id', '=', id)
    .where(isInScope(scope))
    .executeTakeFirst()
  return row === undefined ? undefined : { ...fromRow(row), content: row.content }
}

/** Newest first, without their contents. */
export async function listComparisonRows(
  db: Db,
  scope: AccessScope,
  before: string | undefined,
  limit: number,
): Promise<Array<Omit<FrozenRow, 'content'>>> {
  const rows = await db
    .selectFrom('plan_comparisons')
    .select(['id', 'organisation_id', 'created_by', 'created_at', 'note', 'digest'])
    .where(isInScope(scope))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

function isInScope(scope: AccessScope) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`organisation_id = any(${scope.organisations}::uuid[])`
}

function fromRow(row: {
  readonly id: string
  readonly organisation_id: string
  readonly created_by: string
  readonly created_at: Date
  readonly note: string | null
  readonly digest: Buffer
}): Omit<FrozenRow, 'content'> {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    createdBy: row.created_by,
    createdAt: row.created_at,
    note: row.note,
    digest: row.digest,
  }
}
