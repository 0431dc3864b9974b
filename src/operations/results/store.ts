import type { Db, DbOrTx } from '../../db/database.ts'
import { assignments, statement, writeTogether, type Part } from '../../db/parts.ts'
import type { Operations } from '../../db/schema.gen.ts'
import { troubleOf } from '../history/past-trouble.ts'
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
 * @param parts  what else the result of the step changes
 * @returns false when the claim was lost; nothing is written then
 */
export async function endStep(
  db: DbOrTx,
  operation: Operation,
  end: StepEnd,
  now: Date,
  parts: readonly Part[] = [],
): Promise<boolean> {
  // Once an update has ended, its content is in the instance or void. An update that failed in
  // doubt may be in force at the provider, so it keeps its content.
  const keepsChange =
    end.finishedAt === null || (end.state === 'failed' && operation.state === 'uncertain')
  const set = assignments<Operations>({
    state: end.state,
    retries: end.retries,
    internal_errors: end.internalErrors ?? 0,
    lease_until: null,
    next_step_at: end.nextStepAt,
    updated_at: now,
    finished_at: end.finishedAt,
    change: keepsChange ? undefined : null,
    in_doubt_until: end.inDoubtUntil,
    sent_at: end.sentAt,
    upstream_operation: end.upstreamOperation,
    description: end.description,
    refusal: end.refusal,
    instance_usable: end.instanceUsable,
    update_repeatable: end.updateRepeatable,
    history: troubleOf(operation, end, now),
  })
  // Only this statement commits without waiting for the disk and for replicas.
  const flush =
    end.skipsFlush === true
      ? statement`and set_config('synchronous_commit', 'off', true) = 'off'`
      : statement``
  const gate = statement`update operations set ${set}
    where id = ${operation.id} and fencing_token = ${operation.fencingToken}
      and state = ${operation.state} ${flush}
    returning id`
  return (await writeTogether(db, gate, parts)) !== undefined
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
