import type { Doubt } from '../../backends/backend.ts'

// A proxy that timed out or lost its connection sends these while the broker behind it may still
// work.
const proxyStatuses: ReadonlyArray<number | undefined> = [502, 503, 504]

/** Whether the provider may still work on the request; any other answer is final. */
export function mayStillArrive(doubt: Doubt, status: number | undefined): boolean {
  return doubt === 'timeout' || doubt === 'connection_lost' || proxyStatuses.includes(status)
}

/** An operation that a delete halted, and until when its call may still arrive. */
export interface Halted {
  readonly inDoubtUntil: Date | null
}
