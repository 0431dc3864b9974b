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
  readonly description?: string | undefined
  readonly refusal?: string | undefined
  readonly instanceUsable?: boolean | undefined
  readonly updateRepeatable?: boolean | undefined
  readonly finishedAt: Date | null
  /** A crash of the database may undo it: nothing is lost but the time until the lease is over. */
  readonly mayBeLost?: boolean
}

/** @returns false when the claim is no longer ours: a later one took over, and what we know is void */
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
      // What an update was made of has gone over into the instance, or is void; but one that was in doubt to its end may be
      // in force at the provider.
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
    // For this one statement: its commit does not wait for the disk, nor for a replica.
    .$if(settled.mayBeLost === true, (query) =>
      query.where(sql<boolean>`set_config('synchronous_commit', 'off', true) = 'off'`),
    )
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Whether our own claim has led to `state` already; nobody has claimed it since. */
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
