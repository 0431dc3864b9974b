// Cloud Foundry's cloud controller refuses a whole catalog for one schema that names a draft after
// draft-06 ("Custom meta schemas are not supported"), or that does not conform to the meta-schema
// of draft-04, whatever draft it names (lib/services/service_brokers/v2/schema.rb).
import { default as draft04 } from 'ajv-draft-04'
import { describeError } from '../../schemas.ts'
import { draftOf } from '../draft.ts'
import { anchorsOf, isEndless } from './references.ts'
import { rewritePart } from './rewrite-part.ts'
import { refuse, type Rewriting, type Schema } from './rewriting.ts'

export type FittedSchema =
  /** The schema itself where it fits as it is. */
  | { readonly kind: 'fits'; readonly schema: Schema }
  /** `problem` ends a sentence about it. */
  | { readonly kind: 'unfit'; readonly problem: string }

const maxBytes = 64_000
const maxParts = 3_000

const names = {
  'draft-04': 'http://json-schema.org/draft-04/schema#',
  'draft-06': 'http://json-schema.org/draft-06/schema#',
} as const

type Validator = ReturnType<InstanceType<typeof draft04.default>['getSchema']>

// On first use: most commands read no catalog.
let compiled: Validator

function metaSchema(): Validator {
  compiled ??= new draft04.default({ logger: false, validateFormats: false }).getSchema(
    'http://json-schema.org/draft-04/schema',
  )
  return compiled
}

/**
 * A parameter schema as Cloud Foundry takes it: the same rules in draft-04, or else in draft-06
 * without what the meta-schema of draft-04 forbids.
 * @param schema  as inspection lets it through: of at most 64 kB, without external references
 */
export function fitSchema(schema: Schema): FittedSchema {
  const fitted = rewrittenFor(schema, 'draft-04')
  return fitted.kind === 'fits' ? fitted : better(rewrittenFor(schema, 'draft-06'), fitted)
}

function better(later: FittedSchema, first: FittedSchema): FittedSchema {
  return later.kind === 'fits' ? later : first
}

function rewrittenFor(given: Schema, target: 'draft-04' | 'draft-06'): FittedSchema {
  const draft = draftOf(given)
  if (draft === undefined) return { kind: 'unfit', problem: 'Kontor does not know its draft' }
  const rewriting: Rewriting = {
    root: given,
    draft,
    target,
    anchors: anchorsOf(given),
    left: maxParts,
    problem: undefined,
  }
  const { type: _type, ...rest } = rewritePart(given, rewriting)
  const schema = { $schema: names[target], ...inOrder(given, { type: 'object', ...rest }) }
  if (rewriting.problem === undefined) refuseInvalid(schema, rewriting)
  if (rewriting.problem !== undefined) return { kind: 'unfit', problem: rewriting.problem }
  const text = JSON.stringify(schema)
  if (Buffer.byteLength(text) > maxBytes) return { kind: 'unfit', problem: 'it becomes too long' }
  return { kind: 'fits', schema: text === JSON.stringify(given) ? given : schema }
}

/** The keywords in the order of the given schema, so that one that fits stays as it is. */
function inOrder(given: Schema, schema: Schema): Schema {
  const { $schema: _name, ...keywords } = given
  const first = Object.keys(keywords).filter((keyword) => Object.hasOwn(schema, keyword))
  return {
    ...Object.fromEntries(first.map((keyword) => [keyword, schema[keyword]])),
    ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => !first.includes(keyword))),
  }
}

function refuseInvalid(schema: Schema, rewriting: Rewriting): void {
  const validate = metaSchema()
  if (validate?.(schema) === false)
    refuse(rewriting, describeError(validate.errors?.[0], 'the schema'))
  else if (isEndless(schema)) refuse(rewriting, 'it refers to itself without end')
}
