import type { PlanSchemas } from '../types.gen.ts'
import { draftOf } from './draft.ts'

// OSB 2.17 says 64 kB, which may mean 64,000 or 65,536 bytes. What Kontor publishes must be valid
// either way.
const maxBytes = 64_000

const locations = [
  ['service_instance', 'create'],
  ['service_instance', 'update'],
  ['service_binding', 'create'],
] as const

export interface SchemaProblem {
  readonly location: string
  readonly problem: string
  readonly effect: 'schema_dropped' | 'note'
}

/**
 * Drops each parameter schema that the specification does not allow, with the reason; a valid one
 * of an unknown draft stays.
 */
export function checkPlanSchemas(schemas: PlanSchemas): {
  schemas: PlanSchemas
  problems: SchemaProblem[]
} {
  const problems: SchemaProblem[] = []
  const kept = structuredClone(schemas) as Record<
    string,
    Record<string, { parameters?: Record<string, unknown> } | undefined> | undefined
  >
  for (const [group, action] of locations) {
    const holder = kept[group]?.[action]
    if (holder?.parameters === undefined) continue
    const location = `${group}/${action}/parameters`
    const problem = schemaProblem(holder.parameters)
    if (problem !== undefined) {
      problems.push({ location, problem, effect: 'schema_dropped' })
      delete holder.parameters
    } else if (draftOf(holder.parameters) === undefined) {
      problems.push({
        location,
        problem:
          `"$schema" is ${String(holder.parameters['$schema']).slice(0, 200)}, a draft that ` +
          'Kontor does not know: it does not check parameters.',
        effect: 'note',
      })
    }
  }
  return { schemas: kept as PlanSchemas, problems }
}

function schemaProblem(schema: Record<string, unknown>): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(schema))
  if (bytes > maxBytes) return `The schema is ${bytes} bytes long; ${maxBytes} are allowed.`
  if (typeof schema['$schema'] !== 'string') return 'The schema has no "$schema".'
  if (describesOther(schema)) return 'The schema does not describe an object.'
  const external = findExternalRef(schema)
  return external === undefined
    ? undefined
    : `The schema refers to something outside itself: ${external.slice(0, 200)}`
}

const otherTypes: readonly unknown[] = ['array', 'string', 'number', 'integer', 'boolean', 'null']

// In an unknown draft the keyword may mean something else.
function describesOther(schema: Record<string, unknown>): boolean {
  return (
    draftOf(schema) !== undefined &&
    schema['type'] !== undefined &&
    [schema['type']].flat().every((type) => otherTypes.includes(type))
  )
}

const references: readonly string[] = ['$ref', '$dynamicRef', '$recursiveRef']

function findExternalRef(root: unknown): string | undefined {
  const todo = [root]
  while (todo.length > 0) {
    const part = todo.pop()
    if (part === null || typeof part !== 'object') continue
    for (const [key, value] of Object.entries(part)) {
      if (references.includes(key) && typeof value === 'string' && !value.startsWith('#'))
        return value
      todo.push(value)
    }
  }
  return undefined
}
