import { validateValue } from '../storable.ts'
import type { PlanSchemas } from '../types.gen.ts'
import { draftOf, type Draft } from './draft.ts'
import { metaProblem, namedForAjv } from './drafts.ts'
import { isObject } from './inspection.ts'
import { schemaFault } from './schema-fault.ts'

// OSB 2.17 says 64 kB, which may mean 64,000 or 65,536 bytes. What Kontor publishes must be valid
// either way.
const maxBytes = 64_000

/** Where a plan holds parameter schemas. */
export const schemaLocations = [
  ['service_instance', 'create'],
  ['service_instance', 'update'],
  ['service_binding', 'create'],
] as const

export interface SchemaProblem {
  /** JSON pointer below `schemas`; empty for `schemas` itself. */
  readonly location: string
  readonly problem: string
  readonly effect: 'schema_dropped' | 'note'
}

type Parts = Record<string, unknown>

/**
 * Drops each parameter schema that the specification does not allow, with the reason, and what
 * should hold schemas and is no object; a valid schema of an unknown draft stays.
 * @param given  `schemas` of a plan
 */
export function checkPlanSchemas(given: unknown): {
  schemas: PlanSchemas | undefined
  problems: SchemaProblem[]
} {
  const problems: SchemaProblem[] = []
  /** A copy of the part under a key, put in its place; undefined if there is none. */
  const open = (parts: Parts, key: string, location: string): Parts | undefined => {
    const part = parts[key]
    if (part === undefined) return undefined
    if (isObject(part)) return (parts[key] = { ...part })
    problems.push({ location, problem: `${key} must be object.`, effect: 'schema_dropped' })
    delete parts[key]
    return undefined
  }
  const top: Parts = { schemas: given }
  const schemas = open(top, 'schemas', '')
  for (const [group, action] of schemaLocations) {
    const ofGroup = schemas && open(schemas, group, `/${group}`)
    const holder = ofGroup && open(ofGroup, action, `/${group}/${action}`)
    const location = `/${group}/${action}/parameters`
    const schema = holder && open(holder, 'parameters', location)
    if (schema === undefined) continue
    const found = findingOf(schema)
    if (found !== undefined) problems.push({ location, ...found })
    if (found?.effect === 'schema_dropped') delete holder?.['parameters']
  }
  return { schemas, problems }
}

function findingOf(schema: Parts): Omit<SchemaProblem, 'location'> | undefined {
  const problem = schemaProblem(schema)
  if (problem !== undefined) return { problem, effect: 'schema_dropped' }
  if (draftOf(schema) !== undefined) return undefined
  return {
    problem:
      `"$schema" is ${String(schema['$schema']).slice(0, 200)}, a draft that Kontor does not ` +
      'know: it does not check parameters, and platforms of Cloud Foundry get the plan without it.',
    effect: 'note',
  }
}

function schemaProblem(schema: Parts): string | undefined {
  const unstorable = validateValue(schema, 'The schema')
  if (unstorable !== undefined) return unstorable
  const bytes = Buffer.byteLength(JSON.stringify(schema))
  if (bytes > maxBytes) return `The schema is ${bytes} bytes long; ${maxBytes} are allowed.`
  if (typeof schema['$schema'] !== 'string') return 'The schema has no "$schema".'
  if (describesOther(schema)) return 'The schema does not describe an object.'
  const external = findExternalRef(schema)
  if (external !== undefined)
    return `The schema refers to something outside itself: ${external.slice(0, 200)}`
  const draft = draftOf(schema)
  return draft && uncompilable(schema, draft)
}

// Orders would otherwise be the first to find out, and go to the provider unchecked.
function uncompilable(schema: Parts, draft: Draft): string | undefined {
  const invalid = metaProblem(namedForAjv(schema, draft), draft)
  if (invalid !== undefined) return `By the rules of its draft the ${invalid}.`
  return schemaFault(schema, draft)
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
