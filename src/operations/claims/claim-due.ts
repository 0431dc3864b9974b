import type { Db } from '../../db/database.ts'
import type { EngineTimes } from '../context.ts'
import type { Operation } from '../operation.ts'
import { claimByPlatform, claimOldest, type Free } from './due/store.ts'

/**
 * Claims due operations, for each provider as many as `free` says, in equal shares of the
 * platforms.
 * @throws the driver's error when every statement failed
 */
export type ClaimDue = (free: Free, now: Date) => Promise<Operation[]>

/**
 * A provider whose last claim used up all that was free may have a backlog: its next claim looks at
 * each platform, which costs more.
 * @param onPartialFailure  with the driver's error, when one of two statements failed
 */
export function createClaimDue(
  db: Db,
  times: Pick<EngineTimes, 'leaseMs' | 'inDoubtMs'>,
  onPartialFailure: (error: unknown) => void,
): ClaimDue {
  const behind = new Set<string>()
  return async (free, now) => {
    const some = [...free].filter(([, count]) => count > 0)
    const groups = [
      ...Map.groupBy(some, ([id]) => (behind.has(id) ? claimByPlatform : claimOldest)),
    ]
    const claims = await Promise.allSettled(
      groups.map(([claim, slots]) => claim(db, new Map(slots), now, times)),
    )
    const errors = claims.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    if (errors.length > 0 && errors.length === claims.length) throw errors[0]
    // What one statement has claimed must be worked on though the other failed.
    for (const error of errors) onPartialFailure(error)
    const claimed = claims.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    const counts = Map.groupBy(claimed, ({ providerId }) => providerId)
    const answered = groups.filter((_, at) => claims[at]?.status === 'fulfilled')
    for (const [id, count] of answered.flatMap(([, slots]) => slots))
      if ((counts.get(id)?.length ?? 0) >= count) behind.add(id)
      else behind.delete(id)
    return claimed
  }
}
