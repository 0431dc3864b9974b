import type { Db } from '../../db/database.ts'
import { findFirstWaitSeconds } from './queue/store.ts'

export { countUnlinked } from './queue/store.ts'

// A worker links once a second. This is longer than a restart takes.
const maxWaitSeconds = 600

/**
 * For how many minutes nothing has been linked, when events have waited so long that no worker can
 * be running, or that linking fails.
 * @returns undefined while linking keeps up
 */
export async function findStallMinutes(db: Db): Promise<number | undefined> {
  const seconds = await findFirstWaitSeconds(db)
  return seconds === undefined || seconds <= maxWaitSeconds ? undefined : Math.floor(seconds / 60)
}
