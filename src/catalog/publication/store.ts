import { sql } from 'kysely'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import type { Tx } from '../../db/database.ts'
import type { PublishedOffering } from '../published.ts'

/** One publication at a time over all processes, because names are unique over all providers. */
export async function lockPublication(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.publication})`.execute(tx)
}

/** The names among these that another provider publishes already. */
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

/**
 * Withdraws all of a provider's offerings and plans. The rows stay: their instances still need
 * them.
 */
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

/**
 * Withdraws the offerings and plans of a provider that are not among these. An offering with
 * another name is withdrawn, too, until it is published again: meanwhile its former name is free.
 */
export async function withdrawOthers(
  tx: Tx,
  providerId: string,
  offerings: readonly PublishedOffering[],
  now: Date,
): Promise<void> {
  const planIds = offerings.flatMap(({ plans }) => plans.map(({ id }) => id))
  await tx
    .updateTable('plans')
    .set({ withdrawn_at: now })
    .where('withdrawn_at', 'is', null)
    .where('offering_id', 'in', (of) =>
      of.selectFrom('offerings').select('id').where('provider_id', '=', providerId),
    )
    .where(sql<boolean>`not (id = any(${planIds}::uuid[]))`)
    .execute()
  await tx
    .updateTable('offerings')
    .set({ withdrawn_at: now })
    .where('withdrawn_at', 'is', null)
    .where('provider_id', '=', providerId)
    .where(
      sql<boolean>`(id, name) not in (
        select * from unnest(${offerings.map(({ id }) => id)}::uuid[],
          ${offerings.map(({ name }) => name)}::text[]))`,
    )
    .execute()
}

// Postgres takes at most 65,535 parameters a statement; one with more ends the connection.
const maxRows = 1_000

function* portions<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let at = 0; at < rows.length; at += maxRows) yield rows.slice(at, at + maxRows)
}

/**
 * Publishes offerings; a withdrawn one returns under its id. One that is published as it is stays
 * untouched, with its revision.
 */
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
        conflict
          .columns(['provider_id', 'upstream_id'])
          .doUpdateSet((set) => ({
            name: set.ref('excluded.name'),
            position: set.ref('excluded.position'),
            body: set.ref('excluded.body'),
            upstream_flags: set.ref('excluded.upstream_flags'),
            withdrawn_at: null,
          }))
          .where(
            sql<boolean>`offerings.withdrawn_at is not null
            or (offerings.name, offerings.position, offerings.body::text, offerings.upstream_flags)
              is distinct from
              (excluded.name, excluded.position, excluded.body::text, excluded.upstream_flags)`,
          ),
      )
      .execute()
  }
}

/**
 * Publishes plans, after their offerings, as those. The provider's plan behind a published one
 * never changes.
 */
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
        conflict
          .columns(['offering_id', 'upstream_id'])
          .doUpdateSet((set) => ({
            name: set.ref('excluded.name'),
            position: set.ref('excluded.position'),
            body: set.ref('excluded.body'),
            withdrawn_at: null,
          }))
          .where(
            sql<boolean>`plans.withdrawn_at is not null
            or (plans.name, plans.position, plans.body::text)
              is distinct from (excluded.name, excluded.position, excluded.body::text)`,
          ),
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

/**
 * Each revision has a later second than the one before: clients ask with If-Modified-Since, in
 * whole seconds.
 */
export async function raiseRevision(tx: Tx, now: Date): Promise<void> {
  await tx
    .updateTable('catalog_revision')
    .set({
      revision: sql`revision + 1`,
      changed_at: sql`greatest(${now}, date_trunc('second', changed_at) + interval '1 second')`,
    })
    .execute()
}

export async function setOpenByDefault(tx: Tx, isOpen: boolean): Promise<void> {
  await tx.updateTable('catalog_revision').set({ open_by_default: isOpen }).execute()
}
