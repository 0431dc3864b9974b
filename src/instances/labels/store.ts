import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { Requirement } from './selector.ts'

export interface Description {
  readonly labels: Readonly<Record<string, string>>
  readonly ownerId: string | null
  readonly owner: string | null
  readonly costCentre: string | null
}

/** What is said of an instance, locked. */
export async function lockDescription(tx: Tx, key: string, now: Date): Promise<Description> {
  await tx
    .insertInto('instance_labels')
    .values({ instance_key: key, updated_at: now })
    .onConflict((conflict) => conflict.column('instance_key').doNothing())
    .execute()
  const row = await tx
    .selectFrom('instance_labels')
    .select(['labels', 'owner_id', 'owner', 'cost_centre'])
    .where('instance_key', '=', key)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return {
    // A check constraint allows objects only, and all writes are labels.
    labels: row.labels as Record<string, string>,
    ownerId: row.owner_id,
    owner: row.owner,
    costCentre: row.cost_centre,
  }
}

export async function updateDescription(
  tx: Tx,
  key: string,
  { labels, ownerId, owner, costCentre }: Description,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('instance_labels')
    .set({
      labels: JSON.stringify(labels),
      owner_id: ownerId,
      owner,
      cost_centre: costCentre,
      updated_at: now,
    })
    .where('instance_key', '=', key)
    .execute()
}

/**
 * Takes the owner away from instances that were deleted before that time.
 * @returns from how many, at most `limit`; those that others have locked keep theirs
 */
export async function forgetOwnersOfGone(db: Db, before: Date, limit: number): Promise<number> {
  // Both columns have a partial index: what has lost its owner is not looked at again.
  const keys = db
    .selectFrom('instance_labels')
    .innerJoin('instances', 'instances.id', 'instance_labels.instance_key')
    .select('instance_labels.instance_key')
    .where(({ eb, or }) => or([eb('owner', 'is not', null), eb('owner_id', 'is not', null)]))
    .where('instances.deleted_at', '<', before)
    .limit(limit)
    .forUpdate('instance_labels')
    .skipLocked()
  const { numUpdatedRows } = await db
    .updateTable('instance_labels')
    .set({ owner: null, owner_id: null })
    .where('instance_key', 'in', keys)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

// Keys and values are bound: no text of a reader becomes SQL.
const pair = (key: string, value: string) => sql`jsonb_build_object(${key}::text, ${value}::text)`

function isMet({ key, kind, values }: Requirement): RawBuilder<SqlBool> {
  switch (kind) {
    case 'in': {
      const each = values.map((value) => sql`described.labels @> ${pair(key, value)}`)
      return sql<SqlBool>`(${sql.join(each, sql` or `)})`
    }
    case 'not in':
      return sql<SqlBool>`not ${isMet({ key, kind: 'in', values })}`
    case 'exists':
      return sql<SqlBool>`described.labels ? ${key}`
    case 'missing':
      return sql<SqlBool>`not described.labels ? ${key}`
    default:
      return kind satisfies never
  }
}

/** Whether an instance, `instances` of the statement around it, meets all requirements. */
export function isLabelled(requirements: readonly Requirement[]): RawBuilder<SqlBool> {
  const all = sql.join(requirements.map(isMet), sql` and `)
  // One without a row has no labels, which meets what may be missing.
  return sql<SqlBool>`coalesce((select ${all} from instance_labels as described
    where described.instance_key = instances.id), ${meetsWithout(requirements)})`
}

const meetsWithout = (requirements: readonly Requirement[]) =>
  requirements.every(({ kind }) => kind === 'not in' || kind === 'missing')

/**
 * Keys of the instances that have a needed label, from the index.
 * @returns undefined when no label is needed, and when many have it
 */
export async function keysOfFewLabelled(
  db: Db,
  requirements: readonly Requirement[],
): Promise<RawBuilder<unknown> | undefined> {
  const needed = requirements.find(({ kind }) => kind === 'in' || kind === 'exists')
  if (needed === undefined) return undefined
  const keys = sql`select described.instance_key from instance_labels as described
    where ${isMet(needed)}`
  return (await areFew(db, keys)) ? sql`(${keys})` : undefined
}

/**
 * So many rows are looked at for each page. Where more fit, the newest that do are found sooner by
 * walking all instances.
 */
export const maxFew = 10_000

/**
 * @param rows  a statement that can end with a `limit`, in the order of an index or in none: one
 *   that sorts or groups would read all rows before its first
 */
export async function areFew(db: Db, rows: RawBuilder<unknown>): Promise<boolean> {
  const counted = await sql<{ count: number }>`/* planned anew */
    select count(*)::int from (${rows} limit ${maxFew + 1}) as few`.execute(db)
  return (counted.rows[0]?.count ?? 0) <= maxFew
}
