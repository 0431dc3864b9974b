import type { OperationKind, OperationState } from '../operations/states.ts'
import type { OrderItem } from '../types.gen.ts'

/** What the rows of an order's instance say. */
export interface Standing {
  /** Of the newest operation of the instance itself; null: there is none. */
  readonly kind: OperationKind | null
  readonly operationState: OperationState | null
  /** null: there is no live instance. */
  readonly instanceState: string | null
}

/** How an order goes on. Nothing of it is kept with the order, so that it cannot differ. */
export function progressOf(
  state: OrderItem['state'],
  { kind, operationState, instanceState }: Standing,
): OrderItem['progress'] {
  if (kind === null || operationState === null) return state
  if (operationState === 'parked') return 'waiting'
  switch (kind) {
    case 'provision':
      if (operationState === 'succeeded') return 'ready'
      // What the order left is being removed, or has been.
      return operationState === 'failed' || operationState === 'compensating'
        ? 'failed'
        : 'provisioning'
    case 'update':
      return isOver(operationState) ? 'ready' : 'changing'
    case 'deprovision':
      if (operationState === 'succeeded') return 'ended'
      if (operationState !== 'failed') return 'ending'
      return instanceState === 'ready' ? 'ready' : instanceState === null ? 'ended' : 'failed'
    // Operations of bindings say nothing of the instance, and are not read.
    case 'bind':
    case 'unbind':
      return 'ready'
    default:
      return kind satisfies never
  }
}

/** Whether an order that stands so will change by itself. */
export function goesOn(progress: OrderItem['progress']): boolean {
  return ['submitted', 'waiting', 'provisioning', 'changing', 'ending'].includes(progress)
}

function isOver(state: OperationState): boolean {
  return state === 'succeeded' || state === 'failed'
}
