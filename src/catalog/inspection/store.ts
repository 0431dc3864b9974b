import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'

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
    .where('withdrawn_at', 'is', null)
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Ids of those of its published plans whose names do not match, with the names. */
export async function listOddPlans(
  tx: Tx,
  providerId: string,
  pattern: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx
    .selectFrom('plans')
    .innerJoin('offerings', 'offerings.id', 'plans.offering_id')
    .select(['plans.id', 'plans.name'])
    .where('offerings.provider_id', '=', providerId)
    .where('plans.withdrawn_at', 'is', null)
    .where(sql<boolean>`plans.name !~ ${pattern}`)
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
