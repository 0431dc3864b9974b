import { BrokerError } from '../../errors.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { parkedDescription } from '../results/record-step-failure.ts'
import type { Operation } from '../operation.ts'
import { mitigatedKinds, resumeStates, type OperationState } from '../states.ts'
import type { OperatorDeps } from './context.ts'
import { resumeOperation } from './store.ts'
import { applyOperatorAction } from './apply-operator-action.ts'

/**
 * Resumes a parked operation, or makes the next step of a waiting one due now. Its retries start at
 * 0, and if its time is over it gets the same time once more.
 * @throws BrokerError `not_found`, `conflict` when it is over or due already, `concurrency` when a
 * process works on it
 */
export async function retryOperation(
  deps: OperatorDeps,
  caller: Caller,
  id: string,
  reason: string,
): Promise<void> {
  await applyOperatorAction(
    deps,
    caller,
    id,
    {
      name: 'retry',
      reason,
      moveOf: (seen, now) => moveOf(seen, now),
      write: async (tx, operation, _effect, state, now) => {
        // No worker checked it while it was parked, so a call from before is in doubt once more.
        const wasParked = operation.state === 'parked'
        const wasMaking = wasParked && mitigatedKinds.includes(operation.kind)
        const inDoubtUntil = wasMaking
          ? new Date(now.getTime() + deps.config.inDoubtMs)
          : operation.inDoubtUntil
        // An operator is no longer needed.
        const description =
          operation.description === parkedDescription ? null : operation.description
        await resumeOperation(
          tx,
          operation.id,
          operation.fencingToken,
          { state, inDoubtUntil, description, wasParked },
          now,
        )
      },
      // A single try: an operation that moves on needs no retry.
    },
    1,
  )
}

function moveOf(seen: Operation, now: Date): OperationState {
  if (seen.state === 'parked') return resumeStates[seen.kind]
  if (seen.leaseUntil !== null && seen.leaseUntil > now) {
    throw new BrokerError(
      'concurrency',
      `A process works on it until ${seen.leaseUntil.toISOString()}; if it died, another resumes.`,
      {
        retryAfterSeconds: (seen.leaseUntil.getTime() - now.getTime()) / 1_000,
      },
    )
  }
  if (seen.leaseUntil !== null || seen.nextStepAt === null || seen.nextStepAt <= now) {
    throw new BrokerError(
      'conflict',
      'It is due already: the next worker with a free slot at the provider takes it.',
    )
  }
  return seen.state
}
