// What ajv knows of each draft.
import { Ajv, type Options } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { default as draft04 } from 'ajv-draft-04'
import type { Draft } from './draft.ts'

type Schema = Readonly<Record<string, unknown>>
type Maker = (options: Options) => Ajv

const makers: Readonly<Record<Draft, Maker>> = {
  // A CommonJS module: the class is its `default`.
  'draft-04': (options) => new draft04.default(options),
  'draft-06': (options) => new Ajv(options),
  'draft-07': (options) => new Ajv(options),
  '2019-09': (options) => new Ajv2019(options),
  '2020-12': (options) => new Ajv2020(options),
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

/** An instance of ajv for one draft. */
export function ajvFor(draft: Draft, options: Options): Ajv {
  return makers[draft](options)
}

/**
 * The schema as ajv takes it. Only references within the schema are allowed, so its own id is
 * useless, and it might be equal to that of its draft.
 */
export function namedForAjv({ $id: _id, id: _oldId, ...rest }: Schema, draft: Draft): Schema {
  return { ...rest, $schema: metaSchemas[draft] }
}

/** Why it is no schema by the rules of its draft; undefined if it is one. */
export function metaProblem(named: Schema, draft: Draft): string | undefined {
  const judge = judgeOf(draft)
  return judge.validateSchema(named) === true
    ? undefined
    : `schema is invalid: ${judge.errorsText()}`.slice(0, 500)
}

function judgeOf(draft: Draft): Ajv {
  const known = judges.get(draft)
  if (known !== undefined) return known
  const judge = ajvFor(draft, { strict: false, logger: false, validateFormats: false })
  if (draft === 'draft-06') judge.addMetaSchema(draft06)
  judges.set(draft, judge)
  return judge
}
