// Values that must not be shown: `writeOnly` and `format: password`.
import { isObject, own, type Schema, type Work } from './json-schema.ts'
import { branchOf, partsOf } from './object-parts.ts'
import { shapeOf, type Shape } from './shape.ts'

const maxDepth = 12

/** A copy without the secrets, for a field that shows a value whole. */
export function withoutSecrets(work: Work, schema: Schema, value: unknown, depth = 0): unknown {
  const shape = shapeOf(work, schema)
  if (shape.isSecret || depth > maxDepth) return undefined
  if (Array.isArray(value)) {
    const { items } = shape.flat.schema
    return isObject(items)
      ? value.map((each) => withoutSecrets(work, items, each, depth + 1))
      : value
  }
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const part = propertyIn(work, shape, value, key)
      const shown = part === undefined ? each : withoutSecrets(work, part, each, depth + 1)
      return shown === undefined ? [] : [[key, shown] as const]
    }),
  )
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

function propertyIn(work: Work, shape: Shape, value: unknown, key: string): Schema | undefined {
  const { flat } = shape
  return partsOf(work, flat, value, (branches) => branchOf(work, branches, value)).properties.get(
    key,
  )
}
