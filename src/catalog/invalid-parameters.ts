import type { ErrorObject } from 'ajv'
import { BrokerError } from '../errors.ts'
import { describeError } from '../schemas.ts'

// A schema may list a thousand values, too many for an error message.
const maxCharacters = 500

/** The refusal of parameters for one error of their schema; undefined: one without a reason. */
export function invalidParameters(error: ErrorObject | undefined): BrokerError {
  return new BrokerError('invalid_parameters', sentenceOf(error), { fault: error })
}

function sentenceOf(error: ErrorObject | undefined): string {
  const sentence = describeError(
    error === undefined
      ? undefined
      : { ...error, instancePath: `/parameters${error.instancePath}` },
    'parameters',
  )
  const shortened =
    sentence.length > maxCharacters ? `${sentence.slice(0, maxCharacters)}...` : sentence
  return `${shortened}.`.toWellFormed()
}
