import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { isPublished } from '../store.ts'

/** Names of providers, removed ones too, that begin with this name and a hyphen. */
export async function listLongerNames(tx: Tx, name: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('providers')
    .select('name')
    .where(sql<boolean>`starts_with(name, ${`${name}-`})`)
    .orderBy('name')
    .execute()
  return rows.map((row) => row.name)
}

/** Ids of a provider's published offerings, with their names. */
export async function listPublishedOfferings(
  tx: Tx,
  providerId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx
    .selectFrom('offerings')
    .select(['id', 'name'])
    .where('provider_id', '=', providerId)
    .where(isPublished)
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Ids of those of its published plans whose names do not match, with the names. */
export async function listOddPlans(
  tx: Tx,
  providerId: string,
  pattern: string,
): Promise<ReadonlyMap<string, string>> {
  // So that Postgres tries the pattern only on these, not on the plans of all providers: it expects
  // few plans to match, and a join or a plan for small tables would begin with the pattern.
  const { rows } = await sql<{ readonly id: string; readonly name: string }>`
    /* planned anew */
    with published as materialized (
      select id, name from plans
      where withdrawn_at is null
        and offering_id = any(array(select id from offerings where provider_id = ${providerId}))
    )
    select id, name from published where name !~ ${pattern}`.execute(tx)
  return new Map(rows.map(({ id, name }) => [id, name]))
}
