import type { Db } from '../../db/database.ts'
import type { EngineTimes } from '../context.ts'
import type { Operation } from '../operation.ts'
import { claimByPlatform, claimOldest, type Free } from './due/store.ts'

/**
 * Claims due operations, for each provider as many as `free` says, in equal shares of the
 * platforms.
 * @throws the driver's error when nothing could be claimed
 */
export type ClaimDue = (free: Free, now: Date) => Promise<Operation[]>

/**
 * A provider whose last claim used up all that was free may have a backlog: its next claim looks at
 * each platform, which costs more.
 */
export function createClaimDue(
  db: Db,
  times: Pick<EngineTimes, 'leaseMs' | 'inDoubtMs'>,
): ClaimDue {
  const behind = new Set<string>()
  return async (free, now) => {
    const some = [...free].filter(([, count]) => count > 0)
    const groups = Map.groupBy(some, ([id]) => (behind.has(id) ? claimByPlatform : claimOldest))
    const claims = await Promise.allSettled(
      [...groups].map(([claim, slots]) => claim(db, new Map(slots), now, times)),
    )
    const claimed = claims.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    // What one statement has claimed must be worked on though the other failed.
    const failed = claims.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected' && claimed.length === 0) throw failed.reason
    const counts = Map.groupBy(claimed, ({ providerId }) => providerId)
    for (const [id, count] of some)
      if ((counts.get(id)?.length ?? 0) >= count) behind.add(id)
      else behind.delete(id)
    return claimed
  }
}
