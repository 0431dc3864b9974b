// What is known of a step that a stop has cut off, or that ended just before it.
import type { Operation } from './operation.ts'
import type { Verdict } from './verdict.ts'

/** Whether the call was answered, however short before the stop, so that the verdict stands. Of steps that may be repeated: no. */
export function wasAnswered({ state }: Operation, verdict: Verdict): boolean {
  if (state !== 'calling') return false
  if (verdict.state === 'failed') return verdict.failure.status !== undefined
  return verdict.state === 'succeeded' || verdict.state === 'waiting'
}

/** Whether anything of the call may have left us. */
export function maySent(verdict: Verdict): boolean {
  return !('failure' in verdict && verdict.failure?.reason === 'not_sent')
}
