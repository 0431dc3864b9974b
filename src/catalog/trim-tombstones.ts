import { announce } from '../db/channels.ts'
import type { Db } from '../db/database.ts'
import { lockPublication, raiseRevision } from './publication/store.ts'
import { deleteTombstones, findUnneeded, type TombstoneLimits } from './tombstones/store.ts'

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
  // Most often there are none: only then is the lock, which holds up all publications, not needed.
  if ((await findUnneeded(db, providerId, limits)).length === 0) return
  await db.transaction().execute(async (tx) => {
    // A publication may return them.
    await lockPublication(tx)
    if (!(await deleteTombstones(tx, providerId, limits))) return
    await raiseRevision(tx, now)
    await announce(tx, 'catalog')
  })
}
