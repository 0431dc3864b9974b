import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
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

/**
 * Takes operations whose turn has come, at each provider the oldest, as many as it has places for. One that was
 * `accepted` is now `calling`; one found `calling` had a process that died in its call, so it is now `uncertain`, and what
 * that call makes may still come until `inDoubtUntil`. Whatever another process takes at this moment is left out.
 */
export async function claimDue(
  db: Db,
  free: ReadonlyMap<string, number>,
  now: Date,
  leaseUntil: Date,
  inDoubtUntil: Date,
): Promise<Operation[]> {
  // The comment keeps it from being prepared (db/prepared.ts): a plan that was made while the table was small would read
  // all of it, finished operations too, at each look.
  const { rows } = await sql<OperationRow>`/* planned anew */
    update operations set
      fencing_token = fencing_token + 1,
      state = case state when 'accepted' then 'calling' when 'calling' then 'uncertain' else state end,
      in_doubt_until = case when state = 'calling' and kind in ('provision', 'bind') then ${inDoubtUntil} else in_doubt_until end,
      lease_until = ${leaseUntil},
      updated_at = ${now}
    where id = any(array(
      select found.id
      from unnest(${[...free.keys()]}::uuid[], ${[...free.values()]}::int[]) as place (provider_id, free)
      cross join lateral (
        select id from operations
        where operations.provider_id = place.provider_id and ${isAtWork} and coalesce(lease_until, next_step_at) <= ${now}
        order by coalesce(lease_until, next_step_at) limit place.free for update skip locked
      ) as found
    ))
    returning ${sql.join(operationColumns.map((column) => sql.ref(column)))}, ${organisationOfOperation}`.execute(
    db,
  )
  return rows.map(operationOf)
}

/** @returns false when the claim is no longer ours */
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
 * Takes an unfinished operation from whoever has it: his claim is void from here on.
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

/** @returns undefined when it is in none of these states any more */
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
