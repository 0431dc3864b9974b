// A schema in one piece, as far as a form needs it: references followed, `allOf` merged. What a
// form cannot use stays out; the check of the order has the whole schema.
import {
  anything,
  dereferenced,
  isObject,
  mayGoOn,
  once,
  own,
  stringsOf,
  typesOf,
  type Schema,
  type Work,
} from './json-schema.ts'

/** `if`, with what holds when it fits and when it does not. */
export interface Condition {
  readonly test: Schema
  readonly met: Schema | undefined
  readonly unmet: Schema | undefined
}

export interface Flat {
  /** Without `$ref`, `allOf`, `oneOf`, `anyOf`, `if`, `then`, `else`. */
  readonly schema: Schema
  /** Of each `oneOf` and `anyOf` one branch holds. */
  readonly alternatives: ReadonlyArray<readonly Schema[]>
  readonly conditions: readonly Condition[]
}

const nothing: Flat = { schema: {}, alternatives: [], conditions: [] }
const maxNesting = 12

/** Undefined: a reference leads to nothing, or the work is too much. */
export const flatten: (work: Work, schema: Schema) => Flat | undefined = once(flattenAnew)

function flattenAnew(work: Work, schema: Schema): Flat | undefined {
  const flattened = (given: Schema, nesting: number): Flat | undefined => {
    const resolved = dereferenced(work.root, given)
    if (resolved === undefined || nesting > maxNesting || !mayGoOn(work)) return undefined
    const { allOf, oneOf, anyOf, if: test, then: met, else: unmet, ...rest } = resolved
    const alternatives = [oneOf, anyOf].map(branchesOf).filter((branches) => branches.length > 0)
    const conditions = [...conditionsOf(test, met, unmet), ...dependenciesOf(rest)]
    let all: Flat = { schema: rest, alternatives, conditions }
    for (const part of branchesOf(allOf)) {
      const flat = flattened(part, nesting + 1)
      if (flat === undefined) return undefined
      all = combine(all, flat)
    }
    return all
  }
  return flattened(schema, 0)
}

/** Both hold. The words of the first one win. */
export function combine(first: Flat, second: Flat = nothing): Flat {
  return {
    schema: mergeSchemas(first.schema, second.schema),
    alternatives: [...first.alternatives, ...second.alternatives],
    conditions: [...first.conditions, ...second.conditions],
  }
}

function branchesOf(value: unknown): readonly Schema[] {
  return Array.isArray(value)
    ? value.flatMap((each) => (each === true ? [anything] : isObject(each) ? [each] : []))
    : []
}

function conditionsOf(test: unknown, met: unknown, unmet: unknown): readonly Condition[] {
  if (!isObject(test)) return []
  const [whenMet, whenUnmet] = [met, unmet].map((part) => (isObject(part) ? part : undefined))
  return whenMet || whenUnmet ? [{ test, met: whenMet, unmet: whenUnmet }] : []
}

/** What a present property demands of the others. */
function dependenciesOf(schema: Schema): readonly Condition[] {
  return ['dependencies', 'dependentRequired', 'dependentSchemas'].flatMap((keyword) =>
    Object.entries(isObject(schema[keyword]) ? schema[keyword] : {}).flatMap(([key, demand]) => {
      const met = Array.isArray(demand) ? { required: demand } : demand
      return isObject(met) ? [{ test: { required: [key] }, met, unmet: undefined }] : []
    }),
  )
}

type Merge = (first: unknown, second: unknown) => unknown

const number =
  (pick: (...numbers: number[]) => number): Merge =>
  (first, second) =>
    typeof first === 'number' && typeof second === 'number' ? pick(first, second) : first
const larger = number(Math.max)
const smaller = number(Math.min)
const both: Merge = (first, second) => ({ allOf: [first, second] })

const merges: Readonly<Record<string, Merge>> = {
  properties: (first, second) => mergeProperties(first, second),
  required: (first, second) => [...new Set([...stringsOf(first), ...stringsOf(second)])],
  type: (first, second) => commonTypes({ type: first }, { type: second }),
  enum: (first, second) => commonValues(first, second),
  items: (first, second) => (isObject(first) && isObject(second) ? both(first, second) : first),
  additionalProperties: (first, second) => (second === false ? false : first),
  minimum: larger,
  exclusiveMinimum: larger,
  minLength: larger,
  minItems: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
}

function mergeSchemas(first: Schema, second: Schema): Schema {
  const merged = new Map(Object.entries(first))
  for (const [keyword, value] of Object.entries(second)) {
    const known = merged.get(keyword)
    const merge = own(merges, keyword) as Merge | undefined
    if (known === undefined) merged.set(keyword, value)
    else if (merge !== undefined) merged.set(keyword, merge(known, value))
  }
  return Object.fromEntries(merged)
}

function mergeProperties(first: unknown, second: unknown): Schema {
  const merged = new Map(Object.entries(isObject(first) ? first : {}))
  for (const [key, part] of Object.entries(isObject(second) ? second : {})) {
    const known = merged.get(key)
    if (known === undefined || known === true) merged.set(key, part)
    else if (part !== true) merged.set(key, both(known, part))
  }
  return Object.fromEntries(merged)
}

function commonTypes(first: Schema, second: Schema): readonly string[] {
  const others = typesOf(second)
  const common = typesOf(first).filter(
    (type) => others.includes(type) || (type === 'integer' && others.includes('number')),
  )
  const narrowed = others.includes('integer') && typesOf(first).includes('number')
  return narrowed && !common.includes('integer') ? [...common, 'integer'] : common
}

function commonValues(first: unknown, second: unknown): unknown {
  if (!Array.isArray(first) || !Array.isArray(second)) return first
  const others = new Set(second.map((value) => JSON.stringify(value)))
  return first.filter((value) => others.has(JSON.stringify(value)))
}
