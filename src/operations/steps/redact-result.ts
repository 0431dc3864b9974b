import { redact, textsIn } from '../../vault/redact.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { StepResult } from '../step-result.ts'

const unshown = 'The provider gave a reason that cannot be shown.'

/** A verdict whose sentences hold no parameters of the order, which a provider may repeat: sentences are not sealed. */
export function redactResult(
  stepResult: StepResult,
  { confidential }: PreparedOperation<unknown>,
): StepResult {
  const description = 'description' in stepResult ? stepResult.description : undefined
  const failure = 'failure' in stepResult ? stepResult.failure : undefined
  if (confidential === undefined || (description === undefined && failure === undefined))
    return stepResult
  let texts: readonly string[]
  try {
    texts = textsIn(confidential())
  } catch {
    // What must not be in it cannot be opened, so nobody knows. What was found out stands all the same.
    return {
      ...stepResult,
      ...(description === undefined ? {} : { description: undefined }),
      ...(failure === undefined ? {} : { failure: { ...failure, description: unshown } }),
    }
  }
  return {
    ...stepResult,
    ...(description === undefined ? {} : { description: redact(description, texts) }),
    ...(failure === undefined
      ? {}
      : { failure: { ...failure, description: redact(failure.description, texts) } }),
  }
}
