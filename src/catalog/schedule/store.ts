import { sql } from 'kysely'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'

/** Makes active providers due whose catalog was never read. */
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

/**
 * Claims catalogs of active providers that are due, the longest overdue first; what another process
 * has locked is left out.
 */
export async function claimDue(
  db: Db,
  now: Date,
  leaseUntil: Date,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .updateTable('provider_catalogs')
    .set({ next_refresh_at: leaseUntil })
    // An array, so that Postgres evaluates the limited query once.
    .where((where) => {
      const due = where
        .selectFrom('provider_catalogs as due')
        .innerJoin('providers', 'providers.id', 'due.provider_id')
        .select('due.provider_id')
        .where('providers.state', '=', 'active')
        .where('due.next_refresh_at', '<=', now)
        .orderBy('due.next_refresh_at')
        .limit(limit)
        .forUpdate('due')
        .skipLocked()
      return sql<boolean>`provider_id = any(array(${due}))`
    })
    .returning('provider_id')
    .execute()
  return rows.map((row) => row.provider_id)
}

/** Leases the catalog of a provider, whether or not it has been read before. */
export async function leaseCatalog(tx: Tx, providerId: string, until: Date): Promise<void> {
  await tx
    .insertInto('provider_catalogs')
    .values({ provider_id: providerId, next_refresh_at: until })
    .onConflict((conflict) =>
      conflict.column('provider_id').doUpdateSet({ next_refresh_at: until }),
    )
    .execute()
}

/** Makes a catalog due then that would be due later. */
export async function setDue(db: DbOrTx, providerId: string, at: Date): Promise<void> {
  await db
    .updateTable('provider_catalogs')
    .set({ next_refresh_at: at })
    .where('provider_id', '=', providerId)
    .where('next_refresh_at', '>', at)
    .execute()
}

/**
 * Makes a leased catalog due when the provider's interval is over. One that has become due
 * meanwhile stays so.
 */
export async function setDueAfterInterval(db: Db, providerId: string, now: Date): Promise<void> {
  await sql`update provider_catalogs
    set next_refresh_at = ${now}::timestamptz + providers.refresh_seconds * interval '1 second'
    from providers
    where providers.id = provider_catalogs.provider_id and provider_id = ${providerId}
      and next_refresh_at > ${now}`.execute(db)
}
