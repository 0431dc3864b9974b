import { sql, type Selectable } from 'kysely'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import type { Findings, ReconciliationRuns } from '../db/schema.gen.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { Finding, FindingDetails, FindingKind, ObjectKind } from './finding.ts'
import type { Counts, Run } from './run.ts'

const runColumns = [
  'id',
  'provider_id',
  'cause',
  'requested_at',
  'started_at',
  'finished_at',
  'fencing_token',
  'by_listing',
  'instances_checked',
  'bindings_checked',
  'skipped',
  'unclear',
  'left_out',
  'error',
] as const

function toRun(row: Pick<Selectable<ReconciliationRuns>, (typeof runColumns)[number]>): Run {
  return {
    id: row.id,
    providerId: row.provider_id,
    cause: row.cause as Run['cause'],
    requestedAt: row.requested_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    fencingToken: row.fencing_token,
    byListing: row.by_listing,
    counts: {
      instancesChecked: row.instances_checked,
      bindingsChecked: row.bindings_checked,
      skipped: row.skipped,
      unclear: row.unclear,
      leftOut: row.left_out,
    },
    error: row.error,
  }
}

/** Gives each provider without a time for its next run one: spread over its interval, or at its end if that was made shorter. */
export async function planRuns(db: DbOrTx, now: Date): Promise<void> {
  await db
    .updateTable('providers')
    .set({
      next_reconcile_at: sql`${now}::timestamptz + reconcile_seconds * interval '1 second' * case when next_reconcile_at is null then random() else 1 end`,
    })
    .where('reconcile_seconds', '>', 0)
    .where('state', '!=', 'removed')
    .where(
      sql<boolean>`(next_reconcile_at is null or next_reconcile_at > ${now}::timestamptz + reconcile_seconds * interval '1 second')`,
    )
    .execute()
}

/** Providers whose run is due now, and no other process gets the same. */
export async function claimDueProviders(tx: Tx, now: Date): Promise<string[]> {
  const rows = await tx
    .updateTable('providers')
    .set({ next_reconcile_at: sql`${now}::timestamptz + reconcile_seconds * interval '1 second'` })
    .where('reconcile_seconds', '>', 0)
    .where('state', '!=', 'removed')
    .where('next_reconcile_at', '<=', now)
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}

