import type { OrdersDeps } from './deps.ts'
import { deleteDraftsBefore } from './claims/store.ts'
import { draftDays } from './order.ts'

const dayMs = 86_400_000
const batch = 500

/**
 * Deletes drafts, and discarded ones, 90 days after their last change.
 * @returns whether there may be more
 */
export async function deleteOldDrafts({
  db,
  now,
}: Pick<OrdersDeps, 'db' | 'now'>): Promise<boolean> {
  const before = new Date(now().getTime() - draftDays * dayMs)
  return (await deleteDraftsBefore(db, before, batch)) === batch
}
