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
