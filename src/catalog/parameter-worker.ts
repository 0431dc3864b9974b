// Entry of a worker thread: compiles the parameter schemas of providers and checks parameters with
// them. A provider's schema may take forever, so none of it runs on the thread that serves orders
// (see parameter-pool.ts).
import type { ErrorObject, Options, ValidateFunction } from 'ajv'
import { answerQuestions } from '../threads/answer-questions.ts'
import { dropBranches, listErrors } from './all-errors.ts'
import { draftOf } from './draft.ts'
import { ajvFor, metaProblem, namedForAjv } from './drafts.ts'
import { regularExpression } from './regular-expression.ts'
import { createValidatorCache } from './validator-cache.ts'

/** Whether a check ends at the first error; one for all errors is compiled apart and costs more. */
export type Extent = 'first' | 'all'

interface Asked {
  readonly providerId: string
  readonly digest: string
  readonly extent: Extent
}

export type Question =
  | (Asked & {
      readonly ask: 'compile'
      readonly schema: Readonly<Record<string, unknown>>
    })
  | (Asked & { readonly ask: 'run'; readonly value: unknown })

export type Answer =
  | { readonly kind: 'compiled' | 'unknown' | 'valid' }
  /** At most one error for the extent `first`; for `all` not more than are of use to a person. */
  | { readonly kind: 'invalid'; readonly errors: readonly ErrorObject[] }
  /** The schema is none, by the rules of its draft: so says every thread, at any time. */
  | { readonly kind: 'no_schema'; readonly problem: string }
  /** Compiling the schema, or checking this value with it, takes more stack than there is. */
  | { readonly kind: 'broken'; readonly problem: string }

// Unknown keywords and formats are annotations, as in later drafts.
const options: Options = {
  strict: false,
  logger: false,
  validateFormats: false,
  // Each $ref becomes a function of its own, so the generated code does not grow quadratically.
  inlineRefs: false,
  addUsedSchema: false,
  // An object does not have the property "constructor" merely by inheritance.
  ownProperties: true,
  code: { regExp: Object.assign(regularExpression, { code: 'regularExpression' }) },
}

const cache = createValidatorCache()

function compile(question: Extract<Question, { ask: 'compile' }>): Answer {
  const { providerId, schema, extent } = question
  const draft = draftOf(schema)
  if (draft === undefined) return { kind: 'no_schema', problem: 'its draft is not known.' }
  const named = namedForAjv(schema, draft)
  const problem = metaProblem(named, draft)
  if (problem !== undefined) return { kind: 'no_schema', problem }
  // An instance of its own, because ajv keeps all that it has compiled.
  const allErrors = extent === 'all'
  const ajv = ajvFor(draft, { ...options, allErrors, meta: false, validateSchema: false })
  if (allErrors) dropBranches(ajv)
  const validate = ajv.compile(named)
  if ('$async' in validate)
    return { kind: 'no_schema', problem: 'it has "$async", which is not JSON Schema.' }
  warmUp(validate)
  cache.add(providerId, keyOf(question), validate, JSON.stringify(schema).length)
  return { kind: 'compiled' }
}

// V8 translates a function when it is first called. For a large one that takes longer than a check
// may, so the time counts as that of the compilation.
function warmUp(validate: ValidateFunction): void {
  try {
    validate({})
  } catch {
    // Orders meet the same.
  }
}

function run(question: Extract<Question, { ask: 'run' }>): Answer {
  const validate = cache.get(question.providerId, keyOf(question))
  if (validate === undefined) return { kind: 'unknown' }
  if (validate(question.value)) return { kind: 'valid' }
  const errors = validate.errors ?? []
  if (question.extent === 'all') return { kind: 'invalid', errors: listErrors(errors) }
  const last = errors.at(-1)
  // With alternatives the first error is about the first alternative only.
  const isChoice = last?.keyword === 'anyOf' || last?.keyword === 'oneOf'
  return { kind: 'invalid', errors: isChoice ? [last] : errors.slice(0, 1) }
}

function keyOf({ digest, extent }: Asked): string {
  return extent === 'all' ? `${digest} all` : digest
}

function answer(question: Question): Answer {
  try {
    return question.ask === 'compile' ? compile(question) : run(question)
  } catch (error) {
    const isTooDeep = error instanceof RangeError || question.ask === 'run'
    return {
      kind: isTooDeep ? 'broken' : 'no_schema',
      problem: error instanceof Error ? error.message.slice(0, 500) : 'it cannot be read.',
    }
  }
}

// At the usual priority, unlike the threads that read catalogs: an order waits for the answer.
answerQuestions(answer)
