/** The life of an operation, as data. A test walks every move. */

export type OperationKind = 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'

/**
 *  - `accepted`      written down, not called yet (or: surely not sent, to be tried again)
 *  - `calling`       claimed, the call to the back end is under way
 *  - `waiting`       the back end works on it and is asked from time to time
 *  - `uncertain`     nobody knows whether the call took effect: it is looked up
 *  - `compensating`  what may exist is being removed (orphan mitigation, provision and bind only)
 *  - `parked`        a person must look
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

/** Only these kinds make something new, so only these may end in a removal: an update never does. */
export const mitigatedKinds: readonly OperationKind[] = ['provision', 'bind']

export function isFinished(state: OperationState): boolean {
  return state === 'succeeded' || state === 'failed'
}

/** @throws Error on a move that the table does not hold: a bug of ours, caught before it is written */
export function assertMove(kind: OperationKind, from: OperationState, to: OperationState): void {
  const allowed: readonly OperationState[] = nextStates[from]
  if (!allowed.includes(to)) throw new Error(`An operation cannot go from ${from} to ${to}.`)
  if (to === 'compensating' && !mitigatedKinds.includes(kind))
    throw new Error(`An operation of kind ${kind} is never compensated.`)
}

/**
 * The moves that an operator may make beside these: to another state than the engine's own steps lead to, or to an end
 * by his word. A create that was surely not sent cannot have succeeded, and a live one is only hastened, not moved.
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
 * Where a parked operation goes on. The platform of a parked one has been told `failed`, so a create must not come to be
 * any more: it is removed. An update is looked up, for it never leads to a delete. A delete may simply be repeated.
 */
export const retriedAs = {
  provision: 'compensating',
  bind: 'compensating',
  update: 'uncertain',
  deprovision: 'accepted',
  unbind: 'accepted',
} as const satisfies Record<OperationKind, OperationState>

export function isDelete(kind: OperationKind): boolean {
  return kind === 'deprovision' || kind === 'unbind'
}

/** Whether an operator may move an operation of this kind so. */
export function mayBeMoved(kind: OperationKind, from: OperationState, to: OperationState): boolean {
  const allowed: readonly OperationState[] = operatorMoves[from]
  if (!allowed.includes(to)) return false
  if (isFinished(to)) return to === 'failed' || from !== 'accepted' || isDelete(kind)
  return retriedAs[kind] === to
}
