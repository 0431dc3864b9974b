import type { Db } from '../../db/database.ts'
import { weekMs } from './due-time.ts'
import { listDue, type After, type Renewal } from './store.ts'

export { isToBeRenewed, type Renewal } from './store.ts'

export interface RenewalDeps {
  readonly db: Db
  readonly now: () => Date
}

const nil = '00000000-0000-0000-0000-000000000000'

/**
 * A portion of the bindings that have fallen due for renewal within the last `lookBackMs`.
 * @param after  the end of the portion before
 * @returns `next`: where the next portion begins; undefined: there is none
 */
export async function listDueRenewals(
  { db, now }: RenewalDeps,
  lookBackMs: number,
  limit: number,
  after?: After,
): Promise<{ readonly renewals: readonly Renewal[]; readonly next: After | undefined }> {
  const at = now()
  const from = after ?? { dueAt: new Date(at.getTime() - lookBackMs), key: nil }
  const renewals = await listDue(db, from, at, weekMs, limit)
  return { renewals, next: renewals.length === limit ? renewals.at(-1) : undefined }
}
