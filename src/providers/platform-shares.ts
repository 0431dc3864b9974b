// A platform that has ordered nothing for this long leaves its share to the others.
const activeMs = 60_000
const maxIdle = 1_000

/** What one platform does at a provider. */
export interface PlatformShare {
  /** How many slots it holds. */
  held: number
  orderedAtMs: number
}

/** Which platforms order at a provider at present, and how many of its slots each holds. */
export interface PlatformShares {
  /** The same object while the platform orders or holds slots: the bulkhead counts in it. */
  of(platformId: string): PlatformShare
  held(platformId: string): number
  /** Whether other platforms order here too. */
  isShared(platformId: string): boolean
  /** Whether the platform holds its equal part of the slots, or more; never while it is alone. */
  isOver(platformId: string, slots: number): boolean
}

export function createPlatformShares(now: () => Date): PlatformShares {
  const shares = new Map<string, PlatformShare>()
  const isActive = ({ held, orderedAtMs }: PlatformShare, nowMs: number) =>
    held > 0 || nowMs - orderedAtMs < activeMs
  const forgetIdle = (): void => {
    const nowMs = now().getTime()
    for (const [id, share] of shares) if (!isActive(share, nowMs)) shares.delete(id)
  }
  const countOthers = (platformId: string): number => {
    const nowMs = now().getTime()
    let count = 0
    for (const [id, share] of shares) if (id !== platformId && isActive(share, nowMs)) count++
    return count
  }
  return {
    of(platformId) {
      const known = shares.get(platformId)
      if (known !== undefined) return known
      if (shares.size >= maxIdle) forgetIdle()
      const share = { held: 0, orderedAtMs: -Infinity }
      shares.set(platformId, share)
      return share
    },
    held: (platformId) => shares.get(platformId)?.held ?? 0,
    isShared: (platformId) => countOthers(platformId) > 0,
    isOver: (platformId, slots) =>
      (shares.get(platformId)?.held ?? 0) >= slots / (1 + countOthers(platformId)),
  }
}
