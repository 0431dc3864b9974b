import type { RemovalDeps } from './context.ts'
import type { Orphan } from './orphan.ts'
import { rescheduleOrphan, releaseOrphanClaim, removeOrphan } from './removal/remove.ts'
import { claimDueOrphans } from './removal/store.ts'

export interface Removal {
  /**
   * Claims orphans whose time has come, at each provider as many as a quarter of its free call
   * slots: orders come first.
   */
  claimDue(): Promise<Orphan[]>
  /**
   * Removes a claimed orphan. `stop` cuts a call off; the removal is repeated later, and may be.
   */
  work(orphan: Orphan, stop: AbortSignal): Promise<void>
}

// Not renewed: when a call takes longer another process may send the same, and a delete that comes
// twice does no harm.
const leaseMs = 30_000

export function createRemoval(deps: RemovalDeps): Removal {
  return {
    async claimDue() {
      if (!deps.hasAllKeys()) return []
      const slots = (await deps.backends.freeSlots())
        .filter(({ free }) => free > 0)
        .map(({ providerId, free }) => ({ providerId, free: Math.ceil(free / 4) }))
      if (slots.length === 0) return []
      const now = deps.now()
      return claimDueOrphans(deps.db, slots, now, new Date(now.getTime() + leaseMs))
    },
    work: (orphan, stop) => workOn(deps, orphan, stop),
  }
}

async function workOn(deps: RemovalDeps, orphan: Orphan, signal: AbortSignal): Promise<void> {
  await deps.hitFailpoint?.('orphan-claimed')
  const open = await deps.backends.open(orphan.providerId).catch(() => undefined)
  if (open === undefined) return rescheduleOrphan(deps, orphan)
  const slot = open.guard.acquireSlot(orphan.retries > 0 ? 'repeat' : 'step')
  if (!slot.granted) return releaseOrphanClaim(deps, orphan, slot.retryAfterMs)
  try {
    await removeOrphan(deps, orphan, open, signal)
  } finally {
    slot.release()
  }
}
