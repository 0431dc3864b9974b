import type { Db } from '../../db/database.ts'
import { forgetOwnersOfGone } from './store.ts'

const dayMs = 86_400_000
// So long people see who cared for an instance that is gone.
const keptMs = 90 * dayMs
const batch = 100

/**
 * Takes away who cared for instances that have been gone for 90 days: people, or texts that may
 * name them. Labels and cost centres stay.
 * @returns of how many instances, at most 100 at once, and whether there may be more
 */
export async function forgetOwners({
  db,
  now,
}: {
  readonly db: Db
  readonly now: () => Date
}): Promise<{ readonly owners: number; readonly isFull: boolean }> {
  const owners = await forgetOwnersOfGone(db, new Date(now().getTime() - keptMs), batch)
  return { owners, isFull: owners === batch }
}
