// The periodic work of this process (leases, clock, pressure) can be held back, so that it does not
// mix with what is measured.
let isHeld = false
const held = new Set<() => void>()

/** Call this before Kontor starts: intervals that are set earlier cannot be held. */
export function interceptIntervals(): void {
  globalThis.setInterval = new Proxy(globalThis.setInterval, {
    apply: (target, self, [callback, ...rest]: [() => void, ...unknown[]]) => {
      const tick = () => {
        if (isHeld) held.add(callback)
        else callback()
      }
      return Reflect.apply(target, self, [tick, ...rest]) as NodeJS.Timeout
    },
  })
}

export function holdIntervals(): void {
  isHeld = true
}

/** Does now what was held. */
export function releaseIntervals(): void {
  isHeld = false
  for (const callback of held) callback()
  held.clear()
}
