import { sql } from 'kysely'
import type { CatalogValidators } from '../backends/backend.ts'
import { advisoryLocks } from '../db/advisory-locks.ts'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import type { CatalogFinding } from '../types.gen.ts'
import type { PublishedOffering, UpstreamFlags } from './published.ts'

/** How the reading of one provider's catalog stands. */
export interface CatalogState {
  readonly validators: CatalogValidators
  readonly contentDigest: Buffer | null
  readonly providerRevision: number
  readonly checkedAt: Date | null
  readonly changedAt: Date | null
  readonly error: string | null
  readonly failures: number
  readonly findings: readonly CatalogFinding[]
}

export async function findCatalogState(
  db: DbOrTx,
  providerId: string,
): Promise<CatalogState | undefined> {
  const row = await db
    .selectFrom('provider_catalogs')
    .select([
      'etag',
      'last_modified',
      'content_digest',
      'provider_revision',
      'checked_at',
      'changed_at',
      'error',
      'failures',
      'findings',
    ])
    .where('provider_id', '=', providerId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    validators: {
      ...(row.etag === null ? {} : { etag: row.etag }),
      ...(row.last_modified === null ? {} : { lastModified: row.last_modified }),
    },
    contentDigest: row.content_digest,
    providerRevision: row.provider_revision,
    checkedAt: row.checked_at,
    changedAt: row.changed_at,
    error: row.error,
    failures: row.failures,
    // written only by saveRead, as an array of findings
    findings: row.findings as unknown as CatalogFinding[],
  }
}

export interface GoodRead {
  readonly validators: CatalogValidators
  readonly contentDigest: Buffer
  readonly findings: readonly CatalogFinding[]
  readonly providerRevision: number
  readonly changed: boolean
}

/** Writes how a good reading ended. */
export async function saveRead(
  tx: Tx,
  providerId: string,
  read: GoodRead,
  now: Date,
  nextRefreshAt: Date,
): Promise<void> {
  const values = {
    etag: read.validators.etag ?? null,
    last_modified: read.validators.lastModified ?? null,
    content_digest: read.contentDigest,
    provider_revision: read.providerRevision,
    checked_at: now,
    ...(read.changed ? { changed_at: now } : {}),
    failures: 0,
    error: null,
    findings: JSON.stringify(read.findings),
    next_refresh_at: nextRefreshAt,
  }
  await tx
    .insertInto('provider_catalogs')
    .values({ provider_id: providerId, ...values })
    .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(values))
    .execute()
}

/** Notes something that showed only when the catalog was used; once, and until the catalog changes. */
export async function addFinding(
  db: Db,
  providerId: string,
  finding: CatalogFinding,
): Promise<void> {
  const added = JSON.stringify([finding])
  await db
    .updateTable('provider_catalogs')
    .set({ findings: sql`findings || ${added}::jsonb` })
    .where('provider_id', '=', providerId)
    .where(sql<boolean>`not findings @> ${added}::jsonb`)
    .where(sql<boolean>`jsonb_array_length(findings) < 1000`)
    .execute()
}

/** When a reading took place; a later one that was faster is not overwritten by it. */
export interface ReadingTime {
  readonly startedAt: Date
  readonly endedAt: Date
  readonly nextAt: Date
}

/** The provider said that nothing changed. */
export async function saveUnchanged(
  db: Db,
  providerId: string,
  read: ReadingTime,
  providerRevision: number,
): Promise<void> {
  await db
    .updateTable('provider_catalogs')
    .set({ checked_at: read.endedAt, failures: 0, error: null, next_refresh_at: read.nextAt })
    .where('provider_id', '=', providerId)
    .where('provider_revision', '=', providerRevision)
    .where((where) =>
      where.or([where('checked_at', 'is', null), where('checked_at', '<=', read.startedAt)]),
    )
    .execute()
}

/** The last good copy stays. */
export async function saveFailure(
  db: Db,
  providerId: string,
  error: string,
  read: ReadingTime,
): Promise<void> {
  const values = { failed_at: read.endedAt, error, next_refresh_at: read.nextAt }
  await db
    .insertInto('provider_catalogs')
    .values({ provider_id: providerId, failures: 1, ...values })
    .onConflict((conflict) =>
      conflict
        .column('provider_id')
        .doUpdateSet({ ...values, failures: sql`provider_catalogs.failures + 1` })
        .where((where) =>
          where.or([
            where('provider_catalogs.checked_at', 'is', null),
            where('provider_catalogs.checked_at', '<=', read.startedAt),
          ]),
        ),
    )
    .execute()
}

