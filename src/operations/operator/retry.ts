import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { parkedText } from '../results/record-step-failure.ts'
import type { Operation } from '../operation.ts'
import { mitigatedKinds, retriedAs, type OperationState } from '../states.ts'
import type { OperatorDeps } from './context.ts'
import { resumeOperation } from './store.ts'
import { applyOperatorAction } from './apply-operator-action.ts'

/**
 * Gets a parked operation going again, or has one that waits taken up at once. Its tries are counted anew, and if its
 * time is over it gets the same time once more.
 * @throws BrokerError `not_found`, `conflict` when it is over or due already, `concurrency` when a process is at work on it
 */
export async function retryOperation(
  deps: OperatorDeps,
  scope: AccessScope,
  by: string,
  id: string,
  reason: string,
): Promise<void> {
  await applyOperatorAction(
    deps,
    scope,
    id,
    {
      name: 'retry',
      by,
      reason,
      moveOf: (seen, now) => moveOf(seen, now),
      write: async (tx, operation, _effect, state, now) => {
        // While it was parked nobody looked, so what a call before that may still make is looked after once more.
        const wasParked = operation.state === 'parked'
        const wasMaking = wasParked && mitigatedKinds.includes(operation.kind)
        const inDoubtUntil = wasMaking
          ? new Date(now.getTime() + deps.config.inDoubtMs)
          : operation.inDoubtUntil
        // That an operator has to look is no longer so.
        const description = operation.description === parkedText ? null : operation.description
        await resumeOperation(
          tx,
          operation.id,
          operation.fencingToken,
          { state, inDoubtUntil, description, wasParked },
          now,
        )
      },
      // Once: if it moves on meanwhile, it does not need this.
    },
    1,
  )
}

function moveOf(seen: Operation, now: Date): OperationState {
  if (seen.state === 'parked') return retriedAs[seen.kind]
  if (seen.leaseUntil !== null && seen.leaseUntil > now) {
    throw new BrokerError(
      'concurrency',
      `A process is at work on it and has it until ${seen.leaseUntil.toISOString()}; if that process has died, another one takes it up then.`,
      {
        retryAfterSeconds: (seen.leaseUntil.getTime() - now.getTime()) / 1_000,
      },
    )
  }
  if (seen.leaseUntil !== null || seen.nextStepAt === null || seen.nextStepAt <= now) {
    throw new BrokerError(
      'conflict',
      'It is due already: the next worker that has a place free at the provider takes it up.',
    )
  }
  return seen.state
}
