// Lists of what few instances or bindings are: they begin with those few, and never look at others.
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../../db/database.ts'
import type { AccessScope } from '../../../tenancy/principal.ts'
import { keysOfFew } from '../../labels/store.ts'
import { isWanted, type InstanceFilter } from '../within/store.ts'

/**
 * Whether to begin with operations that have not succeeded, which are under way or failed: each
 * instance or binding that is not ready has one, and none that is an update makes it so. What a
 * single organisation has is found sooner by its own index, and so is one instance.
 * @param state  that instances, or bindings, are wanted in
 */
export function beginsWithOperations(
  scope: AccessScope,
  { organisations, instanceId }: InstanceFilter,
  state: string | undefined,
): boolean {
  return (
    scope === 'all' &&
    organisations === undefined &&
    instanceId === undefined &&
    state !== undefined &&
    ['provisioning', 'binding', 'failed'].includes(state)
  )
}

// Written out, because the planner uses a partial index only if it sees its condition.
const hasNotSucceeded = [
  sql<SqlBool>`operations.state = 'failed' and operations.kind <> 'update'`,
  sql<SqlBool>`operations.state not in ('succeeded', 'failed')`,
]

// The limit keeps the plan at a look-up for each operation, whatever the planner thinks of how many
// of these there are.
const ofOperation = (table: 'instances' | 'bindings', key: string) => sql`cross join lateral (
    select * from ${sql.table(table)} where id = ${sql.ref(`operations.${key}`)} limit 1
  ) as ${sql.table(table)}`

/**
 * Ids of the newest instances that fit, for `array(...)`: at least the `limit` newest of all.
 * @param more  what has to hold besides
 */
export function newestUnready(
  filter: InstanceFilter,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
  more: RawBuilder<SqlBool>,
): RawBuilder<unknown> {
  const follows =
    before === undefined
      ? sql<SqlBool>`true`
      : sql<SqlBool>`operations.instance_key < ${before}::uuid`
  const each = hasNotSucceeded.map(
    (has) => sql`(select distinct on (operations.instance_key) instances.id
      from operations ${ofOperation('instances', 'instance_key')}
      where ${has} and operations.binding_key is null and ${follows}
        and ${isWanted(filter)} and ${more}
      order by operations.instance_key desc limit ${limit})`,
  )
  return sql`(${sql.join(each, sql` union all `)})`
}

/** The same of bindings: those of the newest instance first. */
export function newestUnreadyBindings(
  filter: InstanceFilter,
  limit: number,
  more: RawBuilder<SqlBool>,
): RawBuilder<unknown> {
  const each = hasNotSucceeded.map(
    (has) => sql`(select distinct on (operations.instance_key, operations.binding_key) bindings.id
      from operations ${ofOperation('bindings', 'binding_key')}
        ${ofOperation('instances', 'instance_key')}
      where ${has} and operations.binding_key is not null and ${isWanted(filter)} and ${more}
      order by operations.instance_key desc, operations.binding_key desc limit ${limit})`,
  )
  return sql`(${sql.join(each, sql` union all `)})`
}

/**
 * Keys of the instances that have a binding whose credentials end before a time.
 * @returns undefined when many have
 */
export async function keysOfFewExpiring(
  db: Db,
  scope: AccessScope,
  { organisations, instanceId }: InstanceFilter,
  before: Date | undefined,
): Promise<RawBuilder<unknown> | undefined> {
  const isOfAll = scope === 'all' && organisations === undefined && instanceId === undefined
  if (before === undefined || !isOfAll) return undefined
  const keys = sql`select distinct instance_key from bindings
    where deleted_at is null and expires_at < ${before}`
  return keysOfFew(db, keys)
}
