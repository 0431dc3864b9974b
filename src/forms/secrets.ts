// Values that must not be shown: `writeOnly` and `format: password`.
import { flatten, type Flat } from './flatten.ts'
import { isObject, mayGoOn, own, type Schema, type Work } from './json-schema.ts'
import { branchOf, partsOf } from './object-parts.ts'
import { shapeOf, type Shape } from './shape.ts'

// As deep as the check of a value looks; `work` bounds how much it is.
const maxDepth = 30

/** A copy without the secrets, for a field that shows a value whole. */
export function withoutSecrets(work: Work, schema: Schema, value: unknown, depth = 0): unknown {
  const shape = shapeOf(work, schema)
  // What cannot be looked through is not shown.
  if (shape.isSecret || depth > maxDepth || !mayGoOn(work)) return undefined
  const { flat } = shape
  if (Array.isArray(value)) {
    const { items } = flat.schema
    if (!isObject(items)) return Array.isArray(items) && hasSecret(items) ? undefined : value
    return value.flatMap((each) => withoutSecrets(work, items, each, depth + 1) ?? [])
  }
  if (!isObject(value)) return value
  const shown = Object.entries(value).flatMap(([key, each]) => {
    let rest: unknown = each
    for (const part of schemasOf(work, flat, key))
      if (rest !== undefined) rest = withoutSecrets(work, part, rest, depth + 1)
    // Too much work: a schema that makes it a secret may not have been reached.
    return rest === undefined || !mayGoOn(work) ? [] : [[key, rest] as const]
  })
  return Object.fromEntries(shown)
}

/** All schemas that a property may have, whatever is chosen. */
function schemasOf(work: Work, flat: Flat, key: string): readonly Schema[] {
  const found = new Set<Schema>()
  const open = [flat]
  // Branches may refer to the same ones over and over: each is looked through once.
  const seen = new Set<Schema>()
  for (let at = open.pop(); at !== undefined && mayGoOn(work); at = open.pop()) {
    for (const part of partsNamed(at, key)) found.add(part)
    const below = [
      ...at.alternatives.flat(),
      ...at.conditions.flatMap(({ met, unmet }) => [met, unmet]),
    ]
    for (const part of below) {
      if (part === undefined || seen.has(part)) continue
      seen.add(part)
      const inner = flatten(work, part)
      if (inner !== undefined) open.push(inner)
    }
  }
  return [...found]
}

function partsNamed({ schema }: Flat, key: string): readonly Schema[] {
  const { properties, patternProperties, additionalProperties } = schema
  const named = own(properties, key)
  const others = Object.values(isObject(patternProperties) ? patternProperties : {})
  return [named, ...others, named === undefined ? additionalProperties : undefined].filter(isObject)
}

/** In lists of one schema for each place, which forms do not look through. */
function hasSecret(part: unknown): boolean {
  return /"writeOnly":true|"format":"password"/.test(JSON.stringify(part))
}

/**
 * The value with the secrets of `kept` that it lacks: their fields stay empty where the kept ones
 * go on. Not in lists, where another row may stand in the place of the old one.
 */
export function withKeptSecrets(
  work: Work,
  schema: Schema,
  value: unknown,
  kept: unknown,
  depth = 0,
): unknown {
  if (!isObject(value) || !isObject(kept) || depth > maxDepth) return value
  const shape = shapeOf(work, schema)
  const completed = new Map(Object.entries(value))
  for (const [key, old] of Object.entries(kept)) {
    const part = propertyIn(work, shape, { ...kept, ...value }, key)
    if (part === undefined) continue
    const mine = own(value, key)
    if (mine !== undefined) completed.set(key, withKeptSecrets(work, part, mine, old, depth + 1))
    else if (shapeOf(work, part).isSecret) completed.set(key, old)
  }
  return Object.fromEntries(completed)
}

/** The schema of a property in the branches and under the conditions that the value is of. */
function propertyIn(work: Work, shape: Shape, value: unknown, key: string): Schema | undefined {
  const { flat } = shape
  const choose = (branches: readonly Schema[]) => branchOf(work, branches, value)
  const known = partsOf(work, flat, value, choose).properties.get(key)
  if (known !== undefined) return known
  // What another branch names is not one of the further entries.
  const { additionalProperties } = flat.schema
  const [first, ...others] = schemasOf(work, flat, key)
  return first === additionalProperties && others.length === 0 ? first : undefined
}
