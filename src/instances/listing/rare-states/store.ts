// Lists of states that few instances or bindings are in: they begin with what leads to those few,
// and never look at the others. Where many are in such a state, walking all finds a page soon.
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../../db/database.ts'
import type { AccessScope } from '../../../tenancy/principal.ts'
import { areFew, maxFew } from '../../labels/store.ts'
import { isWanted, type InstanceFilter } from '../within/store.ts'

// Rows may be added after they were counted.
const maxRows = 2 * maxFew

// Written out, because the planner uses a partial index only if it sees its condition. All of an
// index, whatever it is of: a filter would let a limit read on.
const underWay = sql`select instance_key, binding_key from operations
  where state not in ('succeeded', 'failed')`
const newestFailed = (follows: RawBuilder<SqlBool>) => sql`
  select instance_key, binding_key from operations
  where state = 'failed' and kind <> 'update' and ${follows}
  order by instance_key desc, binding_key desc`

/** Which operations lead to all that are in a state. */
export type RareOperations = 'under_way' | 'under_way_or_failed'

/**
 * Whether to begin with operations. Each instance or binding that is not ready has one that is
 * under way or failed, and none that is an update makes it so; an instance that is being
 * provisioned has one under way. Failed operations are never deleted, so that they lead to a state
 * only while there are few. What an organisation, an owner, a cost centre or a label has is found
 * sooner by its own index, and so is one instance.
 * @param state  that instances, or bindings, are wanted in
 * @returns undefined: do not
 */
export async function rareOperations(
  db: Db,
  scope: AccessScope,
  { organisations, instanceId, owner, costCentre, labels }: InstanceFilter,
  state: string | undefined,
): Promise<RareOperations | undefined> {
  const narrower = [organisations, instanceId, owner, costCentre, labels]
  if (scope !== 'all' || narrower.some((each) => each !== undefined)) return undefined
  if (state === 'provisioning') return 'under_way'
  if (state !== 'binding' && state !== 'failed') return undefined
  return (await areFew(db, newestFailed(sql`true`))) ? 'under_way_or_failed' : undefined
}

const rowsOf = (operations: RareOperations, follows: RawBuilder<SqlBool>) => {
  const running = sql`${underWay} and ${follows}`
  return operations === 'under_way'
    ? [running]
    : [running, sql`${newestFailed(follows)} limit ${maxRows}`]
}

// The limit keeps the plan at a look-up for each operation, whatever the planner thinks of how many
// of these there are.
const ofRare = (table: 'instances' | 'bindings', key: string) => sql`cross join lateral (
    select * from ${sql.table(table)} where id = ${sql.ref(`rare.${key}`)} limit 1
  ) as ${sql.table(table)}`

/**
 * Ids of the newest instances that fit, for `array(...)`: at least the `limit` newest of all.
 * @param more  what has to hold besides
 */
export function newestUnready(
  operations: RareOperations,
  filter: InstanceFilter,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
  more: RawBuilder<SqlBool>,
): RawBuilder<unknown> {
  const follows =
    before === undefined ? sql<SqlBool>`true` : sql<SqlBool>`instance_key < ${before}::uuid`
  const each = rowsOf(operations, follows).map(
    (rows) => sql`(select distinct on (rare.instance_key) instances.id
      from (${rows}) as rare ${ofRare('instances', 'instance_key')}
      where rare.binding_key is null and ${isWanted(filter)} and ${more}
      order by rare.instance_key desc limit ${limit})`,
  )
  return sql`(${sql.join(each, sql` union all `)})`
}

/** The same of bindings: those of the newest instance first. */
export function newestUnreadyBindings(
  operations: RareOperations,
  filter: InstanceFilter,
  limit: number,
  more: RawBuilder<SqlBool>,
): RawBuilder<unknown> {
  const each = rowsOf(operations, sql<SqlBool>`true`).map(
    (rows) => sql`(select distinct on (rare.instance_key, rare.binding_key) bindings.id
      from (${rows}) as rare ${ofRare('bindings', 'binding_key')}
        ${ofRare('instances', 'instance_key')}
      where rare.binding_key is not null and ${isWanted(filter)} and ${more}
      order by rare.instance_key desc, rare.binding_key desc limit ${limit})`,
  )
  return sql`(${sql.join(each, sql` union all `)})`
}

/**
 * The bindings whose credentials end before a time, in parentheses.
 * @param column  what of them: their own ids, or the keys of their instances
 * @returns undefined when they are many
 */
export async function rareExpiring(
  db: Db,
  scope: AccessScope,
  { organisations, instanceId }: InstanceFilter,
  before: Date | undefined,
  column: 'id' | 'instance_key',
): Promise<RawBuilder<unknown> | undefined> {
  const isOfAll = scope === 'all' && organisations === undefined && instanceId === undefined
  if (before === undefined || !isOfAll) return undefined
  const rows = sql`select ${sql.ref(column)} as id from bindings
    where deleted_at is null and expires_at < ${before}`
  if (!(await areFew(db, rows))) return undefined
  return sql`(select distinct id from (${rows} limit ${maxRows}) as expiring)`
}
