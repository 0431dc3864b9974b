// Orders as people read them, with what the rows of their instances say.
import { sql } from 'kysely'
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
  { state, organisationId, personId, search, before }: OrderFilter,
  limit: number,
): Promise<StandingOrder[]> {
  let query = selectStanding(db, scope)
  if (state !== undefined) query = query.where('orders.state', '=', state)
  if (organisationId !== undefined)
    query = query.where('orders.organisation_id', '=', organisationId)
  if (personId !== undefined) query = query.where('orders.person_id', '=', personId)
  if (before !== undefined) query = query.where('orders.id', '<', before)
  if (search !== undefined)
    query = query.where(
      sql<boolean>`(strpos(orders.number, ${search.number}) > 0 and ${search.number} <> ''
        or strpos(lower(orders.instance_name), lower(${search.text})) > 0)`,
    )
  return (await query.orderBy('orders.id', 'desc').limit(limit).execute()).map(standingOrderOf)
}

export async function findStanding(
  db: DbOrTx,
  scope: AccessScope,
  number: string,
): Promise<StandingOrder | undefined> {
  const row = await selectStanding(db, scope).where('orders.number', '=', number).executeTakeFirst()
  return row && standingOrderOf(row)
}
