import { redact, textsIn } from '../vault/redact.ts'
import type { PreparedEffect } from './effect.ts'
import type { Verdict } from './verdict.ts'

const unshown = 'The provider gave a reason that cannot be shown.'

/** A verdict whose sentences hold no parameters of the order, which a provider may repeat: sentences are not sealed. */
export function discreet(verdict: Verdict, { confidential }: PreparedEffect<unknown>): Verdict {
  const description = 'description' in verdict ? verdict.description : undefined
  const failure = 'failure' in verdict ? verdict.failure : undefined
  if (confidential === undefined || (description === undefined && failure === undefined))
    return verdict
  let texts: readonly string[]
  try {
    texts = textsIn(confidential())
  } catch {
    // What must not be in it cannot be opened, so nobody knows. What was found out stands all the same.
    return {
      ...verdict,
      ...(description === undefined ? {} : { description: undefined }),
      ...(failure === undefined ? {} : { failure: { ...failure, description: unshown } }),
    }
  }
  return {
    ...verdict,
    ...(description === undefined ? {} : { description: redact(description, texts) }),
    ...(failure === undefined
      ? {}
      : { failure: { ...failure, description: redact(failure.description, texts) } }),
  }
}
