import { announce } from '../db/channels.ts'
import type { Db } from '../db/database.ts'
import { lockPublication, raiseRevision } from './publication/store.ts'
import { deleteTombstones, hasSurplus, type TombstoneLimits } from './tombstones/store.ts'

/**
 * Deletes withdrawn plans that nothing needs although nothing was published: a lower limit, or the
 * part that one publication leaves, would otherwise wait for the next change of the catalog.
 */
export async function trimTombstones(
  db: Db,
  providerId: string,
  limits: TombstoneLimits,
  now: Date,
): Promise<void> {
  if (!(await hasSurplus(db, providerId, limits))) return
  await db.transaction().execute(async (tx) => {
    // A publication may return them.
    await lockPublication(tx)
    if (!(await deleteTombstones(tx, providerId, limits))) return
    await raiseRevision(tx, now)
    await announce(tx, 'catalog')
  })
}
