import type { PlanSchemas } from '../types.gen.ts'

// OSB 2.17 says 64 kB; 64,000 or 65,536 bytes is left open, so the larger is accepted.
const mostBytes = 65_536

const places = [
  ['service_instance', 'create'],
  ['service_instance', 'update'],
  ['service_binding', 'create']
] as const

export interface SchemaProblem { readonly place: string, readonly problem: string }

/** Leaves out each parameter schema that the specification does not allow, and says why. */
export function checkPlanSchemas (schemas: PlanSchemas): { schemas: PlanSchemas, problems: SchemaProblem[] } {
  const problems: SchemaProblem[] = []
  const kept = structuredClone(schemas) as Record<string, Record<string, { parameters?: Record<string, unknown> } | undefined> | undefined>
  for (const [group, action] of places) {
    const holder = kept[group]?.[action]
    if (holder?.parameters === undefined) continue
    const problem = schemaProblem(holder.parameters)
    if (problem === undefined) continue
    problems.push({ place: `${group}/${action}/parameters`, problem })
    delete holder.parameters
  }
  return { schemas: kept as PlanSchemas, problems }
}

function schemaProblem (schema: Record<string, unknown>): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(schema))
  if (bytes > mostBytes) return `The schema is ${bytes} bytes long; ${mostBytes} are allowed.`
  if (typeof schema['$schema'] !== 'string') return 'The schema has no "$schema".'
  const external = findExternalRef(schema)
  return external === undefined ? undefined : `The schema refers to something outside itself: ${external.slice(0, 200)}`
}

function findExternalRef (root: unknown): string | undefined {
  const todo = [root]
  while (todo.length > 0) {
    const part = todo.pop()
    if (part === null || typeof part !== 'object') continue
    if ('$ref' in part && typeof part.$ref === 'string' && !part.$ref.startsWith('#')) return part.$ref
    todo.push(...Object.values(part))
  }
  return undefined
}
