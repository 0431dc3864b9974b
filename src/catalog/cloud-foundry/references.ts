// References within a schema whose parts move when it is rewritten.
import { isSchema, isSince, refuse, type Rewriting, type Schema } from './rewriting.ts'

const data: readonly string[] = ['enum', 'const', 'default', 'examples']

/** Each anchor of a schema, with the tokens of the JSON pointer to it. */
export function anchorsOf(root: Schema): Map<string, readonly string[]> {
  const anchors = new Map<string, readonly string[]>()
  const todo: Array<readonly [part: unknown, tokens: readonly string[]]> = [[root, []]]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [part, tokens] = next
    if (part === null || typeof part !== 'object') continue
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === 'string') {
        const anchor = anchorIn(key, value)
        if (anchor !== undefined) anchors.set(anchor, tokens)
      } else if (!data.includes(key)) todo.push([value, [...tokens, key]])
    }
  }
  return anchors
}

function anchorIn(key: string, value: string): string | undefined {
  if (key === '$anchor' || key === '$dynamicAnchor') return value
  // Up to draft-07 an id of this form is an anchor.
  return (key === '$id' || key === 'id') && /^#./.test(value) ? value.slice(1) : undefined
}

/** A reference of the schema as one of its rewritten form. */
export function movedReference(rewriting: Rewriting, reference: unknown): string {
  const wanted = typeof reference === 'string' ? decoded(reference) : undefined
  if (wanted === '') return '#'
  const tokens = wanted?.startsWith('/')
    ? wanted.slice(1).split('/').map(unescaped)
    : rewriting.anchors.get(wanted ?? '')
  const moved = tokens && movedTokens(rewriting, tokens)
  if (moved !== undefined)
    return ['#', ...moved.map((token) => encodeURIComponent(escaped(token)))].join('/')
  const named = typeof reference === 'string' ? ` ${reference.slice(0, 100)}` : ''
  refuse(rewriting, `the reference${named} leads to no plain part of it`)
  return '#'
}

/** The fragment of a reference within the schema; undefined if it is none. */
function decoded(reference: string): string | undefined {
  if (!reference.startsWith('#')) return undefined
  try {
    return decodeURIComponent(reference.slice(1))
  } catch {
    return undefined
  }
}

function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

function escaped(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

// The keywords that hold schemas under names, in a list, and one alone; and what becomes of them.
const maps: Readonly<Record<string, string>> = {
  properties: 'properties',
  patternProperties: 'patternProperties',
  definitions: 'definitions',
  $defs: 'definitions',
  dependencies: 'dependencies',
  dependentSchemas: 'dependencies',
}
const lists: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'items', 'prefixItems']
const single: readonly string[] = ['not', 'additionalProperties', 'additionalItems', 'items']

/** Follows a pointer from schema to schema; undefined if it leaves the plain parts. */
function movedTokens(rewriting: Rewriting, tokens: readonly string[]): string[] | undefined {
  const moved: string[] = []
  let at: unknown = rewriting.root
  for (let next = 0; next < tokens.length;) {
    const keyword = tokens[next++] ?? ''
    const part = isSchema(at) && Object.hasOwn(at, keyword) ? at[keyword] : undefined
    const map = Object.hasOwn(maps, keyword) ? maps[keyword] : undefined
    if (map !== undefined && isSchema(part)) {
      const name = tokens[next++]
      if (name === undefined || !Object.hasOwn(part, name)) return undefined
      if (keyword === 'dependentSchemas' && isCrowded(at as Schema, name)) return undefined
      moved.push(map, name)
      at = part[name]
    } else if (lists.includes(keyword) && Array.isArray(part)) {
      const index = tokens[next++] ?? ''
      moved.push(keyword === 'prefixItems' ? 'items' : keyword, index)
      at = part[Number(index)]
    } else if (single.includes(keyword) && isSchema(part)) {
      moved.push(followsList(rewriting, keyword, at as Schema) ? 'additionalItems' : keyword)
      at = part
    } else return undefined
  }
  // true and false become schemas below names and in lists.
  return isSchema(at) || typeof at === 'boolean' ? moved : undefined
}

/** Whether another dependency on that property keeps the schema from moving to `dependencies`. */
function isCrowded({ dependencies, dependentRequired }: Schema, name: string): boolean {
  return [dependencies, dependentRequired].some(
    (others) => isSchema(others) && Object.hasOwn(others, name),
  )
}

function followsList(rewriting: Rewriting, keyword: string, { prefixItems }: Schema): boolean {
  return keyword === 'items' && isSince(rewriting, '2020-12') && Array.isArray(prefixItems)
}

/**
 * Whether a validator that checks a value against a rewritten schema comes back to the same part
 * without having gone into the value: then it never ends.
 */
export function isEndless(root: Schema): boolean {
  const sound = new Set<unknown>()
  const visit = (schema: unknown, above: ReadonlySet<unknown>): boolean => {
    if (!isSchema(schema) || sound.has(schema)) return false
    if (above.has(schema)) return true
    const now = new Set(above).add(schema)
    const { $ref, allOf, anyOf, oneOf, not } = schema
    const target = typeof $ref === 'string' ? [partAt(root, $ref)] : []
    if ([target, allOf, anyOf, oneOf, not].flat().some((part) => visit(part, now))) return true
    sound.add(schema)
    return false
  }
  return visit(root, new Set())
}

function partAt(root: Schema, reference: string): unknown {
  const tokens = (decoded(reference) ?? '').split('/').slice(1).map(unescaped)
  return tokens.reduce<unknown>(
    (part, token) =>
      part !== null && typeof part === 'object' ? (part as Schema)[token] : undefined,
    root,
  )
}
