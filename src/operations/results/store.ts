import { sql } from 'kysely'
import type { Db, DbOrTx } from '../../db/database.ts'
import type { Operation } from '../operation.ts'
import type { OperationState } from '../states.ts'

/** What a step leaves in the row of its operation. */
export interface StepEnd {
  readonly state: OperationState
  readonly retries: number
  readonly nextStepAt: Date | null
  readonly internalErrors?: number
  readonly inDoubtUntil?: Date | undefined
  readonly sentAt?: Date | undefined
  readonly upstreamOperation?: string | undefined
  readonly description?: string | null | undefined
  readonly refusal?: string | undefined
  readonly instanceUsable?: boolean | undefined
  readonly updateRepeatable?: boolean | undefined
  readonly finishedAt: Date | null
  /**
   * The commit does not wait for the disk. If a crash of the database undoes it, the next step only
   * waits for the lease to expire.
   */
  readonly skipsFlush?: boolean
}

/**
 * Ends a step: writes what it leaves, and releases the claim.
 * @returns false when the claim was lost; nothing is written then
 */
export async function endStep(
  tx: DbOrTx,
  operation: Operation,
  end: StepEnd,
  now: Date,
): Promise<boolean> {
  const result = await tx
    .updateTable('operations')
    .set({
      state: end.state,
      retries: end.retries,
      internal_errors: end.internalErrors ?? 0,
      lease_until: null,
      next_step_at: end.nextStepAt,
      updated_at: now,
      finished_at: end.finishedAt,
      // Once an update has ended, its content is in the instance or void. An update that failed in
      // doubt may be in force at the provider, so it keeps its content.
      ...(end.finishedAt === null || (end.state === 'failed' && operation.state === 'uncertain')
        ? {}
        : { change: null }),
      ...(end.inDoubtUntil === undefined ? {} : { in_doubt_until: end.inDoubtUntil }),
      ...(end.sentAt === undefined ? {} : { sent_at: end.sentAt }),
      ...(end.upstreamOperation === undefined ? {} : { upstream_operation: end.upstreamOperation }),
      ...(end.description === undefined ? {} : { description: end.description }),
      ...(end.refusal === undefined ? {} : { refusal: end.refusal }),
      ...(end.instanceUsable === undefined ? {} : { instance_usable: end.instanceUsable }),
      ...(end.updateRepeatable === undefined ? {} : { update_repeatable: end.updateRepeatable }),
    })
    .where('id', '=', operation.id)
    .where('fencing_token', '=', operation.fencingToken)
    .where('state', '=', operation.state)
    // Only this statement commits without waiting for the disk and for replicas.
    .$if(end.skipsFlush === true, (query) =>
      query.where(sql<boolean>`set_config('synchronous_commit', 'off', true) = 'off'`),
    )
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Whether this claim has already led to `state`, and no process has claimed the operation since.
 */
export async function isStillAs(
  db: Db,
  { id, fencingToken }: Operation,
  state: OperationState,
): Promise<boolean> {
  const row = await db
    .selectFrom('operations')
    .select('state')
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .executeTakeFirst()
  return row?.state === state
}
