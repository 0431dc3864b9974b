import { sql } from 'kysely'
import type { Db, DbOrTx } from '../../db/database.ts'
import type { Operation } from '../operation.ts'
import type { OperationState } from '../states.ts'

export interface Settled {
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
   * A crash of the database may lose this write; then the next step only waits for the lease to
   * expire.
   */
  readonly mayBeLost?: boolean
}

/** @returns false when the claim was lost; nothing is written then */
export async function settleOperation(
  tx: DbOrTx,
  operation: Operation,
  settled: Settled,
  now: Date,
): Promise<boolean> {
  const result = await tx
    .updateTable('operations')
    .set({
      state: settled.state,
      retries: settled.retries,
      internal_errors: settled.internalErrors ?? 0,
      lease_until: null,
      next_step_at: settled.nextStepAt,
      updated_at: now,
      finished_at: settled.finishedAt,
      // Once an update has ended, its content is in the instance or void. An update that failed in
      // doubt may be in force at the provider, so it keeps its content.
      ...(settled.finishedAt === null ||
      (settled.state === 'failed' && operation.state === 'uncertain')
        ? {}
        : { change: null }),
      ...(settled.inDoubtUntil === undefined ? {} : { in_doubt_until: settled.inDoubtUntil }),
      ...(settled.sentAt === undefined ? {} : { sent_at: settled.sentAt }),
      ...(settled.upstreamOperation === undefined
        ? {}
        : { upstream_operation: settled.upstreamOperation }),
      ...(settled.description === undefined ? {} : { description: settled.description }),
      ...(settled.refusal === undefined ? {} : { refusal: settled.refusal }),
      ...(settled.instanceUsable === undefined ? {} : { instance_usable: settled.instanceUsable }),
      ...(settled.updateRepeatable === undefined
        ? {}
        : { update_repeatable: settled.updateRepeatable }),
    })
    .where('id', '=', operation.id)
    .where('fencing_token', '=', operation.fencingToken)
    .where('state', '=', operation.state)
    // Only this statement commits without waiting for the disk and for replicas.
    .$if(settled.mayBeLost === true, (query) =>
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
