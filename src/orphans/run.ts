import { coded } from '../log.ts'
import type { RemovalDeps } from './context.ts'
import type { Orphan } from './orphan.ts'
import { rescheduleOrphan, releaseOrphanClaim, removeOrphan } from './removal/remove.ts'
import { claimDueOrphans } from './removal/store.ts'

export interface Removal {
  /** Claims the orphans whose time has come and begins to remove them. @returns how many */
  runDue(): Promise<number>
  /** Cuts off what is under way; it is asked again later, for a removal may be repeated. */
  stop(): Promise<void>
}

// Not renewed: of a call that takes longer another process may ask the same, and a delete that comes twice does no harm.
const leaseMs = 30_000

/** Removes orphans, at each provider with a quarter of the places that are free: orders come first. */
export function createRemoval(deps: RemovalDeps): Removal {
  const underWay = new Set<Promise<void>>()
  const stopping = new AbortController()

  return {
    async runDue() {
      const slots = (await deps.freeSlots())
        .filter(({ free }) => free > 0)
        .map(({ providerId, free }) => ({ providerId, free: Math.ceil(free / 4) }))
      if (stopping.signal.aborted || slots.length === 0) return 0
      const now = deps.now()
      const orphans = await claimDueOrphans(deps.db, slots, now, new Date(now.getTime() + leaseMs))
      for (const orphan of orphans) {
        const work = workOn(deps, orphan, stopping.signal)
          .catch((error: unknown) => {
            // The row is as it was: when the lease is over it is taken up again.
            deps.log.warn(
              { orphanId: orphan.id, error: coded(error) },
              'an orphan could not be looked after',
            )
          })
          .finally(() => {
            underWay.delete(work)
          })
        underWay.add(work)
      }
      return orphans.length
    },
    async stop() {
      stopping.abort()
      await Promise.all(underWay)
    },
  }
}

async function workOn(deps: RemovalDeps, orphan: Orphan, signal: AbortSignal): Promise<void> {
  await deps.hitFailpoint?.('orphan-claimed')
  const open = await deps.openBackend(orphan.providerId).catch(() => undefined)
  if (open === undefined) return rescheduleOrphan(deps, orphan)
  const slot = open.acquireSlot(orphan.retries > 0 ? 'repeat' : 'step')
  if (!slot.granted) return releaseOrphanClaim(deps, orphan, slot.retryAfterMs)
  try {
    await removeOrphan(deps, orphan, open, signal)
  } finally {
    slot.release()
  }
}
