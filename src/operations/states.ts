/** The states of an operation as data; a test walks every move. */
import type { OperationKindName } from '../types.gen.ts'

export type OperationKind = OperationKindName

/**
 *  - `accepted`      written, not called yet (or: the call was certainly not sent, and is retried)
 *  - `calling`       claimed; the call to the back end is under way
 *  - `waiting`       the provider works on it, and Kontor polls
 *  - `uncertain`     Kontor does not know whether the call took effect, and looks it up
 *  - `compensating`  Kontor removes what may exist (orphan mitigation; provision and bind only)
 *  - `parked`        no step is due: an operator must look. The platform reads `failed`; its DELETE
 *                    ends the operation, or lets Kontor go on removing what it may have created
 *
 * A claim makes two moves in SQL (claims/due/store.ts): `accepted` to `calling`, and `calling` of a
 * process that died to `uncertain`. The engine makes the others, through `assertMove`.
 */
export const nextStates = {
  accepted: ['calling', 'failed'],
  calling: ['accepted', 'waiting', 'uncertain', 'compensating', 'parked', 'succeeded', 'failed'],
  waiting: ['accepted', 'waiting', 'compensating', 'parked', 'succeeded', 'failed'],
  uncertain: ['accepted', 'uncertain', 'waiting', 'compensating', 'parked', 'succeeded', 'failed'],
  compensating: ['compensating', 'parked', 'failed'],
  parked: ['compensating', 'failed'],
  succeeded: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>

export type OperationState = keyof typeof nextStates

/** Only these kinds create something, so only these may end in a removal. An update never does. */
export const mitigatedKinds: readonly OperationKind[] = ['provision', 'bind']

export function isFinished(state: OperationState): boolean {
  return state === 'succeeded' || state === 'failed'
}

/** @throws Error on a move that the table forbids: a bug, caught before it is written */
export function assertMove(kind: OperationKind, from: OperationState, to: OperationState): void {
  const allowed: readonly OperationState[] = nextStates[from]
  if (!allowed.includes(to)) throw new Error(`An operation cannot go from ${from} to ${to}.`)
  if (to === 'compensating' && !mitigatedKinds.includes(kind))
    throw new Error(`An operation of kind ${kind} is never compensated.`)
}

/**
 * The further moves that an operator may make. A create that was certainly not sent cannot have
 * succeeded. A retry moves only a parked operation; for any other it only makes the next step due
 * now.
 */
export const operatorMoves = {
  accepted: ['succeeded', 'failed'],
  calling: ['succeeded', 'failed'],
  waiting: ['succeeded', 'failed'],
  uncertain: ['succeeded', 'failed'],
  compensating: ['succeeded', 'failed'],
  parked: ['accepted', 'uncertain', 'compensating', 'succeeded', 'failed'],
  succeeded: [],
  failed: [],
} as const satisfies Record<OperationState, readonly OperationState[]>

/**
 * The state in which a parked operation resumes. Its platform got `failed` and may have ordered
 * again, so Kontor removes what a create has made. An update is looked up, because it never leads
 * to a delete. A delete can be repeated.
 */
export const resumeStates = {
  provision: 'compensating',
  bind: 'compensating',
  update: 'uncertain',
  deprovision: 'accepted',
  unbind: 'accepted',
} as const satisfies Record<OperationKind, OperationState>

export function isDelete(kind: OperationKind): boolean {
  return kind === 'deprovision' || kind === 'unbind'
}

/** Whether an operator may make this move. */
export function mayOperatorMove(
  kind: OperationKind,
  from: OperationState,
  to: OperationState,
): boolean {
  const allowed: readonly OperationState[] = operatorMoves[from]
  if (!allowed.includes(to)) return false
  if (isFinished(to)) return to === 'failed' || from !== 'accepted' || isDelete(kind)
  return resumeStates[kind] === to
}
