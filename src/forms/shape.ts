// What kind of field a schema becomes.
import { flatten, type Flat } from './flatten.ts'
import { isSame } from './fits.ts'
import { isObject, once, subschemas, typesOf, type Schema, type Work } from './json-schema.ts'

/** A value to choose, with the schema that has its words. */
export interface Option {
  readonly value: unknown
  readonly words: Schema
}

type Kind =
  | { readonly kind: 'const'; readonly value: unknown }
  | { readonly kind: 'choice'; readonly options: readonly Option[] }
  | { readonly kind: 'boolean' | 'object' | 'json' }
  | { readonly kind: 'number'; readonly isInteger: boolean }
  | { readonly kind: 'text'; readonly input: TextInput }
  /** A list of texts or numbers. */
  | { readonly kind: 'lines'; readonly item: Schema; readonly isNumeric: boolean }
  /** A list of objects. */
  | { readonly kind: 'rows'; readonly item: Schema }

export type TextInput = 'text' | 'email' | 'uri' | 'date' | 'password'

export type Shape = Kind & {
  readonly flat: Flat
  readonly isNullable: boolean
  /** What was entered is never shown. */
  readonly isSecret: boolean
  /** The provider sets it. */
  readonly isReadOnly: boolean
}

// More than this is no choice any more: a text field, and the value is compared.
const maxOptions = 200

export const shapeOf: (work: Work, schema: Schema) => Shape = once(shapeAnew)

function shapeAnew(work: Work, schema: Schema): Shape {
  const flat = flatten(work, schema)
  if (flat === undefined)
    return {
      kind: 'json',
      flat: { schema: {}, alternatives: [], conditions: [] },
      isNullable: false,
      isSecret: schema['writeOnly'] === true,
      isReadOnly: false,
    }
  const { nullable, types } = typesWithoutNull(flat)
  return {
    ...kindOf(work, flat, types),
    flat,
    isNullable: nullable,
    isSecret: flat.schema['writeOnly'] === true || flat.schema['format'] === 'password',
    isReadOnly: flat.schema['readOnly'] === true,
  }
}

function typesWithoutNull({ schema }: Flat): { nullable: boolean; types: readonly string[] } {
  const types = typesOf(schema)
  const values = schema['enum']
  return {
    nullable: types.includes('null') || (Array.isArray(values) && values.includes(null)),
    types: types.filter((type) => type !== 'null'),
  }
}

function kindOf(work: Work, flat: Flat, types: readonly string[]): Kind {
  const { schema } = flat
  if (Object.hasOwn(schema, 'const')) return { kind: 'const', value: schema['const'] }
  const options = optionsOf(work, flat)
  const [only] = options
  if (only !== undefined && options.length === 1) return { kind: 'const', value: only.value }
  if (options.length > 0 && options.length <= maxOptions) return { kind: 'choice', options }
  if (isDrawableObject(work, flat, types)) return { kind: 'object' }
  const [type] = types
  if (types.length !== 1 || flat.alternatives.some(hasOtherThanRequired)) return { kind: 'json' }
  switch (type) {
    case 'string':
      return { kind: 'text', input: inputOf(schema) }
    case 'integer':
    case 'number':
      return options.length > 0
        ? { kind: 'json' }
        : { kind: 'number', isInteger: type === 'integer' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'array':
      return listKind(work, schema)
    default:
      return { kind: 'json' }
  }
}

/** The values of `enum`, or those of `oneOf` and `anyOf` whose branches are one value each. */
function optionsOf(work: Work, { schema, alternatives }: Flat): readonly Option[] {
  const values = schema['enum']
  if (Array.isArray(values)) return values.map((value) => ({ value, words: {} }))
  const [branches, ...others] = alternatives
  if (branches === undefined || others.length > 0 || branches.length > maxOptions) return []
  const options: Option[] = []
  for (const branch of branches) {
    const words = flatten(work, branch)?.schema ?? {}
    const allowed = words['enum']
    if (Object.hasOwn(words, 'const')) options.push({ value: words['const'], words })
    else if (Array.isArray(allowed) && allowed.length === 1)
      options.push({ value: allowed[0], words })
    else if (words['type'] === 'null') options.push({ value: null, words })
    else return []
  }
  return options.filter(
    ({ value }, index) => options.findIndex((each) => isSame(each.value, value)) === index,
  )
}

const hasOtherThanRequired = (branches: readonly Schema[]) =>
  branches.some((branch) => Object.keys(branch).some((keyword) => keyword !== 'required'))

function isDrawableObject(work: Work, { schema, alternatives }: Flat, types: readonly string[]) {
  const [type] = types
  if (types.length > 1 || (type !== undefined && type !== 'object')) return false
  if (isObject(schema['properties']) && subschemas(schema, 'properties').length > 0) return true
  const isOfObjects = (branches: readonly Schema[]) =>
    branches.every((branch) => shapeOf(work, branch).kind === 'object')
  if (alternatives.length > 0) return alternatives.every(isOfObjects)
  // Without entries.
  return type === 'object' && schema['additionalProperties'] === false
}

function listKind(work: Work, schema: Schema): Kind {
  const { items } = schema
  if (!isObject(items)) return { kind: 'json' }
  const item = shapeOf(work, items)
  if (item.isSecret || item.isNullable) return { kind: 'json' }
  switch (item.kind) {
    case 'object':
      return { kind: 'rows', item: items }
    case 'text':
      return { kind: 'lines', item: items, isNumeric: false }
    case 'number':
      return { kind: 'lines', item: items, isNumeric: true }
    case 'choice':
      return item.options.every(({ value }) => typeof value === 'string')
        ? { kind: 'lines', item: items, isNumeric: false }
        : { kind: 'json' }
    default:
      return { kind: 'json' }
  }
}

const inputs: readonly TextInput[] = ['email', 'uri', 'date', 'password']

function inputOf({ format }: Schema): TextInput {
  return inputs.find((input) => input === format) ?? 'text'
}
