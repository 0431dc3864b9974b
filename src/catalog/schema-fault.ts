import { anchorsOf } from './cloud-foundry/references.ts'
import type { Draft } from './draft.ts'
import { isObject } from './inspection.ts'
import { quoted } from './inspection/quoted.ts'
import { regularExpression } from './regular-expression.ts'
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

/** A part of a schema on the way through it. */
interface Part {
  readonly part: unknown
  /** The part of the schema in which its references begin. */
  readonly base: Schema
  /** JSON pointer to it; of what a reference leads to, the reference. */
  readonly pointer: string
}

/**
 * Why a schema cannot be compiled that is one by the rules of its draft: a reference that leads to
 * nothing, a pattern that is no regular expression, or `$async`, in what orders would be checked
 * with. Undefined: nothing was found.
 * @param root  all its references begin with `#`
 */
export function schemaFault(root: Schema, draft: Draft): string | undefined {
  const isLate = draft === '2019-09' || draft === '2020-12'
  const anchors = anchorsOf(root)
  const anchored = (name: string): unknown => {
    const tokens = anchors.get(name)
    return tokens && (partAt(root, tokens) ?? {})
  }
  const seen = new Set<Schema>()
  const todo: Part[] = [{ part: root, base: root, pointer: '' }]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { part: schema, base: outer, pointer } = next
    if (!isObject(schema) || seen.has(schema)) continue
    seen.add(schema)
    const fault = asyncFault(schema, pointer) ?? patternFault(schema, pointer)
    if (fault !== undefined) return fault
    const base = startsResource(schema) ? schema : outer
    for (const [keyword, value] of Object.entries(schema)) {
      if (references.includes(keyword) && typeof value === 'string') {
        if (keyword === '$dynamicRef' && !isLate) continue
        // More than an exact reader finds: what Kontor does not understand is no fault.
        const target = targetOf(value, base, anchored) ?? targetOf(value, root, anchored)
        if (target === undefined)
          return `The schema has no part ${value.slice(0, 200)}, to which it refers.`
        todo.push({ part: target, base, pointer: value.slice(1) })
      } else if (isLate || !late.includes(keyword))
        for (const [key, part] of usedParts(keyword, value))
          todo.push({ part, base, pointer: `${pointer}/${key}` })
    }
  }
  return undefined
}

// Orders are checked at once, not by a promise.
function asyncFault({ $async }: Schema, pointer: string): string | undefined {
  return $async
    ? `The schema has "$async" at ${quoted(`${pointer}/$async`)}, which is not JSON Schema.`
    : undefined
}

function patternFault(schema: Schema, pointer: string): string | undefined {
  const { pattern, patternProperties } = schema
  const names = isObject(patternProperties) ? Object.keys(patternProperties) : []
  const patterns = [
    ...(typeof pattern === 'string' ? [['pattern', pattern] as const] : []),
    ...names.map((name) => [`patternProperties/${escaped(name)}`, name] as const),
  ]
  const [faulty] = patterns.find(([, text]) => !isRegularExpression(text)) ?? []
  return faulty && `The pattern at ${quoted(`${pointer}/${faulty}`)} is not a regular expression.`
}

function isRegularExpression(pattern: string): boolean {
  try {
    regularExpression(pattern, 'u')
    return true
  } catch {
    return false
  }
}

/** The schemas that a keyword holds, each under the rest of the pointer to it. */
function usedParts(keyword: string, value: unknown): ReadonlyArray<readonly [string, unknown]> {
  if (definitions.includes(keyword) || neverUsed.includes(keyword)) return []
  const below = (parts: object) =>
    Object.entries(parts).map(([key, part]) => [`${keyword}/${escaped(key)}`, part] as const)
  if (Array.isArray(value)) return schemaLists.includes(keyword) ? below(value) : []
  if (!isObject(value)) return []
  if (schemaMaps.includes(keyword)) return below(value)
  return singleSchemas.includes(keyword) ? [[keyword, value]] : []
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Whether pointers below it begin at it. */
function startsResource({ $id, id }: Schema): boolean {
  return [$id, id].some((each) => typeof each === 'string' && !each.startsWith('#'))
}

function targetOf(reference: string, base: Schema, anchored: (name: string) => unknown): unknown {
  const fragment = reference.slice(1)
  if (fragment === '') return base
  if (!fragment.startsWith('/')) return anchored(fragment)
  const part = partAt(base, fragment.slice(1).split('/').map(tokenOf))
  return isObject(part) || typeof part === 'boolean' ? part : undefined
}

function partAt(base: Schema, tokens: ReadonlyArray<string | undefined>): unknown {
  let at: unknown = base
  for (const token of tokens) {
    if (at === null || typeof at !== 'object' || token === undefined || !Object.hasOwn(at, token))
      return undefined
    at = (at as Schema)[token]
  }
  return at
}

function tokenOf(token: string): string | undefined {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return undefined
  }
}