/** @returns false when a run of the provider is not over yet */
export async function insertRun(
  tx: Tx,
  id: string,
  providerId: string,
  cause: Run['cause'],
  now: Date,
): Promise<boolean> {
  const row = await tx
    .insertInto('reconciliation_runs')
    .values({ id, provider_id: providerId, cause, requested_at: now })
    .onConflict((conflict) =>
      conflict.column('provider_id').where('finished_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

// Whoever may see a provider may see what was found there.
function isOfOneWithin(
  scope: AccessScope,
  providerId: 'reconciliation_runs.provider_id' | 'findings.provider_id',
) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`exists (select from providers where providers.id = ${sql.ref(providerId)} and providers.name = any(${scope.providers}))`
}

export async function findRun(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<Run | undefined> {
  const row = await db
    .selectFrom('reconciliation_runs')
    .select(runColumns)
    .where('id', '=', id)
    .where(isOfOneWithin(scope, 'reconciliation_runs.provider_id'))
    .executeTakeFirst()
  return row === undefined ? undefined : toRun(row)
}

export async function findLastRun(db: DbOrTx, providerId: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('reconciliation_runs')
    .select(runColumns)
    .where('provider_id', '=', providerId)
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : toRun(row)
}

/**
 * Claims runs that no live process works on, the oldest first; what another process has locked is left out. A run whose
 * lease is over belonged to a process that died or lost its database.
 */
export async function claimRuns(
  db: Db,
  now: Date,
  leaseUntil: Date,
  limit: number,
): Promise<Run[]> {
  const rows = await db
    .updateTable('reconciliation_runs')
    .set({ fencing_token: sql`fencing_token + 1`, started_at: now, lease_until: leaseUntil })
    .where('id', 'in', (query) =>
      query
        .selectFrom('reconciliation_runs as due')
        .select('due.id')
        .where('due.finished_at', 'is', null)
        .where((where) =>
          where.or([where('due.lease_until', 'is', null), where('due.lease_until', '<=', now)]),
        )
        .orderBy('due.requested_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(runColumns)
    .execute()
  return rows.map(toRun)
}

/** @returns false when the claim is no longer ours */
export async function renewRun(
  db: Db,
  { id, fencingToken }: Pick<Run, 'id' | 'fencingToken'>,
  leaseUntil: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('reconciliation_runs')
    .set({ lease_until: leaseUntil })
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Keeps others from the run until the transaction ends. @returns false when the claim is no longer ours */
export async function lockRun(
  tx: Tx,
  { id, fencingToken }: Pick<Run, 'id' | 'fencingToken'>,
): Promise<boolean> {
  const row = await tx
    .selectFrom('reconciliation_runs')
    .select('id')
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .where('finished_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

export interface RunEnd {
  readonly byListing: boolean | null
  readonly counts: Counts
  readonly error: string | null
}

/** @returns false when the claim is no longer ours: then nothing of what was found may be written */
export async function finishRun(
  db: DbOrTx,
  { id, fencingToken }: Pick<Run, 'id' | 'fencingToken'>,
  { byListing, counts, error }: RunEnd,
  now: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('reconciliation_runs')
    .set({
      finished_at: now,
      lease_until: null,
      by_listing: byListing,
      error,
      instances_checked: counts.instancesChecked,
      bindings_checked: counts.bindingsChecked,
      skipped: counts.skipped,
      unclear: counts.unclear,
      left_out: counts.leftOut,
    })
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Forgets all but the newest runs of a provider. */
export async function forgetOldRuns(tx: Tx, providerId: string, kept: number): Promise<void> {
  await tx
    .deleteFrom('reconciliation_runs')
    .where('id', 'in', (query) =>
      query
        .selectFrom('reconciliation_runs')
        .select('id')
        .where('provider_id', '=', providerId)
        .where('finished_at', 'is not', null)
        .orderBy('requested_at', 'desc')
        .orderBy('id', 'desc')
        .offset(kept),
    )
    .execute()
}

const findingColumns = [
  'id',
  'provider_id',
  'kind',
  'object_kind',
  'upstream_id',
  'upstream_instance_id',
  'platform_id',
  'instance_id',
  'binding_id',
  'details',
  'first_seen_at',
  'last_seen_at',
  'resolved_at',
  'acknowledged_at',
  'acknowledged_reason',
] as const

function toFinding(row: Pick<Selectable<Findings>, (typeof findingColumns)[number]>): Finding {
  return {
    id: row.id,
    providerId: row.provider_id,
    kind: row.kind as FindingKind,
    object: row.object_kind as ObjectKind,
    upstreamId: row.upstream_id,
    upstreamInstanceId: row.upstream_instance_id,
    platformId: row.platform_id,
    instanceId: row.instance_id,
    bindingId: row.binding_id,
    // written below, from just this
    details: row.details as unknown as FindingDetails,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    resolvedAt: row.resolved_at,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedReason: row.acknowledged_reason,
  }
}

export interface NewFinding extends Omit<
  Finding,
  | 'providerId'
  | 'firstSeenAt'
  | 'lastSeenAt'
  | 'resolvedAt'
  | 'acknowledgedAt'
  | 'acknowledgedReason'
> {
  readonly objectKey: string | null
  /** Digest of its name. */
  readonly identity: Buffer
  readonly fingerprint: Buffer
}

/** One that is open already is seen again; if it is no longer the same, nobody has acknowledged it. */
export async function saveFindings(
  tx: Tx,
  providerId: string,
  findings: readonly NewFinding[],
  now: Date,
): Promise<void> {
  const rows = JSON.stringify(
    findings.map(({ identity, fingerprint, ...finding }) => ({
      ...finding,
      identity: identity.toString('hex'),
      fingerprint: fingerprint.toString('hex'),
    })),
  )
  // As one value, so that the statement is the same for any number of rows.
  await sql`insert into findings (id, provider_id, identity, kind, object_kind, upstream_id, upstream_instance_id, object_key, platform_id, instance_id, binding_id,
      details, fingerprint, first_seen_at, last_seen_at)
    select id, ${providerId}::uuid, decode(identity, 'hex'), kind, object, "upstreamId", "upstreamInstanceId", "objectKey", "platformId", "instanceId", "bindingId",
      details, decode(fingerprint, 'hex'), ${now}::timestamptz, ${now}::timestamptz
    from jsonb_to_recordset(${rows}::jsonb) as found(id uuid, identity text, kind text, object text, "upstreamId" text, "upstreamInstanceId" text, "objectKey" uuid,
      "platformId" uuid, "instanceId" text, "bindingId" text, details jsonb, fingerprint text)
    on conflict (provider_id, identity) where resolved_at is null do update set
      object_key = excluded.object_key, platform_id = excluded.platform_id,
      instance_id = excluded.instance_id, binding_id = excluded.binding_id, details = excluded.details, fingerprint = excluded.fingerprint,
      last_seen_at = excluded.last_seen_at,
      acknowledged_at = case when findings.fingerprint = excluded.fingerprint then findings.acknowledged_at end,
      acknowledged_reason = case when findings.fingerprint = excluded.fingerprint then findings.acknowledged_reason end`.execute(
    tx,
  )
}

export interface Unresolved {
  readonly id: string
  readonly kind: FindingKind
  readonly object: ObjectKind
  readonly upstreamId: string
  readonly upstreamInstanceId: string
  readonly objectKey: string | null
  /** What differs, by name. */
  readonly fields: readonly string[]
}

/** What is not resolved yet, in the order of the ids. */
export async function listUnresolved(
  db: DbOrTx,
  providerId: string,
  after: string | undefined,
  limit: number,
): Promise<Unresolved[]> {
  const rows = await db
    .selectFrom('findings')
    .select([
      'id',
      'kind',
      'object_kind',
      'upstream_id',
      'upstream_instance_id',
      'object_key',
      'details',
    ])
    .where('provider_id', '=', providerId)
    .where('resolved_at', 'is', null)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind as FindingKind,
    object: row.object_kind as ObjectKind,
    upstreamId: row.upstream_id,
    upstreamInstanceId: row.upstream_instance_id,
    objectKey: row.object_key,
    fields: (row.details as unknown as FindingDetails).fields ?? [],
  }))
}

export async function resolveFindings(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await tx
    .updateTable('findings')
    .set({ resolved_at: now })
    .where(sql<boolean>`id = any(${ids})`)
    .execute()
}

/** How many findings of a provider are not resolved, by kind; a kind that is not there has none. */
export async function countUnresolved(
  tx: Tx,
  providerId: string,
): Promise<ReadonlyMap<FindingKind, number>> {
  const rows = await tx
    .selectFrom('findings')
    .select(['kind', sql<number>`count(*)::int`.as('count')])
    .where('provider_id', '=', providerId)
    .where('resolved_at', 'is', null)
    .groupBy('kind')
    .execute()
  return new Map(rows.map(({ kind, count }) => [kind as FindingKind, count]))
}

export interface Keeping {
  readonly since: Date
  /** How many, the last resolved first. */
  readonly kept: number
  /** How many are forgotten at once. */
  readonly atOnce: number
}

/** Forgets findings that were resolved before `since`, and all but the last `kept`. */
export async function forgetResolved(
  tx: Tx,
  providerId: string,
  { since, kept, atOnce }: Keeping,
): Promise<void> {
  await sql`delete from findings where id in (
    select id from (
      select id, resolved_at, row_number() over (order by resolved_at desc, id desc) as nth
      from findings where provider_id = ${providerId} and resolved_at is not null
    ) as resolved where resolved_at < ${since} or nth > ${kept} limit ${atOnce})`.execute(tx)
}

export interface FindingQuery {
  /** `open`: neither resolved nor acknowledged */
  readonly state: 'open' | 'all'
  readonly kind?: FindingKind | undefined
  readonly after?: string | undefined
  readonly limit: number
}

export async function listFindings(
  db: Db,
  providerId: string,
  { state, kind, after, limit }: FindingQuery,
): Promise<Finding[]> {
  const rows = await db
    .selectFrom('findings')
    .select(findingColumns)
    .where('provider_id', '=', providerId)
    .$if(state === 'open', (query) =>
      query.where('resolved_at', 'is', null).where('acknowledged_at', 'is', null),
    )
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toFinding)
}

export async function lockFinding(
  tx: Tx,
  scope: AccessScope,
  id: string,
): Promise<Finding | undefined> {
  const row = await tx
    .selectFrom('findings')
    .select(findingColumns)
    .where('id', '=', id)
    .where(isOfOneWithin(scope, 'findings.provider_id'))
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : toFinding(row)
}

export async function acknowledgeFinding(
  tx: Tx,
  id: string,
  reason: string,
  now: Date,
): Promise<Finding> {
  const row = await tx
    .updateTable('findings')
    .set({ acknowledged_at: now, acknowledged_reason: reason })
    .where('id', '=', id)
    .returning(findingColumns)
    .executeTakeFirstOrThrow()
  return toFinding(row)
}

/** How many findings are open, by the provider's name and kind. For the operator's figures. */
export async function countOpenFindings(
  db: Db,
): Promise<Array<{ provider: string; kind: string; count: number }>> {
  return db
    .selectFrom('findings')
    .innerJoin('providers', 'providers.id', 'findings.provider_id')
    .select(['providers.name as provider', 'findings.kind', sql<number>`count(*)::int`.as('count')])
    .where('findings.resolved_at', 'is', null)
    .where('findings.acknowledged_at', 'is', null)
    .where('providers.state', '!=', 'removed')
    .groupBy(['providers.name', 'findings.kind'])
    .execute()
}
