import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { Operation } from '../operation.ts'
import type { OperationState } from '../states.ts'
import { isUnfinished, operationColumns, operationOf, organisationOfOperation } from '../store.ts'

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
