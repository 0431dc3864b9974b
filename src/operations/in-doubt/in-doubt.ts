import type { Doubt } from '../../backends/backend.ts'

// What a proxy says that has lost patience or its connection, while the broker behind it may be at work.
const proxyStatuses: ReadonlyArray<number | undefined> = [502, 503, 504]

/** After these nobody knows whether the provider is still at work on what it was sent; the others are its last word. */
export function mayStillArrive(doubt: Doubt, status: number | undefined): boolean {
  return doubt === 'timeout' || doubt === 'connection_lost' || proxyStatuses.includes(status)
}

/** An operation that a delete has ended, and until when its call may still arrive. */
export interface Halted {
  readonly inDoubtUntil: Date | null
}

/** What a delete takes over from the operations that it halts. */
export function latestInDoubtUntil(halted: readonly Halted[]): Date | undefined {
  return halted
    .map(({ inDoubtUntil }) => inDoubtUntil)
    .filter((date) => date !== null)
    .toSorted((a, b) => b.getTime() - a.getTime())[0]
}
