import type { Doubt } from '../backends/backend.ts'
import type { Operation } from './operation.ts'

/** After these nobody knows whether the provider is still at work on what it was sent; the others are its last word. */
export function mayStillArrive (doubt: Doubt): boolean {
  return doubt === 'timeout' || doubt === 'connection_lost'
}

/** What a delete takes over from the operations that it halts. */
export function latestQuiet (halted: readonly Operation[]): Date | undefined {
  return halted.map(({ quietUntil }) => quietUntil).filter((date) => date !== null).toSorted((a, b) => b.getTime() - a.getTime())[0]
}
