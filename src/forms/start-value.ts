// What a new form starts with: the defaults that the provider names, and what must be there.
import { fits, isSame } from './fits.ts'
import { mayGoOn, own, type Schema, type Work } from './json-schema.ts'
import { branchOf, partsOf } from './object-parts.ts'
import { shapeOf, type Shape } from './shape.ts'

const maxDepth = 6
const maxRows = 20

/**
 * Undefined: nothing is given.
 * @param isRequired  an object that must be there starts with its own defaults
 */
export function startValue(work: Work, schema: Schema, isRequired: boolean, depth = 0): unknown {
  const shape = shapeOf(work, schema)
  if (shape.isSecret || depth > maxDepth || !mayGoOn(work)) return undefined
  const given = shape.flat.schema['default']
  if (given !== undefined && fits(work, schema, given))
    return shape.kind === 'object' ? startObject(work, shape, given, depth) : given
  switch (shape.kind) {
    case 'const':
      return isRequired ? shape.value : undefined
    case 'object': {
      const value = startObject(work, shape, {}, depth)
      return isRequired || isWholeOption(work, shape, value) ? value : undefined
    }
    case 'rows': {
      const least = Number(shape.flat.schema['minItems'] ?? 0)
      if (!isRequired || !(least > 0)) return undefined
      return Array.from({ length: Math.min(least, maxRows) }, () =>
        startValue(work, shape.item, true, depth + 1),
      )
    }
    default:
      return undefined
  }
}

function startObject(work: Work, shape: Shape, given: unknown, depth: number): unknown {
  let value = given
  // What is filled in may meet a condition, which brings further properties.
  for (let round = 0; round < 4; round++) {
    const parts = partsOf(work, shape.flat, value, (branches) => branchOf(work, branches, value))
    const filled = [...parts.properties].flatMap(([key, part]) => {
      const known = own(value, key)
      const start = known ?? startValue(work, part, parts.required.has(key), depth + 1)
      return start === undefined ? [] : [[key, start] as const]
    })
    const next = { ...(value as object), ...Object.fromEntries(filled) }
    if (isSame(next, value)) break
    value = next
  }
  return value
}

/** Whether defaults make all of an object that may be left out. */
function isWholeOption(work: Work, shape: Shape, value: unknown): boolean {
  return !isSame(value, {}) && fits(work, shape.flat.schema, value) && isPlain(shape)
}

export function isPlain({ flat }: Shape): boolean {
  return flat.alternatives.length === 0 && flat.conditions.length === 0
}
