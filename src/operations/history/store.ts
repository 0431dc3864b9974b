import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { OperationKind, OperationState } from '../states.ts'
import type { PastTrouble } from './past-trouble.ts'

/** What became of an operation, as its row says it. */
export interface PastOperation {
  readonly id: string
  readonly kind: OperationKind
  readonly state: OperationState
  readonly planId: string | null
  readonly bindingId: string | null
  /** Of the provider, or of Kontor. Untrusted text. */
  readonly description: string | null
  /** How often its present state was repeated. */
  readonly retries: number
  readonly inDoubtUntil: Date | null
  /** What has held it up, oldest first; also what does now. */
  readonly history: readonly PastTrouble[]
  /** As the order carried it. */
  readonly requestIdentity: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
  readonly updatedAt: Date
  readonly finishedAt: Date | null
}

/**
 * The newest operations of an instance that a platform knows by this id, and of its bindings;
 * oldest first. Those of an instance that is gone, too.
 * @param of  with Kontor's id as `instanceKey` only those of that instance: a platform may have
 *   given its own id to another one before or since
 */
export async function listPastOperations(
  db: Db,
  of: {
    readonly platformId: string
    readonly instanceId: string
    readonly instanceKey?: string
  },
  limit: number,
): Promise<PastOperation[]> {
  const { platformId, instanceId, instanceKey } = of
  const rows = await db
    .selectFrom('operations')
    .select([
      'id',
      'kind',
      'state',
      'binding_id',
      'retries',
      'in_doubt_until',
      'history',
      'request_identity',
      'created_at',
      'sent_at',
      'updated_at',
      'finished_at',
      sql<string | null>`coalesce(target_plan_id, plan_id)`.as('plan_id'),
      sql<string | null>`coalesce(description, refusal)`.as('description'),
    ])
    .where('instance_id', '=', instanceId)
    .where('platform_id', '=', platformId)
    .$if(instanceKey !== undefined, (query) => query.where('instance_key', '=', instanceKey ?? ''))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.toReversed().map((row) => ({
    id: row.id,
    // Check constraints allow just these values.
    kind: row.kind as OperationKind,
    state: row.state as OperationState,
    planId: row.plan_id,
    bindingId: row.binding_id,
    description: row.description,
    retries: row.retries,
    inDoubtUntil: row.in_doubt_until,
    // Written by `troubleOf` and by claims only.
    history: (row.history ?? []) as unknown as readonly PastTrouble[],
    requestIdentity: row.request_identity,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  }))
}

/**
 * What a request has ordered of an instance that a platform knows by this id, or of its bindings.
 * @param requestIdentity  as the order carried it
 */
export async function findOrderedOperation(
  db: Db,
  { platformId, instanceId }: { readonly platformId: string; readonly instanceId: string },
  requestIdentity: string,
): Promise<Pick<PastOperation, 'state' | 'description'> | undefined> {
  const row = await db
    .selectFrom('operations')
    .select(['state', sql<string | null>`coalesce(description, refusal)`.as('description')])
    .where('instance_id', '=', instanceId)
    .where('platform_id', '=', platformId)
    .where('request_identity', '=', requestIdentity)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  // A check constraint allows just these values.
  return row && { state: row.state as OperationState, description: row.description }
}
