import { sql, type Selectable } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { Findings } from '../../db/schema.gen.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { Finding, FindingDetails, FindingKind, ObjectKind } from '../finding.ts'
import { isProviderWithin } from '../store.ts'

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
    // saveFindings writes it from this type.
    details: row.details as unknown as FindingDetails,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    resolvedAt: row.resolved_at,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedReason: row.acknowledged_reason,
  }
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
    .where(isProviderWithin(scope, 'findings.provider_id'))
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

/** How many findings are open, by provider and kind, for the metrics. */
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
