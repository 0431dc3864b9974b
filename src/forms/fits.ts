// Whether a value fits a schema, as far as a form has to know: which branch is meant, whether a
// condition is met, whether a default is one. No pattern runs here, because a provider's expression
// may take forever; the check of the order runs it, in a thread with a limit.
import { flatten, type Condition } from './flatten.ts'
import {
  isObject,
  mayGoOn,
  own,
  stringsOf,
  subschemas,
  typesOf,
  type Schema,
  type Work,
} from './json-schema.ts'

const maxDepth = 30

/** Where the work is too much the value fits: the check of the order decides. */
export function fits(work: Work, schema: Schema, value: unknown): boolean {
  return fitsWithin(work, schema, value, 0)
}

/** What a condition adds to the object; undefined if nothing. */
export function consequence(work: Work, condition: Condition, value: unknown): Schema | undefined {
  return fits(work, condition.test, value) ? condition.met : condition.unmet
}

function fitsWithin(work: Work, schema: Schema, value: unknown, depth: number): boolean {
  // A few levels of branches that refer to the next level twice are endless work.
  if (depth > maxDepth || !mayGoOn(work)) return true
  const flat = flatten(work, schema)
  if (flat === undefined) return true
  const also = (part: Schema) => fitsWithin(work, part, value, depth + 1)
  return (
    fitsType(flat.schema, value) &&
    fitsValues(flat.schema, value) &&
    fitsLimits(flat.schema, value) &&
    flat.alternatives.every((branches) => branches.some(also)) &&
    flat.conditions.every(({ test, met, unmet }) => {
      const part = also(test) ? met : unmet
      return part === undefined || also(part)
    }) &&
    (!isObject(flat.schema['not']) || !also(flat.schema['not'])) &&
    fitsParts(work, flat.schema, value, depth)
  )
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

function fitsType(schema: Schema, value: unknown): boolean {
  const types = typesOf(schema)
  return (
    types.length === 0 ||
    types.includes(typeOf(value)) ||
    (types.includes('integer') && Number.isInteger(value))
  )
}

export function isSame(first: unknown, second: unknown): boolean {
  return first === second || JSON.stringify(first) === JSON.stringify(second)
}

function fitsValues(schema: Schema, value: unknown): boolean {
  const { enum: values } = schema
  if (Object.hasOwn(schema, 'const') && !isSame(schema['const'], value)) return false
  return !Array.isArray(values) || values.some((each) => isSame(each, value))
}

/** Whether the limits of numbers, texts and lists hold. */
function fitsLimits(schema: Schema, value: unknown): boolean {
  const within = (size: number, least: string, most: string) =>
    !(Number(schema[least] ?? -Infinity) > size) && !(Number(schema[most] ?? Infinity) < size)
  if (typeof value === 'number') return fitsNumber(schema, value)
  if (typeof value === 'string') return within(Array.from(value).length, 'minLength', 'maxLength')
  if (Array.isArray(value)) return within(value.length, 'minItems', 'maxItems')
  return true
}

function fitsNumber(schema: Schema, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const isBelow = typeof minimum === 'number' && value < minimum
  const isAbove = typeof maximum === 'number' && value > maximum
  // In draft 4 they are booleans about the others.
  const lowest = exclusiveMinimum === true ? minimum : exclusiveMinimum
  const highest = exclusiveMaximum === true ? maximum : exclusiveMaximum
  const isAtLowest = typeof lowest === 'number' && value <= lowest
  const isAtHighest = typeof highest === 'number' && value >= highest
  return !isBelow && !isAbove && !isAtLowest && !isAtHighest && isMultiple(value, multipleOf)
}

export function isMultiple(value: number, step: unknown): boolean {
  return typeof step !== 'number' || step <= 0 || Number.isInteger(value / step)
}

function fitsParts(work: Work, schema: Schema, value: unknown, depth: number): boolean {
  const inner = (part: Schema, each: unknown) => fitsWithin(work, part, each, depth + 1)
  if (Array.isArray(value)) {
    const { items } = schema
    return !isObject(items) || value.every((each) => inner(items, each))
  }
  if (!isObject(value)) return true
  const properties = subschemas(schema, 'properties')
  const known = new Set(properties.map(([key]) => key))
  return (
    stringsOf(schema['required']).every((key) => own(value, key) !== undefined) &&
    properties.every(([key, part]) => !Object.hasOwn(value, key) || inner(part, value[key])) &&
    (schema['additionalProperties'] !== false ||
      isObject(schema['patternProperties']) ||
      Object.keys(value).every((key) => known.has(key)))
  )
}
