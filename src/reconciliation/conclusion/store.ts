import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { Finding, FindingDetails, FindingKind, ObjectKind } from '../finding.ts'

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
  /** Keyed digest of the finding's name. */
  readonly identity: Buffer
  readonly fingerprint: Buffer
}

/**
 * Inserts findings, or updates open ones. A finding whose content has changed is no longer
 * acknowledged.
 */
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
  // One JSON value, so that the statement is the same for any number of rows.
  await sql`
    insert into findings (
      id, provider_id, identity, kind, object_kind, upstream_id, upstream_instance_id,
      object_key, platform_id, instance_id, binding_id, details, fingerprint,
      first_seen_at, last_seen_at)
    select
      id, ${providerId}::uuid, decode(identity, 'hex'), kind, object, "upstreamId",
      "upstreamInstanceId", "objectKey", "platformId", "instanceId", "bindingId", details,
      decode(fingerprint, 'hex'), ${now}::timestamptz, ${now}::timestamptz
    from jsonb_to_recordset(${rows}::jsonb) as found(
      id uuid, identity text, kind text, object text, "upstreamId" text,
      "upstreamInstanceId" text, "objectKey" uuid, "platformId" uuid, "instanceId" text,
      "bindingId" text, details jsonb, fingerprint text)
    on conflict (provider_id, identity) where resolved_at is null do update set
      object_key = excluded.object_key, platform_id = excluded.platform_id,
      instance_id = excluded.instance_id, binding_id = excluded.binding_id,
      details = excluded.details, fingerprint = excluded.fingerprint,
      last_seen_at = excluded.last_seen_at,
      acknowledged_at = case
        when findings.fingerprint = excluded.fingerprint then findings.acknowledged_at end,
      acknowledged_reason = case
        when findings.fingerprint = excluded.fingerprint
        then findings.acknowledged_reason end`.execute(tx)
}

export interface Unresolved {
  readonly id: string
  readonly kind: FindingKind
  readonly object: ObjectKind
  readonly upstreamId: string
  readonly upstreamInstanceId: string
  readonly objectKey: string | null
  /** Names of the fields that differ. */
  readonly fields: readonly string[]
}

/** Findings that are not resolved, in the order of their ids. */
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

/** How many findings of a provider are not resolved, by kind; a missing kind has none. */
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

export interface Retention {
  readonly since: Date
  /** How many, the last resolved first. */
  readonly kept: number
  /** How many are deleted at a time. */
  readonly atOnce: number
}

/** Deletes findings that were resolved before `since`, and all but the last `kept`. */
export async function forgetResolved(
  tx: Tx,
  providerId: string,
  { since, kept, atOnce }: Retention,
): Promise<void> {
  await sql`delete from findings where id in (
    select id from (
      select id, resolved_at, row_number() over (order by resolved_at desc, id desc) as nth
      from findings where provider_id = ${providerId} and resolved_at is not null
    ) as resolved where resolved_at < ${since} or nth > ${kept} limit ${atOnce})`.execute(tx)
}

/** Deletes all but the newest runs of a provider. */
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
