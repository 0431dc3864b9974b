import type { NoAnswer } from '../../backends/backend.ts'

// A second failure of the same instance may be new information, a third is not.
const maxPerInstance = 2

/**
 * Distinguishes the failures of a provider from those of one instance. A broken operation answers
 * 500 to every poll, for days; that must not open the circuit for all other orders. So an instance
 * counts twice at most until a call succeeds. A provider that cannot be reached is not the
 * instance's fault, and always counts.
 */
export function repeatedFailures(): {
  isRepeated(failure: NoAnswer, instanceId: string): boolean
  clear(): void
} {
  const counts = new Map<string, number>()
  return {
    isRepeated(failure, instanceId) {
      if (failure === 'not_sent') return false
      const count = (counts.get(instanceId) ?? 0) + 1
      counts.set(instanceId, count)
      return count > maxPerInstance
    },
    clear: () => {
      counts.clear()
    },
  }
}
