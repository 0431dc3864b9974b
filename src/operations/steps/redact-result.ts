import { redact, textsIn } from '../../vault/redact.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { StepResult } from '../step-result.ts'

const hiddenDescription = 'The provider gave a reason that cannot be shown.'

/**
 * Removes parameters of the order, which a provider may repeat, from the descriptions of a result:
 * descriptions are stored unsealed.
 */
export function redactResult(
  stepResult: StepResult,
  { confidential }: PreparedOperation<unknown>,
): StepResult {
  const description =
    ('description' in stepResult ? stepResult.description : undefined) ?? undefined
  const failure = 'failure' in stepResult ? stepResult.failure : undefined
  if (confidential === undefined || (description === undefined && failure === undefined))
    return stepResult
  let texts: readonly string[]
  try {
    texts = textsIn(confidential())
  } catch {
    // The parameters cannot be opened, so the description cannot be checked. The result stands.
    return {
      ...stepResult,
      ...(description === undefined ? {} : { description: undefined }),
      ...(failure === undefined ? {} : { failure: { ...failure, description: hiddenDescription } }),
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