/** Active providers whose catalog was never read are due now. */
export async function insertMissingStates(db: Db, now: Date): Promise<void> {
  await db
    .insertInto('provider_catalogs')
    .columns(['provider_id', 'next_refresh_at'])
    .expression((query) =>
      query
        .selectFrom('providers')
        .select(['providers.id', sql<Date>`${now}::timestamptz`.as('due')])
        .where('providers.state', '=', 'active')
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('provider_catalogs')
                .select('provider_id')
                .whereRef('provider_id', '=', 'providers.id'),
            ),
          ),
        ),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Claims catalogs of active providers that are due, the longest overdue first; what another process has locked is left out. */
export async function claimDue(
  db: Db,
  now: Date,
  leaseUntil: Date,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .updateTable('provider_catalogs')
    .set({ next_refresh_at: leaseUntil })
    .where('provider_id', 'in', (query) =>
      query
        .selectFrom('provider_catalogs as due')
        .innerJoin('providers', 'providers.id', 'due.provider_id')
        .select('due.provider_id')
        .where('providers.state', '=', 'active')
        .where('due.next_refresh_at', '<=', now)
        .orderBy('due.next_refresh_at')
        .limit(limit)
        .forUpdate('due')
        .skipLocked(),
    )
    .returning('provider_id')
    .execute()
  return rows.map((row) => row.provider_id)
}

export async function setDue(db: DbOrTx, providerId: string, now: Date): Promise<void> {
  await db
    .updateTable('provider_catalogs')
    .set({ next_refresh_at: now })
    .where('provider_id', '=', providerId)
    .where('next_refresh_at', '>', now)
    .execute()
}

