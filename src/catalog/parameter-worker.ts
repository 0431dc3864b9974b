// Entry of a worker thread: compiles the parameter schemas of providers and checks parameters with
// them. A provider's schema may take forever, so none of it runs on the thread that serves orders
// (see parameter-pool.ts).
import { parentPort } from 'node:worker_threads'
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { default as draft04 } from 'ajv-draft-04'
import { draftOf, type Draft } from './draft.ts'
import { createValidatorCache } from './validator-cache.ts'

export type Question =
  | {
      readonly ask: 'compile'
      readonly providerId: string
      readonly digest: string
      readonly schema: Readonly<Record<string, unknown>>
    }
  | {
      readonly ask: 'run'
      readonly providerId: string
      readonly digest: string
      readonly value: unknown
    }

export type Answer =
  | { readonly kind: 'ready' | 'compiled' | 'unknown' | 'valid' }
  | { readonly kind: 'invalid'; readonly error: ErrorObject | undefined }
  /** The schema is none, by the rules of its draft: so says every thread, at any time. */
  | { readonly kind: 'no_schema'; readonly problem: string }
  /** Compiling the schema, or checking this value with it, takes more stack than there is. */
  | { readonly kind: 'broken'; readonly problem: string }

export interface TimedAnswer {
  readonly answer: Answer
  /** How much CPU time this thread has used since it started. */
  readonly cpuMs: number
}

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
  code: { regExp: Object.assign(regExp, { code: 'regExp' }) },
}

type Maker = (more?: Options) => Ajv
const makers: Readonly<Record<Draft, Maker>> = {
  // A CommonJS module: the class is its `default`.
  'draft-04': (more) => new draft04.default({ ...options, ...more }),
  'draft-06': (more) => new Ajv({ ...options, ...more }),
  'draft-07': (more) => new Ajv({ ...options, ...more }),
  '2019-09': (more) => new Ajv2019({ ...options, ...more }),
  '2020-12': (more) => new Ajv2020({ ...options, ...more }),
}
const metaSchemas: Readonly<Record<Draft, string>> = {
  'draft-04': 'http://json-schema.org/draft-04/schema#',
  'draft-06': 'http://json-schema.org/draft-06/schema#',
  'draft-07': 'http://json-schema.org/draft-07/schema#',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
}

// One per draft: they know the schemas of schemas, and compile nothing else.
const judges = new Map<Draft, Ajv>()
const cache = createValidatorCache()

function judgeOf(draft: Draft): Ajv {
  const known = judges.get(draft)
  if (known !== undefined) return known
  const judge = makers[draft]()
  if (draft === 'draft-06') judge.addMetaSchema(draft06)
  judges.set(draft, judge)
  return judge
}

function compile({ providerId, digest, schema }: Extract<Question, { ask: 'compile' }>): Answer {
  const draft = draftOf(schema)
  if (draft === undefined) return { kind: 'no_schema', problem: 'its draft is not known.' }
  // Only references within the schema are allowed, so its own id is useless, and it might be equal
  // to that of its draft.
  const { $id: _id, id: _oldId, ...rest } = schema
  const named = { ...rest, $schema: metaSchemas[draft] }
  const judge = judgeOf(draft)
  if (judge.validateSchema(named) !== true)
    return { kind: 'no_schema', problem: `schema is invalid: ${judge.errorsText()}`.slice(0, 500) }
  // An instance of its own, because ajv keeps all that it has compiled.
  const validate = makers[draft]({ meta: false, validateSchema: false }).compile(named)
  if ('$async' in validate)
    return { kind: 'no_schema', problem: 'it has "$async", which is not JSON Schema.' }
  warmUp(validate)
  cache.add(providerId, digest, validate, JSON.stringify(schema).length)
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

function run({ providerId, digest, value }: Extract<Question, { ask: 'run' }>): Answer {
  const validate = cache.get(providerId, digest)
  if (validate === undefined) return { kind: 'unknown' }
  if (validate(value)) return { kind: 'valid' }
  const errors = validate.errors ?? []
  const last = errors.at(-1)
  // With alternatives the first error is about the first alternative only.
  return {
    kind: 'invalid',
    error: last?.keyword === 'anyOf' || last?.keyword === 'oneOf' ? last : errors[0],
  }
}

// Older drafts do not require the u flag, and many patterns are invalid with it.
function regExp(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags)
  } catch {
    return new RegExp(pattern)
  }
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

function post(answer: Answer): void {
  const { user, system } = process.threadCpuUsage()
  parentPort?.postMessage({ answer, cpuMs: (user + system) / 1_000 } satisfies TimedAnswer)
}

parentPort?.on('message', (question: Question) => {
  post(answer(question))
})
post({ kind: 'ready' })
