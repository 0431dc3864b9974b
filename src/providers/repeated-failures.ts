import type { Failing } from './report.ts'

// A second time may be news, a third from the same instance is not.
const maxPerInstance = 2

/**
 * Tells the failures of a provider from those of one instance. A broken operation answers 500 to every poll, for days;
 * that must not stop everybody else's orders. So an instance counts twice at most until something answers well again. A
 * provider that cannot be reached at all is not the instance's doing and always counts.
 */
export function repeatedFailures(): {
  isRepeated(failing: Failing, instanceId: string): boolean
  clear(): void
} {
  const counts = new Map<string, number>()
  return {
    isRepeated(failing, instanceId) {
      if (failing === 'not_sent') return false
      const count = (counts.get(instanceId) ?? 0) + 1
      counts.set(instanceId, count)
      return count > maxPerInstance
    },
    clear: () => {
      counts.clear()
    },
  }
}
