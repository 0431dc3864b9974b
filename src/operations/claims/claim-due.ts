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
    const [oldest, byPlatform] = [new Map<string, number>(), new Map<string, number>()]
    for (const [id, count] of free)
      if (count > 0) (behind.has(id) ? byPlatform : oldest).set(id, count)
    const slots: Free[] = []
    const claims: Array<Promise<Operation[]>> = []
    if (oldest.size > 0) {
      slots.push(oldest)
      claims.push(claimOldest(db, oldest, now, times))
    }
    if (byPlatform.size > 0) {
      slots.push(byPlatform)
      claims.push(claimByPlatform(db, byPlatform, now, times))
    }
    const claimed: Operation[] = []
    const errors: unknown[] = []
    for (const [at, claim] of (await Promise.allSettled(claims)).entries()) {
      if (claim.status === 'rejected') {
        errors.push(claim.reason)
        continue
      }
      claimed.push(...claim.value)
      noteBacklog(behind, slots[at] ?? new Map(), claim.value)
    }
    if (errors.length > 0 && errors.length === claims.length) throw errors[0]
    // What one statement has claimed must be worked on though the other failed.
    for (const error of errors) onPartialFailure(error)
    return claimed
  }
}

/** Only of providers whose statement succeeded: of others nothing new is known. */
function noteBacklog(behind: Set<string>, slots: Free, claimed: readonly Operation[]): void {
  const left = new Map(slots)
  for (const { providerId } of claimed) left.set(providerId, (left.get(providerId) ?? 0) - 1)
  for (const [id, count] of left)
    if (count <= 0) behind.add(id)
    else behind.delete(id)
}
