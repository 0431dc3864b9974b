import type { ParametersFault } from '../errors.ts'
import type { ErrorCode, FormError } from './form.ts'
import { childPointer } from './json-schema.ts'

const codes: Readonly<Record<string, ErrorCode>> = {
  minimum: 'too_small',
  maximum: 'too_large',
  exclusiveMinimum: 'not_above',
  exclusiveMaximum: 'not_below',
  multipleOf: 'no_multiple',
  minLength: 'too_short',
  maxLength: 'too_long',
  minItems: 'too_few',
  maxItems: 'too_many',
  uniqueItems: 'repeated',
  pattern: 'other_pattern',
  type: 'other_type',
  enum: 'not_offered',
  const: 'not_offered',
}

// In draft 4 ajv reports the exclusive limits under the names of the others.
const strict: Readonly<Record<string, ErrorCode>> = { '>': 'not_above', '<': 'not_below' }

/** What the check of an order found, as an error of its form. */
export function explain({ instancePath, keyword, params }: ParametersFault): FormError {
  const { missingProperty, additionalProperty, unevaluatedProperty } = params
  if (typeof missingProperty === 'string')
    return { pointer: childPointer(instancePath, missingProperty), code: 'required' }
  const unknown = additionalProperty ?? unevaluatedProperty
  if (typeof unknown === 'string')
    return { pointer: instancePath, code: 'unknown_entry', values: [unknown] }
  const code = strict[String(params['comparison'])] ?? codes[keyword] ?? 'invalid'
  const value = [params['limit'] ?? params['multipleOf'] ?? params['type']].flat()[0]
  const isNamed = typeof value === 'number' || typeof value === 'string'
  return isNamed
    ? { pointer: instancePath, code, values: [value] }
    : { pointer: instancePath, code }
}
