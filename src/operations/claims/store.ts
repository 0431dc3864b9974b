import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { EngineTimes } from '../context.ts'
import type { Operation } from '../operation.ts'
import type { OperationState } from '../states.ts'
import {
  isUnfinished,
  operationColumns,
  operationOf,
  organisationOfOperation,
  type OperationRow,
} from '../store.ts'

const isAtWork = sql<boolean>`state not in ('succeeded', 'failed', 'parked')`

// Out of how many due operations of a provider a claim chooses: reading them takes a millisecond.
const oldestDue = 1_000
// When one platform has more than that waiting, an operation of another one is among these when it
// falls due.
const newestDue = 200

/**
 * Claims due operations, for each provider as many as `free` says. The platforms get equal shares,
 * each with its oldest operations; who is first is by lot, because a claim of a single operation
 * would always be for the platform with the oldest one. An `accepted` one becomes `calling`. One
 * found `calling` lost its process during the call, so it becomes `uncertain`, and its call may
 * still arrive for `inDoubtMs`. Skips rows that another process is claiming.
 */
export async function claimDue(
  db: Db,
  free: ReadonlyMap<string, number>,
  now: Date,
  { leaseMs, inDoubtMs }: Pick<EngineTimes, 'leaseMs' | 'inDoubtMs'>,
): Promise<Operation[]> {
  const leaseUntil = new Date(now.getTime() + leaseMs)
  const inDoubtUntil = new Date(now.getTime() + inDoubtMs)
  const isDue = sql`${isAtWork} and coalesce(lease_until, next_step_at) <= ${now}`
  const due = sql`
    select id, platform_id, coalesce(lease_until, next_step_at) as due_at
    from operations
    where operations.provider_id = slots.provider_id and ${isDue}`
  // The SQL comment keeps it from being prepared (db/prepared.ts): a plan made while the table was
  // small would scan all of it, finished operations too, each time.
  const { rows } = await sql<OperationRow>`/* planned anew */
    update operations set
      fencing_token = fencing_token + 1,
      state = case state
        when 'accepted' then 'calling'
        when 'calling' then 'uncertain'
        else state end,
      in_doubt_until = case
        when state = 'calling' and kind in ('provision', 'bind') then ${inDoubtUntil}
        else in_doubt_until end,
      lease_until = ${leaseUntil},
      updated_at = ${now}
    where id = any(array(
      select due.id
      from unnest(${[...free.keys()]}::uuid[], ${[...free.values()]}::int[])
        as slots (provider_id, free)
      cross join lateral (
        select operations.id
        from (
          select
            id,
            random() as lot,
            row_number() over (partition by platform_id order by due_at) as turn
          from (
            (${due} order by due_at limit ${oldestDue})
            union
            (${due} order by due_at desc limit ${newestDue})
          ) as candidates
          -- More than needed: another process may be claiming some of them.
          order by turn, lot
          limit 2 * slots.free
        ) as chosen
        join operations on operations.id = chosen.id
        -- Once more, for rows that another process has claimed in the meantime.
        where ${isDue}
        order by chosen.turn, chosen.lot
        limit slots.free
        for update of operations skip locked
      ) as due
    ))
    returning
      ${sql.join(operationColumns.map((column) => sql.ref(column)))},
      ${organisationOfOperation}`.execute(db)
  return rows.map(operationOf)
}

/** @returns false when the claim was lost */
export async function renewLease(
  db: Db,
  id: string,
  fencingToken: number,
  leaseUntil: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('operations')
    .set({ lease_until: leaseUntil })
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .where('lease_until', 'is not', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Takes an unfinished operation for an operator; a process that holds its claim loses it.
 * @returns undefined when it has moved on since `seen`
 */
export async function seizeOperation(
  tx: Tx,
  seen: Operation,
  now: Date,
): Promise<Operation | undefined> {
  const row = await tx
    .updateTable('operations')
    .set({ fencing_token: sql`fencing_token + 1`, lease_until: null, updated_at: now })
    .where('id', '=', seen.id)
    .where('fencing_token', '=', seen.fencingToken)
    .where('state', '=', seen.state)
    .where(isUnfinished)
    .returning(operationColumns)
    .returning(organisationOfOperation)
    .executeTakeFirst()
  return row === undefined ? undefined : operationOf(row)
}

/**
 * Ends an operation as failed, whatever process holds its claim.
 * @returns undefined when it is in none of `states` any more
 */
export async function endOperation(
  tx: Tx,
  platformId: string,
  operationId: string,
  states: readonly OperationState[],
  description: string,
  now: Date,
): Promise<{ readonly inDoubtUntil: Date | null } | undefined> {
  const row = await tx
    .updateTable('operations')
    .set({
      state: 'failed',
      fencing_token: sql`fencing_token + 1`,
      lease_until: null,
      next_step_at: null,
      description,
      updated_at: now,
      finished_at: now,
    })
    .where('id', '=', operationId)
    .where('platform_id', '=', platformId)
    .where('state', 'in', [...states])
    .returning('in_doubt_until')
    .executeTakeFirst()
  return row === undefined ? undefined : { inDoubtUntil: row.in_doubt_until }
}
