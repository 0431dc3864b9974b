import { announce } from '../db/channels.ts'
import type { Db } from '../db/database.ts'
import { lockPublication, raiseRevision } from './publication/store.ts'
import { deleteTombstones, hasSurplus } from './tombstones/store.ts'

/**
 * Deletes withdrawn plans that nothing needs although nothing was published: a lower limit, or the
 * part that one publication leaves, would otherwise wait for the next change of the catalog.
 * @param max  how many stay
 */
export async function trimTombstones(
  db: Db,
  providerId: string,
  max: number,
  now: Date,
): Promise<void> {
  if (!(await hasSurplus(db, providerId, max))) return
  await db.transaction().execute(async (tx) => {
    // A publication may return them.
    await lockPublication(tx)
    if (!(await deleteTombstones(tx, providerId, max))) return
    await raiseRevision(tx, now)
    await announce(tx, 'catalog')
  })
}
