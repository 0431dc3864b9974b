/** Which platforms send many requests at present, compared with the others. */
export interface PlatformLoad {
  /** Counts a request, refused or not. */
  count(platformId: string, nowMs: number): void
  /** Whether it sends less than half of what platforms send on average, so not for one alone. */
  isLight(platformId: string): boolean
}

const windowMs = 5_000

/** Counts over the present and the previous window of five seconds. */
export function createPlatformLoad(): PlatformLoad {
  let present = new Map<string, number>()
  let previous = new Map<string, number>()
  let startedAt = 0

  const totalOf = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((sum, count) => sum + count, 0)
  const loadOf = (id: string) => (present.get(id) ?? 0) + (previous.get(id) ?? 0)

  return {
    count(platformId, nowMs) {
      if (nowMs - startedAt >= windowMs) {
        previous = nowMs - startedAt < 2 * windowMs ? present : new Map()
        present = new Map()
        startedAt = nowMs
      }
      present.set(platformId, (present.get(platformId) ?? 0) + 1)
    },
    isLight(platformId) {
      const platforms = new Set([...present.keys(), ...previous.keys()]).size
      const total = totalOf(present) + totalOf(previous)
      return loadOf(platformId) < total / platforms / 2
    },
  }
}
