import { sql, type Selectable } from 'kysely'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import type { Instances, Operations } from '../db/schema.gen.ts'
import type { NewOperation, Operation, OperationReport, ReportKey } from './operation.ts'
import type { OperationKind, OperationState } from './states.ts'

const columns = [
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

// Written out, not bound as values: a prepared plan can use a partial index only if it sees that its condition holds.
const isUnfinished = sql<boolean>`state not in ('succeeded', 'failed')`
const isAtWork = sql<boolean>`state not in ('succeeded', 'failed', 'parked')`

// An order's organisation never changes, so whoever has the operation knows it.
const organisation = sql<
  string | null
>`(select organisation_id from instances where instances.id = operations.instance_key)`.as(
  'organisation_id',
)

type Row = Pick<Selectable<Operations>, (typeof columns)[number]> & {
  readonly organisation_id: string | null
}

function fromRow(row: Row): Operation {
  return {
    id: row.id,
    platformId: row.platform_id,
    providerId: row.provider_id,
    organisationId: row.organisation_id,
    instanceKey: row.instance_key,
    bindingKey: row.binding_key,
    instanceId: row.instance_id,
    bindingId: row.binding_id,
    // the two columns have check constraints with just these values
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
  /** `calling` with a lease: the caller makes the call itself. `accepted` with a next step: a worker will. */
  readonly state: 'calling' | 'accepted'
  readonly leaseUntil: Date | null
  readonly nextStepAt: Date | null
}

/** @returns undefined when another operation holds the instance or the binding: the constraint decides, not a look */
export async function insertOperation(
  tx: Tx,
  operation: NewOperation,
  claim: Claim,
  now: Date,
): Promise<Operation | undefined> {
  const row = await tx
    .insertInto('operations')
    .values({
      id: operation.id,
      platform_id: operation.platformId,
      provider_id: operation.providerId,
      instance_key: operation.instanceKey,
      binding_key: operation.bindingKey ?? null,
      instance_id: operation.instanceId,
      binding_id: operation.bindingId ?? null,
      kind: operation.kind,
      state: claim.state,
      fencing_token: 1,
      lease_until: claim.leaseUntil,
      next_step_at: claim.nextStepAt,
      deadline_at: operation.deadlineAt,
      in_doubt_until: operation.inDoubtUntil ?? null,
      accepts_incomplete: operation.acceptsIncomplete,
      change: operation.change ?? null,
      target_plan_id: operation.targetPlanId ?? null,
      request_digest: operation.requestDigest ?? null,
      originating_identity: operation.originatingIdentity ?? null,
      request_identity: operation.requestIdentity ?? null,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning(columns)
    .returning(organisation)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

/** How many operations of a provider may be taken. */
export interface FreeSlots {
  readonly providerId: string
  readonly free: number
}

/**
 * Takes operations whose turn has come, at each provider the oldest, as many as it has places for. One that was
 * `accepted` is now `calling`; one found `calling` had a process that died in its call, so it is now `uncertain`, and what
 * that call makes may still come until `inDoubtUntil`. Whatever another process takes at this moment is left out.
 */
export async function claimDue(
  db: Db,
  slots: readonly FreeSlots[],
  now: Date,
  leaseUntil: Date,
  inDoubtUntil: Date,
): Promise<Operation[]> {
  // The comment keeps it from being prepared (db/prepared.ts): a plan that was made while the table was small would read
  // all of it, finished operations too, at each look.
  const { rows } = await sql<Row>`/* planned anew */
    update operations set
      fencing_token = fencing_token + 1,
      state = case state when 'accepted' then 'calling' when 'calling' then 'uncertain' else state end,
      in_doubt_until = case when state = 'calling' and kind in ('provision', 'bind') then ${inDoubtUntil} else in_doubt_until end,
      lease_until = ${leaseUntil},
      updated_at = ${now}
    where id = any(array(
      select found.id
      from unnest(${slots.map(({ providerId }) => providerId)}::uuid[], ${slots.map(({ free }) => free)}::int[]) as place (provider_id, free)
      cross join lateral (
        select id from operations
        where operations.provider_id = place.provider_id and ${isAtWork} and coalesce(lease_until, next_step_at) <= ${now}
        order by coalesce(lease_until, next_step_at) limit place.free for update skip locked
      ) as found
    ))
    returning ${sql.join(columns.map((column) => sql.ref(column)))}, ${organisation}`.execute(db)
  return rows.map(fromRow)
}

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

/** What the newest update of an instance was made of that failed though it may have taken effect. */
export async function findDoubtfulChange(
  db: Db,
  platformId: string,
  instanceKey: string,
): Promise<{ readonly id: string; readonly change: Buffer } | undefined> {
  const row = await db
    .selectFrom('operations')
    .select(['operations.id', 'operations.change'])
    .innerJoin('instances', (join) =>
      join
        .onRef('instances.id', '=', 'operations.instance_key')
        .onRef('instances.instance_id', '=', 'operations.instance_id'),
    )
    .where('instances.id', '=', instanceKey)
    .where('operations.platform_id', '=', platformId)
    .where('operations.kind', '=', 'update')
    .where('operations.state', '=', 'failed')
    .where('operations.change', 'is not', null)
    .orderBy('operations.created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.change == null ? undefined : { id: row.id, change: row.change }
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

/** An operation of any platform. For an operator, not for a platform. */
export async function findOperation(db: Db, id: string): Promise<Operation | undefined> {
  const row = await db
    .selectFrom('operations')
    .select(columns)
    .select(organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
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
    .returning(columns)
    .returning(organisation)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

/** The unfinished operations of an instance, those of its bindings too, oldest first. */
export async function listRunning(
  db: DbOrTx,
  platformId: string,
  instanceKey: string,
): Promise<Operation[]> {
  const rows = await db
    .selectFrom('operations')
    .select(columns)
    .select(organisation)
    .where('instance_key', '=', instanceKey)
    .where('platform_id', '=', platformId)
    .where(isUnfinished)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

const reportColumns = [
  'operations.id',
  'operations.kind',
  'operations.state',
  'operations.description',
  'operations.instance_usable',
  'operations.update_repeatable',
  'operations.next_step_at',
  'operations.sent_at',
  'operations.finished_at',
  'instances.offering_id',
  'instances.plan_id',
] as const
type ReportRow = Pick<
  Selectable<Operations>,
  | 'id'
  | 'kind'
  | 'state'
  | 'description'
  | 'instance_usable'
  | 'update_repeatable'
  | 'next_step_at'
  | 'sent_at'
  | 'finished_at'
> &
  Pick<Selectable<Instances>, 'offering_id' | 'plan_id'>

function toReport(row: ReportRow): OperationReport {
  return {
    id: row.id,
    kind: row.kind as OperationKind,
    state: row.state as OperationState,
    description: row.description,
    instanceUsable: row.instance_usable,
    updateRepeatable: row.update_repeatable,
    nextStepAt: row.next_step_at,
    sentAt: row.sent_at,
    finishedAt: row.finished_at,
    offeringId: row.offering_id,
    planId: row.plan_id,
  }
}

function selectReports(db: Db, key: ReportKey) {
  return db
    .selectFrom('operations')
    .innerJoin('instances', 'instances.id', 'operations.instance_key')
    .select(reportColumns)
    .where('operations.platform_id', '=', key.platformId)
    .where('operations.instance_id', '=', key.instanceId)
    .where('operations.binding_id', 'is not distinct from', key.bindingId)
}

export async function findReport(
  db: Db,
  key: ReportKey,
  operationId: string,
): Promise<OperationReport | undefined> {
  const row = await selectReports(db, key)
    .where('operations.id', '=', operationId)
    .executeTakeFirst()
  return row === undefined ? undefined : toReport(row)
}

export async function findNewestReport(
  db: Db,
  key: ReportKey,
): Promise<OperationReport | undefined> {
  const row = await selectReports(db, key)
    .orderBy('operations.created_at', 'desc')
    .orderBy('operations.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : toReport(row)
}

/** How many operations wait for a person, over all platforms. For the operator's figures. */
export async function countParked(db: Db): Promise<number> {
  const row = await db
    .selectFrom('operations')
    .select(sql<number>`count(*)::int`.as('count'))
    .where(sql<boolean>`state = 'parked'`)
    .executeTakeFirstOrThrow()
  return row.count
}
