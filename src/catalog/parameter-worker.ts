// Entry of a worker thread: compiles the parameter schemas of providers and checks parameters with
// them. A provider's schema may take forever, so none of it runs on the thread that serves orders
// (see parameter-thread.ts).
import { parentPort } from 'node:worker_threads'
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { default as draft04 } from 'ajv-draft-04'
import { draftOf, type Draft } from './draft.ts'

export type Question =
  | {
      readonly ask: 'compile'
      readonly digest: string
      readonly schema: Readonly<Record<string, unknown>>
    }
  | { readonly ask: 'run'; readonly digest: string; readonly value: unknown }

export type Answer =
  | { readonly kind: 'ready' | 'compiled' | 'unknown' | 'valid' }
  | { readonly kind: 'invalid'; readonly error: ErrorObject | undefined }
  /** Compiling the schema, or checking this value with it, threw. */
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
  code: { regExp: Object.assign(regExp, { code: 'regExp' }) },
}

const makers: Readonly<Record<Draft, () => Pick<Ajv, 'compile'>>> = {
  // A CommonJS module: the class is its `default`.
  'draft-04': () => new draft04.default(options),
  'draft-06': () => new Ajv(options).addMetaSchema(draft06),
  'draft-07': () => new Ajv(options),
  '2019-09': () => new Ajv2019(options),
  '2020-12': () => new Ajv2020(options),
}
const metaSchemas: Readonly<Record<Draft, string>> = {
  'draft-04': 'http://json-schema.org/draft-04/schema#',
  'draft-06': 'http://json-schema.org/draft-06/schema#',
  'draft-07': 'http://json-schema.org/draft-07/schema#',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
}

// ajv keeps all that it has compiled, so its instances are dropped with the validators.
const maxSchemas = 1_000
const maxCharacters = 2_000_000
const instances = new Map<Draft, Pick<Ajv, 'compile'>>()
const compiled = new Map<string, ValidateFunction>()
let characters = 0

function compile(digest: string, schema: Readonly<Record<string, unknown>>): Answer {
  const draft = draftOf(schema)
  if (draft === undefined) return { kind: 'broken', problem: 'its draft is not known.' }
  characters += JSON.stringify(schema).length
  if (compiled.size >= maxSchemas || characters > maxCharacters) {
    instances.clear()
    compiled.clear()
    characters = 0
  }
  const ajv = instances.get(draft) ?? makers[draft]()
  instances.set(draft, ajv)
  // Only references within the schema are allowed, so its own id is useless, and it might be equal
  // to another schema's.
  const { $id: _id, id: _oldId, ...rest } = schema
  const validate = ajv.compile({ ...rest, $schema: metaSchemas[draft] })
  if ('$async' in validate)
    return { kind: 'broken', problem: 'it has "$async", which is not JSON Schema.' }
  compiled.set(digest, validate)
  return { kind: 'compiled' }
}

function run(digest: string, value: unknown): Answer {
  const validate = compiled.get(digest)
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
    return question.ask === 'compile'
      ? compile(question.digest, question.schema)
      : run(question.digest, question.value)
  } catch (error) {
    return {
      kind: 'broken',
      problem: error instanceof Error ? error.message.slice(0, 500) : 'it cannot be read.',
    }
  }
}

parentPort?.on('message', (question: Question) => {
  parentPort?.postMessage(answer(question))
})
parentPort?.postMessage({ kind: 'ready' } satisfies Answer)
