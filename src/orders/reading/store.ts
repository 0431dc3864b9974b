// Orders as people read them, with what the rows of their instances say.
import { sql, type RawBuilder } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import type { OperationKind, OperationState } from '../../operations/states.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { Order } from '../order.ts'
import type { Standing } from '../progress.ts'
import { isOrderWithin, orderColumns, orderOf } from '../store.ts'

export interface StandingOrder extends Order {
  readonly standing: Standing
}

export interface OrderFilter {
  readonly state?: Order['state'] | undefined
  readonly organisationId?: string | undefined
  readonly personId?: string | undefined
  /** Part of a number or of the instance's name. */
  readonly search?: { readonly number: string; readonly text: string } | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

function selectStanding(db: DbOrTx, scope: AccessScope) {
  return db
    .selectFrom('orders')
    .leftJoin('platforms', (join) =>
      join
        .onRef('platforms.organisation_id', '=', 'orders.organisation_id')
        .on('platforms.kind', '=', 'console'),
    )
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('operations')
          .select(['operations.kind', 'operations.state'])
          .whereRef('operations.instance_id', '=', 'orders.instance_id')
          .whereRef('operations.platform_id', '=', 'platforms.id')
          .where('operations.binding_id', 'is', null)
          .orderBy('operations.created_at', 'desc')
          .orderBy('operations.id', 'desc')
          .limit(1)
          .as('newest'),
      (join) => join.onTrue(),
    )
    .leftJoin('instances', (join) =>
      join
        .onRef('instances.instance_id', '=', 'orders.instance_id')
        .onRef('instances.platform_id', '=', 'platforms.id')
        .on('instances.deleted_at', 'is', null),
    )
    .select(orderColumns)
    .select([
      'newest.kind as operation_kind',
      'newest.state as operation_state',
      'instances.state as instance_state',
    ])
    .where(isOrderWithin(scope))
}

type Row = Awaited<ReturnType<ReturnType<typeof selectStanding>['execute']>>[number]

function standingOrderOf(row: Row): StandingOrder {
  return {
    ...orderOf(row),
    standing: {
      // check constraints allow just these values in both columns
      kind: row.operation_kind as OperationKind | null,
      operationState: row.operation_state as OperationState | null,
      instanceState: row.instance_state,
    },
  }
}

/** Newest first. */
export async function listStanding(
  db: DbOrTx,
  scope: AccessScope,
  filter: OrderFilter,
  limit: number,
): Promise<StandingOrder[]> {
  const isWanted = isWantedOrder(scope, filter)
  const streams = streamsOf(scope, filter)
  const chosen = streams.length === 0 ? isWanted : sql<boolean>`orders.id = any(array(${newest()}))`
  const query = selectStanding(db, scope).where(chosen)
  return (await query.orderBy('orders.id', 'desc').limit(limit).execute()).map(standingOrderOf)

  // Each owner gives its newest from an index: as one condition, the planner would walk the primary
  // key, past the orders of all others. These conditions and this order are what an index has.
  function newest() {
    const last = filter.before ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    const each = streams.map(({ owners, column }) => {
      const owner = sql.ref(column)
      return sql`(select newest.id from unnest(${owners}::uuid[]) as owner (id)
        cross join lateral (select orders.id from orders
          where ${owner} >= owner.id and (${owner}, orders.id) <= (owner.id, ${last}::uuid)
            and ${isWanted}
          order by ${owner} desc, orders.id desc limit ${limit}) as newest)`
    })
    return sql.join(each, sql` union all `)
  }
}

function isWantedOrder(
  scope: AccessScope,
  { state, organisationId, personId, search, before }: OrderFilter,
): RawBuilder<boolean> {
  const conditions = [isOrderWithin(scope)]
  const add = (condition: RawBuilder<boolean>) => conditions.push(condition)
  // A literal: the planner uses the partial index of drafts only if it sees its condition.
  if (state !== undefined) add(sql`orders.state = ${sql.lit(state)}`)
  if (organisationId !== undefined) add(sql`orders.organisation_id = ${organisationId}::uuid`)
  if (personId !== undefined) add(sql`orders.person_id = ${personId}::uuid`)
  if (before !== undefined) add(sql`orders.id < ${before}::uuid`)
  if (search !== undefined)
    add(sql`(strpos(orders.number, ${search.number}) > 0 and ${search.number} <> ''
      or strpos(lower(orders.instance_name), lower(${search.text})) > 0)`)
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`
}

/** Ids whose orders an index has in order of their ids. */
interface Stream {
  readonly owners: readonly string[]
  readonly column: string
}

function streamsOf(
  scope: AccessScope,
  { organisationId, personId }: OrderFilter,
): readonly Stream[] {
  if (personId !== undefined) return [{ owners: [personId], column: 'orders.person_id' }]
  if (organisationId !== undefined)
    return [{ owners: [organisationId], column: 'orders.organisation_id' }]
  if (scope === 'all') return []
  return ['orders.organisation_id', 'orders.beneficiary_id'].map((column) => ({
    owners: scope.organisations,
    column,
  }))
}

export async function findStanding(
  db: DbOrTx,
  scope: AccessScope,
  number: string,
): Promise<StandingOrder | undefined> {
  const row = await selectStanding(db, scope).where('orders.number', '=', number).executeTakeFirst()
  return row && standingOrderOf(row)
}

/** Orders by their ids. */
export async function listStandingOf(db: DbOrTx, ids: readonly string[]): Promise<StandingOrder[]> {
  const rows = await selectStanding(db, 'all').where('orders.id', 'in', ids).execute()
  return rows.map(standingOrderOf)
}

/** The number of the submitted order that made an instance. @param instanceId  the platform's */
export async function findNumberOf(
  db: DbOrTx,
  organisationId: string,
  instanceId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('orders')
    .select('number')
    .where('instance_id', '=', instanceId)
    .where('organisation_id', '=', organisationId)
    .where('state', '=', 'submitted')
    .executeTakeFirst()
  return row?.number
}
