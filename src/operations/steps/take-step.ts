import type { EngineDeps, StepContext } from '../context.ts'
import type { Failpoint } from '../failpoints.ts'
import type { OperationState } from '../states.ts'
import type { StepResult } from '../step-result.ts'
import { callBackend } from './call.ts'
import { compensate } from './compensate.ts'
import { lookUp } from './look-up.ts'
import { poll } from './poll.ts'

interface Step {
  readonly take: (context: StepContext) => Promise<StepResult>
  readonly before: Failpoint
  readonly after: Failpoint
}

const steps: Partial<Record<OperationState, Step>> = {
  calling: { take: callBackend, before: 'before-call', after: 'after-call' },
  waiting: { take: poll, before: 'before-poll', after: 'after-poll' },
  uncertain: { take: lookUp, before: 'before-look-up', after: 'after-look-up' },
  compensating: { take: compensate, before: 'before-removal', after: 'after-removal' },
}

/** Takes the step that belongs to the operation's state. */
export async function takeStep(deps: EngineDeps, context: StepContext): Promise<StepResult> {
  const { state } = context.operation
  const step = steps[state]
  if (step === undefined) throw new Error(`An operation that is ${state} has no step.`)
  await deps.hitFailpoint?.(step.before)
  const result = await step.take(context)
  await deps.hitFailpoint?.(step.after)
  return result
}
