import { sql } from 'kysely'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import type { Tx } from '../../db/database.ts'
import type { IndexedOffering } from '../reading/task.ts'
import { isPublished } from '../store.ts'

/**
 * One publication at a time over all processes, because names are unique over all providers. Until
 * the transaction ends, Postgres reads by indexes. Otherwise, while catalogs grow faster than
 * autovacuum counts them, it reads the offerings and plans of all providers for those of one, and
 * starts parallel workers for it, which alone takes 20 ms and more.
 */
export async function lockPublication(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.publication}),
    set_config('enable_seqscan', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true)`.execute(tx)
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
  await withdrawPlans(tx, providerId, [], now)
  await tx
    .updateTable('offerings')
    .set({ withdrawn_at: now })
    .where(isPublished)
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
  offerings: readonly IndexedOffering[],
  now: Date,
): Promise<void> {
  const planIds = offerings.flatMap(({ plans }) => plans.map(({ id }) => id))
  await withdrawPlans(tx, providerId, planIds, now)
  await tx
    .updateTable('offerings')
    .set({ withdrawn_at: now })
    .where(isPublished)
    .where('provider_id', '=', providerId)
    .where(
      sql<boolean>`(id, name) not in (
        select * from unnest(${offerings.map(({ id }) => id)}::uuid[],
          ${offerings.map(({ name }) => name)}::text[]))`,
    )
    .execute()
}

async function withdrawPlans(
  tx: Tx,
  providerId: string,
  exceptIds: readonly string[],
  now: Date,
): Promise<void> {
  // With a join, or a plan for small tables, Postgres would read the plans of all providers.
  await sql`
    /* planned anew */
    update plans set withdrawn_at = ${now}
    where withdrawn_at is null
      and offering_id = any(array(select id from offerings where provider_id = ${providerId}))
      and not (id = any(${exceptIds}::uuid[]))`.execute(tx)
}

/**
 * Publishes offerings; a withdrawn one returns under its id. One that is published as it is stays
 * untouched.
 * @param rows      a JSON list, as reading/rows.ts makes it; Postgres takes it apart
 * @param withheld  ids of those of the list that stay withdrawn
 */
export async function upsertOfferings(
  tx: Tx,
  providerId: string,
  rows: Uint8Array,
  withheld: readonly string[],
): Promise<void> {
  await sql`
    insert into offerings (id, provider_id, upstream_id, name, position, body, upstream_flags)
    select id, ${providerId}::uuid, upstream_id, name, position, body, upstream_flags
    from json_to_recordset(${rows}::json) as row (
      id uuid, upstream_id text, name text, position integer, body json, upstream_flags jsonb
    )
    where not (id = any(${withheld}::uuid[]))
    on conflict (provider_id, upstream_id) do update set
      name = excluded.name,
      position = excluded.position,
      body = excluded.body,
      upstream_flags = excluded.upstream_flags,
      withdrawn_at = null
    where offerings.withdrawn_at is not null
      or (offerings.name, offerings.position, offerings.body::text, offerings.upstream_flags)
        is distinct from
        (excluded.name, excluded.position, excluded.body::text, excluded.upstream_flags)`.execute(
    tx,
  )
}

/**
 * Publishes plans, after their offerings. The provider's plan behind a published one never changes.
 * @param rows      as for the offerings
 * @param withheld  as for the offerings; with an offering all of its plans stay withdrawn
 */
export async function upsertPlans(
  tx: Tx,
  providerId: string,
  rows: Uint8Array,
  withheld: readonly string[],
): Promise<void> {
  await sql`
    with published as materialized (
      select * from json_to_recordset(${rows}::json) as row (
        id uuid, offering_id uuid, upstream_service_id text, upstream_id text,
        name text, position integer, body json
      )
      where not (id = any(${withheld}::uuid[]) or offering_id = any(${withheld}::uuid[]))
    ), upserted as (
      insert into plans (id, offering_id, upstream_id, name, position, body)
      select id, offering_id, upstream_id, name, position, body from published
      on conflict (offering_id, upstream_id) do update set
        name = excluded.name,
        position = excluded.position,
        body = excluded.body,
        withdrawn_at = null
      where plans.withdrawn_at is not null
        or (plans.name, plans.position, plans.body::text)
          is distinct from (excluded.name, excluded.position, excluded.body::text)
    )
    insert into plan_targets (plan_id, provider_id, upstream_service_id, upstream_plan_id)
    select id, ${providerId}::uuid, upstream_service_id, upstream_id from published
    on conflict do nothing`.execute(tx)
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
