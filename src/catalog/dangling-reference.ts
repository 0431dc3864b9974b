import { anchorsOf } from './cloud-foundry/references.ts'
import type { Draft } from './draft.ts'
import { isObject } from './inspection.ts'
import { schemaLists, schemaMaps, singleSchemas } from './schema-keywords.ts'

type Schema = Record<string, unknown>

// Only what these refer to is ever used.
const definitions: readonly string[] = ['definitions', '$defs']
// Annotations before 2019-09, so nothing in them is used.
const late: readonly string[] = [
  'dependentSchemas',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
]
const neverUsed: readonly string[] = ['contentSchema']
const references: readonly string[] = ['$ref', '$dynamicRef']

/**
 * The first reference within a schema, or within what it refers to, that leads to nothing;
 * undefined if there is none. Then the schema cannot be compiled.
 * @param root  all its references begin with `#`
 */
export function danglingReference(root: Schema, draft: Draft): string | undefined {
  const isLate = draft === '2019-09' || draft === '2020-12'
  const anchors = anchorsOf(root)
  const seen = new Set<Schema>()
  const todo: Array<readonly [part: unknown, base: Schema]> = [[root, root]]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [schema, outer] = next
    if (!isObject(schema) || seen.has(schema)) continue
    seen.add(schema)
    const base = startsResource(schema) ? schema : outer
    for (const [keyword, value] of Object.entries(schema)) {
      if (references.includes(keyword) && typeof value === 'string') {
        if (keyword === '$dynamicRef' && !isLate) continue
        // More than an exact reader finds: what Kontor does not understand is no fault.
        const target = targetOf(value, base, anchors) ?? targetOf(value, root, anchors)
        if (target === undefined) return value
        todo.push([target, base])
      } else if (isLate || !late.includes(keyword))
        for (const part of usedParts(keyword, value)) todo.push([part, base])
    }
  }
  return undefined
}

function usedParts(keyword: string, value: unknown): readonly unknown[] {
  if (definitions.includes(keyword) || neverUsed.includes(keyword)) return []
  if (Array.isArray(value)) return schemaLists.includes(keyword) ? value : []
  if (!isObject(value)) return []
  if (schemaMaps.includes(keyword)) return Object.values(value)
  return singleSchemas.includes(keyword) ? [value] : []
}

/** Whether pointers below it begin at it. */
function startsResource({ $id, id }: Schema): boolean {
  return [$id, id].some((each) => typeof each === 'string' && !each.startsWith('#'))
}

function targetOf(
  reference: string,
  base: Schema,
  anchors: ReadonlyMap<string, readonly string[]>,
): unknown {
  const fragment = reference.slice(1)
  if (fragment === '') return base
  if (!fragment.startsWith('/')) return anchors.has(fragment) ? {} : undefined
  let at: unknown = base
  for (const token of fragment.slice(1).split('/')) {
    const key = tokenOf(token)
    if (at === null || typeof at !== 'object' || key === undefined || !Object.hasOwn(at, key))
      return undefined
    at = (at as Schema)[key]
  }
  return isObject(at) || typeof at === 'boolean' ? at : undefined
}

function tokenOf(token: string): string | undefined {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return undefined
  }
}
