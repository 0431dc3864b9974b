const maxEntries = 200
const maxDepth = 8
const maxLength = 20_000

export interface Secret {
  /** Keys from the outside in, with slashes between. */
  readonly path: string
  readonly text: string
}

export interface Secrets {
  readonly entries: readonly Secret[]
  /** Whether there is more than a page shows. */
  readonly isCut: boolean
}

/** The values of credentials with their paths; what lies deeper than 8 keys is JSON. */
export function flatten(credentials: Readonly<Record<string, unknown>>): Secrets {
  const entries: Secret[] = []
  let isCut = false
  const add = (path: string, text: string) => {
    if (text.length > maxLength || entries.length >= maxEntries) isCut = true
    else entries.push({ path, text })
  }
  const walk = (path: readonly string[], value: unknown) => {
    const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0
    if (typeof value === 'string') add(path.join('/'), value)
    else if (isLeaf || path.length >= maxDepth) add(path.join('/'), JSON.stringify(value))
    else for (const [key, each] of Object.entries(value)) walk([...path, key], each)
  }
  for (const [key, value] of Object.entries(credentials)) walk([key], value)
  return { entries, isCut }
}
