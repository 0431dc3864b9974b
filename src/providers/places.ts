/** A provider's share of this process: so many calls at a time and no more, so that a slow one slows nobody else. */
export interface Places {
  /** @returns how to give the place back (once; more does no harm), or undefined when all are taken */
  take (): (() => void) | undefined
  /** How many are not taken. */
  free (): number
}

export function createPlaces (limit: number): Places {
  let taken = 0
  return {
    free: () => limit - taken,
    take () {
      if (taken >= limit) return undefined
      taken++
      let given = false
      return () => {
        if (given) return
        given = true
        taken--
      }
    }
  }
}
