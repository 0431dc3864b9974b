import { sql, type Selectable } from 'kysely'
import type { Db, DbOrTx } from '../db/database.ts'
import { statement, writeTogether, type Part, type Statement } from '../db/parts.ts'
import type { Operations } from '../db/schema.gen.ts'
import type { Operation } from './operation.ts'
import type { OperationKind, OperationState } from './states.ts'

/** The columns that `operationOf` reads. */
export const operationColumns = [
  'id',
  'platform_id',
  'provider_id',
  'instance_key',
  'binding_key',
  'instance_id',
  'binding_id',
  'kind',
  'state',
  'fencing_token',
  'retries',
  'internal_errors',
  'lease_until',
  'next_step_at',
  'deadline_at',
  'in_doubt_until',
  'accepts_incomplete',
  'change',
  'request_digest',
  'upstream_operation',
  'originating_identity',
  'request_identity',
  'description',
  'instance_usable',
  'sent_at',
  'created_at',
] as const

// Written out, not bound as values: the planner uses a partial index only if it sees its condition.
export const isUnfinished = sql<boolean>`state not in ('succeeded', 'failed')`

// The organisation for which the instance was ordered; it never changes.
export const organisationOfOperation = sql<
  string | null
>`(select organisation_id from instances where instances.id = operations.instance_key)`.as(
  'organisation_id',
)

export type OperationRow = Pick<Selectable<Operations>, (typeof operationColumns)[number]> & {
  readonly organisation_id: string | null
}

export function operationOf(row: OperationRow): Operation {
  return {
    id: row.id,
    platformId: row.platform_id,
    providerId: row.provider_id,
    organisationId: row.organisation_id,
    instanceKey: row.instance_key,
    bindingKey: row.binding_key,
    instanceId: row.instance_id,
    bindingId: row.binding_id,
    // Check constraints allow just these values.
    kind: row.kind as OperationKind,
    state: row.state as OperationState,
    fencingToken: row.fencing_token,
    retries: row.retries,
    internalErrors: row.internal_errors,
    leaseUntil: row.lease_until,
    nextStepAt: row.next_step_at,
    deadlineAt: row.deadline_at,
    inDoubtUntil: row.in_doubt_until,
    acceptsIncomplete: row.accepts_incomplete,
    change: row.change,
    requestDigest: row.request_digest,
    upstreamOperation: row.upstream_operation,
    originatingIdentity: row.originating_identity,
    requestIdentity: row.request_identity,
    description: row.description,
    instanceUsable: row.instance_usable,
    sentAt: row.sent_at,
    createdAt: row.created_at,
  }
}

export interface Claim {
  /**
   * `calling` with a lease: the caller makes the call itself. `accepted` with a next step: a worker
   * makes it.
   */
  readonly state: 'calling' | 'accepted'
  readonly leaseUntil: Date | null
  readonly nextStepAt: Date | null
}

/** What a new operation says of its instance, so that a poll need not read that. */
export interface OrderedPlan {
  readonly offeringId: string
  readonly planId: string
}

/** The row of a new operation, as it is. */
function rowOf(
  operation: Operation,
  { offeringId, planId }: OrderedPlan,
  targetPlanId: string | null,
): Statement {
  return statement`insert into operations (
      id, platform_id, provider_id, instance_key, binding_key, instance_id, binding_id, kind,
      state, fencing_token, lease_until, next_step_at, deadline_at, in_doubt_until,
      accepts_incomplete, change, target_plan_id, request_digest, originating_identity,
      request_identity, created_at, updated_at, offering_id, plan_id)
    select ${operation.id}, ${operation.platformId}, ${operation.providerId},
      ${operation.instanceKey}, ${operation.bindingKey}, ${operation.instanceId},
      ${operation.bindingId}, ${operation.kind}, ${operation.state}, ${operation.fencingToken},
      ${operation.leaseUntil}, ${operation.nextStepAt}, ${operation.deadlineAt},
      ${operation.inDoubtUntil}, ${operation.acceptsIncomplete}, ${operation.change},
      ${targetPlanId}, ${operation.requestDigest}, ${operation.originatingIdentity},
      ${operation.requestIdentity}, ${operation.createdAt}, ${operation.createdAt},
      ${offeringId}, ${planId}`
}

/** The operation of an instance that the same statement inserts, so no other one can hold it. */
export function firstOperation(operation: Operation, instance: OrderedPlan): Part {
  return statement`${rowOf(operation, instance, null)} where exists (select from gate)`
}

/** A row as it was read. */
interface Versioned {
  readonly version: string
}

/** The rows that an order was decided on. */
export interface DecidedOn {
  readonly instance: OrderedPlan & Versioned
  /** One that exists already: that of the operation, or the one that it replaces. */
  readonly binding?: (Versioned & { readonly key: string }) | undefined
}

export interface NewOperation {
  /** The new plan, if an update changes it. */
  readonly targetPlanId?: string | undefined
  readonly decidedOn: DecidedOn
  /** Without it nothing is written. */
  readonly condition?: Statement
  /** What else the order writes. */
  readonly parts: readonly Part[]
}

/**
 * Writes a new operation as it is, with the claim that it begins with.
 * @returns false when another operation holds the instance or the binding; a constraint decides it
 * @throws an error of the database, see `isLostRace`, when the rows of `decidedOn` have changed
 */
export async function insertOperation(
  db: DbOrTx,
  operation: Operation,
  { targetPlanId, decidedOn, condition = statement`true`, parts }: NewOperation,
): Promise<boolean> {
  const { instance, binding } = decidedOn
  const row = rowOf(operation, instance, targetPlanId ?? null)
  const assertIdle =
    binding === undefined || binding.key === operation.bindingKey
      ? statement``
      : statement`, assert_idle(${operation.instanceKey}, ${binding.key})`
  const gate = statement`${row} where ${condition}
    on conflict do nothing
    returning assert_unchanged(${operation.instanceKey}, ${instance.version},
      ${binding?.key ?? null}, ${binding?.version ?? null})${assertIdle}`
  return (await writeTogether(db, gate, parts)) !== undefined
}

/** An operation of any platform: for operators, not for platforms. */
export async function findOperation(db: Db, id: string): Promise<Operation | undefined> {
  const row = await db
    .selectFrom('operations')
    .select(operationColumns)
    .select(organisationOfOperation)
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? undefined : operationOf(row)
}

/** The unfinished operations of an instance, those of its bindings too, oldest first. */
export async function listRunning(
  db: DbOrTx,
  platformId: string,
  instanceKey: string,
): Promise<Operation[]> {
  const rows = await db
    .selectFrom('operations')
    .select(operationColumns)
    .select(organisationOfOperation)
    .where('instance_key', '=', instanceKey)
    .where('platform_id', '=', platformId)
    .where(isUnfinished)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(operationOf)
}

/** How many operations are parked, over all platforms. */
export async function countParked(db: Db): Promise<number> {
  const row = await db
    .selectFrom('operations')
    .select(sql<number>`count(*)::int`.as('count'))
    .where(sql<boolean>`state = 'parked'`)
    .executeTakeFirstOrThrow()
  return row.count
}