/** One publication at a time over all processes: names are unique over all providers. */
export async function lockPublication(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.publication})`.execute(tx)
}

/** Which of these names another provider publishes already. */
export async function listTakenNames(
  tx: Tx,
  providerId: string,
  names: readonly string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set()
  const rows = await tx
    .selectFrom('offerings')
    .select('name')
    .where(sql<boolean>`name = any(${names})`)
    .where('provider_id', '!=', providerId)
    .where('withdrawn_at', 'is', null)
    .execute()
  return new Set(rows.map((row) => row.name))
}

/** Withdraws all of a provider's offerings and plans: tombstones, which their instances still need. */
export async function withdrawAll(tx: Tx, providerId: string, now: Date): Promise<void> {
  await tx
    .updateTable('plans')
    .set({ withdrawn_at: now })
    .where('withdrawn_at', 'is', null)
    .where('offering_id', 'in', (of) =>
      of.selectFrom('offerings').select('id').where('provider_id', '=', providerId),
    )
    .execute()
  await tx
    .updateTable('offerings')
    .set({ withdrawn_at: now })
    .where('withdrawn_at', 'is', null)
    .where('provider_id', '=', providerId)
    .execute()
}

// A statement takes 65,535 values at most, and one with more ends the connection.
const maxRows = 1_000

function* portions<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let at = 0; at < rows.length; at += maxRows) yield rows.slice(at, at + maxRows)
}

/** Publishes offerings and plans; one that was withdrawn comes back. */
export async function upsertOfferings(
  tx: Tx,
  providerId: string,
  offerings: readonly PublishedOffering[],
): Promise<void> {
  const rows = offerings.map((offering, position) => ({
    id: offering.id,
    provider_id: providerId,
    upstream_id: offering.upstreamId,
    name: offering.name,
    position,
    body: JSON.stringify(offering.body),
    upstream_flags: JSON.stringify(offering.upstreamFlags),
  }))
  for (const portion of portions(rows)) {
    await tx
      .insertInto('offerings')
      .values(portion)
      .onConflict((conflict) =>
        conflict.columns(['provider_id', 'upstream_id']).doUpdateSet((set) => ({
          name: set.ref('excluded.name'),
          position: set.ref('excluded.position'),
          body: set.ref('excluded.body'),
          upstream_flags: set.ref('excluded.upstream_flags'),
          withdrawn_at: null,
        })),
      )
      .execute()
  }
}

/** After their offerings; where a plan is ordered never changes. */
export async function upsertPlans(
  tx: Tx,
  providerId: string,
  offerings: readonly PublishedOffering[],
): Promise<void> {
  const plans = offerings.flatMap((offering) =>
    offering.plans.map((plan, position) => ({ offering, plan, position })),
  )
  for (const portion of portions(plans)) {
    await tx
      .insertInto('plans')
      .values(
        portion.map(({ offering, plan, position }) => ({
          id: plan.id,
          offering_id: offering.id,
          upstream_id: plan.upstreamId,
          name: plan.name,
          position,
          body: JSON.stringify(plan.body),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['offering_id', 'upstream_id']).doUpdateSet((set) => ({
          name: set.ref('excluded.name'),
          position: set.ref('excluded.position'),
          body: set.ref('excluded.body'),
          withdrawn_at: null,
        })),
      )
      .execute()
    await tx
      .insertInto('plan_targets')
      .values(
        portion.map(({ offering, plan }) => ({
          plan_id: plan.id,
          provider_id: providerId,
          upstream_service_id: offering.upstreamId,
          upstream_plan_id: plan.upstreamId,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Each revision has a later second than the one before, for by whole seconds a client asks whether it has changed. */
export async function raiseRevision(tx: Tx, now: Date): Promise<void> {
  await tx
    .updateTable('catalog_revision')
    .set({
      revision: sql`revision + 1`,
      changed_at: sql`greatest(${now}, date_trunc('second', changed_at) + interval '1 second')`,
    })
    .execute()
}

export interface CatalogRow {
  readonly offeringId: string
  readonly offeringName: string
  readonly offeringBody: Record<string, unknown>
  readonly upstreamFlags: UpstreamFlags
  readonly providerId: string
  readonly providerLabel: string
  readonly planId: string
  readonly planName: string
  readonly planBody: Record<string, unknown>
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
  readonly published: boolean
}

/** Every plan that ever was, withdrawn ones too, in the order of publication. */
export async function listCatalogRows(db: DbOrTx): Promise<CatalogRow[]> {
  const rows = await db
    .selectFrom('plans')
    .innerJoin('offerings', 'offerings.id', 'plans.offering_id')
    .innerJoin('plan_targets', 'plan_targets.plan_id', 'plans.id')
    .innerJoin('providers', 'providers.id', 'plan_targets.provider_id')
    .select([
      'offerings.id as offering_id',
      'offerings.name as offering_name',
      'offerings.body as offering_body',
      'offerings.upstream_flags',
      'plans.id as plan_id',
      'plans.name as plan_name',
      'plans.body as plan_body',
      'plan_targets.provider_id',
      'providers.display_name as provider_label',
      'plan_targets.upstream_service_id',
      'plan_targets.upstream_plan_id',
      sql<boolean>`providers.state = 'active' and offerings.withdrawn_at is null and plans.withdrawn_at is null`.as(
        'published',
      ),
    ])
    .orderBy('providers.created_at')
    .orderBy('providers.name')
    .orderBy('offerings.position')
    .orderBy('offerings.id')
    .orderBy('plans.position')
    .orderBy('plans.id')
    .execute()
  return rows.map((row) => ({
    offeringId: row.offering_id,
    offeringName: row.offering_name,
    // bodies and flags are written only by upsertOfferings
    offeringBody: row.offering_body as Record<string, unknown>,
    upstreamFlags: row.upstream_flags as unknown as UpstreamFlags,
    providerId: row.provider_id,
    providerLabel: row.provider_label,
    planId: row.plan_id,
    planName: row.plan_name,
    planBody: row.plan_body as Record<string, unknown>,
    upstreamServiceId: row.upstream_service_id,
    upstreamPlanId: row.upstream_plan_id,
    published: row.published,
  }))
}

export interface Revision {
  /** Of the catalog and the rules. */
  readonly revision: string
  /** When anything last changed that decides what platforms see: also who belongs to whom. Each change has a second of its own. */
  readonly changedAt: Date
  /** Whether a plan that no rule names is for everybody; null: nobody has said so yet. */
  readonly isOpen: boolean | null
}

export async function findRevision(db: DbOrTx): Promise<Revision> {
  const row = await db
    .selectFrom('catalog_revision')
    .select(['revision', 'changed_at', 'open_by_default'])
    .executeTakeFirstOrThrow()
  return { revision: row.revision, changedAt: row.changed_at, isOpen: row.open_by_default }
}

export async function setOpenByDefault(tx: Tx, isOpen: boolean): Promise<void> {
  await tx.updateTable('catalog_revision').set({ open_by_default: isOpen }).execute()
}

export async function countPublished(
  db: DbOrTx,
  providerId: string,
): Promise<{ offerings: number; plans: number }> {
  const row = await db
    .selectFrom('offerings')
    .leftJoin('plans', (join) =>
      join.onRef('plans.offering_id', '=', 'offerings.id').on('plans.withdrawn_at', 'is', null),
    )
    .select([
      sql<number>`count(distinct offerings.id)::int`.as('offerings'),
      sql<number>`count(plans.id)::int`.as('plans'),
    ])
    .where('offerings.provider_id', '=', providerId)
    .where('offerings.withdrawn_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row
}

/** Forgets how the reading stood, so that a provider that comes back is read from scratch. */
export async function deleteCatalogState(tx: Tx, providerId: string): Promise<void> {
  await tx.deleteFrom('provider_catalogs').where('provider_id', '=', providerId).execute()
}
