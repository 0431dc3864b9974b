// Reading a JSON Schema that a provider wrote: nothing about it is trusted.

export type Schema = Readonly<Record<string, unknown>>

/** One pass over a schema, which ends even where the schema describes endless work. */
export interface Work {
  /** What references are resolved in. */
  readonly root: Schema
  steps: number
  /** By maker. */
  readonly known: Map<unknown, unknown>
}

// A schema of the full 64 kB has about 5,000 parts.
const maxSteps = 30_000

export function startWork(root: Schema): Work {
  return { root, steps: 0, known: new Map() }
}

/**
 * A maker that makes one thing of a schema only once in a pass: forms ask for the same again and
 * again.
 */
export function once<Made>(
  make: (work: Work, schema: Schema) => Made,
): (work: Work, schema: Schema) => Made {
  return (work, schema) => {
    const made = (work.known.get(make) ?? new Map()) as Map<Schema, Made>
    work.known.set(make, made)
    const before = made.get(schema)
    if (before !== undefined || made.has(schema)) return before as Made
    const now = make(work, schema)
    made.set(schema, now)
    return now
  }
}

/** Counts a step; false when there were too many. */
export function mayGoOn(work: Work): boolean {
  return ++work.steps <= maxSteps
}

export function isObject(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** The schema `true`. */
export const anything: Schema = {}

/** The property of the object itself: nothing is inherited, such as `constructor`. */
export function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** The subschemas below such a keyword as `properties`. Parameters hold no `__proto__`. */
export function subschemas(schema: Schema, keyword: string): ReadonlyArray<[string, Schema]> {
  const held = schema[keyword]
  if (!isObject(held)) return []
  return Object.entries(held).flatMap(([key, part]) => {
    const subschema = part === true ? anything : part
    return isObject(subschema) && key !== '__proto__' ? [[key, subschema] as [string, Schema]] : []
  })
}

export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** The types that a schema allows; empty if it names none. */
export function typesOf({ type }: Schema): readonly string[] {
  return typeof type === 'string' ? [type] : stringsOf(type)
}

export function childPointer(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

export function tokensOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

// A chain of references longer than this is a circle.
const maxHops = 20
// What stands beside `$ref` and is no constraint. Older drafts ignore it; people need its words.
const annotations: readonly string[] = [
  'title',
  'description',
  'default',
  'examples',
  'readOnly',
  'writeOnly',
]
const isAnnotation = (keyword: string) => annotations.includes(keyword) || keyword.startsWith('x-')

/** The schema without a `$ref`; undefined if its reference leads to nothing, or in a circle. */
export function dereferenced(root: Schema, schema: Schema): Schema | undefined {
  const isLate = /2019-09|2020-12/.test(String(root['$schema']))
  let at: Schema = schema
  for (let hops = 0; typeof at['$ref'] === 'string'; hops++) {
    const { $ref, ...rest } = at
    const target = partAt(root, String($ref))
    if (target === undefined || hops === maxHops) return undefined
    const beside = Object.entries(rest).filter(([keyword]) => isLate || isAnnotation(keyword))
    const words = Object.fromEntries(beside.filter(([keyword]) => isAnnotation(keyword)))
    const limits = Object.fromEntries(beside.filter(([keyword]) => !isAnnotation(keyword)))
    at =
      Object.keys(limits).length === 0
        ? { ...target, ...words }
        : { ...words, allOf: [limits, target] }
  }
  return at
}

function partAt(root: Schema, reference: string): Schema | undefined {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  let at: unknown = root
  for (const token of tokensOf(reference.slice(1))) {
    const key = decoded(token)
    if (Array.isArray(at)) at = at[Number(key)]
    else at = own(at, key)
  }
  return at === true ? anything : isObject(at) ? at : undefined
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token)
  } catch {
    return token
  }
}
