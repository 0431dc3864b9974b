import { sql } from 'kysely'
import type { DbOrTx } from '../db/database.ts'

/** A provider as its catalog needs it. */
export interface ProviderRow {
  readonly id: string
  /** For people. */
  readonly label: string
  /** false: none of its offerings can be ordered. */
  readonly isActive: boolean
}

/** All providers in the order in which their offerings are published. */
export async function listCatalogProviders(db: DbOrTx): Promise<ProviderRow[]> {
  const rows = await db
    .selectFrom('providers')
    .select(['id', 'display_name', 'state'])
    .orderBy('created_at')
    .orderBy('name')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    label: row.display_name,
    isActive: row.state === 'active',
  }))
}

export interface Revision {
  /** Of the catalog and the rules. */
  readonly revision: string
  /**
   * When anything last changed that decides what platforms see, membership in organisations
   * included. Each change has a second of its own.
   */
  readonly changedAt: Date
  /** Whether plans that no rule names are shown; null: not stored yet. */
  readonly isOpen: boolean | null
}

export async function findRevision(db: DbOrTx): Promise<Revision> {
  const row = await db
    .selectFrom('catalog_revision')
    .select(['revision', 'changed_at', 'open_by_default'])
    .executeTakeFirstOrThrow()
  return { revision: row.revision, changedAt: row.changed_at, isOpen: row.open_by_default }
}

/**
 * Of a row of `offerings`, for queries about one provider. Written otherwise, Postgres may read the
 * index of the published names of all providers for it, until it knows how many they are.
 */
export const isPublished = sql<boolean>`num_nonnulls(offerings.withdrawn_at) = 0`

export async function countPublished(
  db: DbOrTx,
  providerId: string,
): Promise<{ offerings: number; plans: number }> {
  const published = sql`from offerings where provider_id = ${providerId} and ${isPublished}`
  const statement = sql<{ offerings: number; plans: number }>`
    /* planned anew */
    select (select count(*)::int ${published}) as offerings,
      (select count(*)::int from plans
        where withdrawn_at is null and offering_id = any(array(select id ${published}))) as plans`
  const { rows } = await statement.execute(db)
  return rows[0] ?? { offerings: 0, plans: 0 }
}
