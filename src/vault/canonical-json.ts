/** JSON text with the keys of every object sorted: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sortKeys)
}

/** The same object with its keys sorted; for `JSON.stringify`, which passes each part. */
export function sortKeys(_key: string, part: unknown): unknown {
  if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
  const entries: Array<readonly [string, unknown]> = []
  for (const key of Object.keys(part).toSorted())
    entries.push([key, (part as Readonly<Record<string, unknown>>)[key]])
  return Object.fromEntries(entries)
}
