import type { Checked } from './parameter-thread.ts'

// A corrected schema is another schema, so a verdict needs no early end.
const durationMs = 600_000
const maxRemembered = 1_000

/** Why a schema cannot check parameters: none (`no_schema`, `unusable`), or some (`endless`). */
export type Unusable = Extract<Checked, { kind: 'no_schema' | 'unusable' | 'endless' }>

/** Schemas that could not check parameters, so that they are not compiled for each order again. */
export interface UnusableSchemas {
  /** Other parameters may be checked with a schema that is endless for some: it is not found. */
  find(providerId: string, digest: string): Exclude<Unusable, { kind: 'endless' }> | undefined
  /** @returns false when it was known */
  add(providerId: string, digest: string, unusable: Unusable): boolean
}

export function createUnusableSchemas(now: () => Date): UnusableSchemas {
  const schemas = new Map<string, { readonly unusable: Unusable; readonly until: number }>()
  const read = (key: string): Unusable | undefined => {
    const known = schemas.get(key)
    if (known === undefined || known.until > now().getTime()) return known?.unusable
    schemas.delete(key)
    return undefined
  }
  return {
    find(providerId, digest) {
      const unusable = read(`${providerId} ${digest}`)
      return unusable?.kind === 'endless' ? undefined : unusable
    },
    add(providerId, digest, unusable) {
      const key = `${providerId} ${digest}`
      if (read(key)?.kind === unusable.kind) return false
      const [oldest] = schemas.keys()
      if (schemas.size >= maxRemembered && oldest !== undefined) schemas.delete(oldest)
      schemas.set(key, { unusable, until: now().getTime() + durationMs })
      return true
    },
  }
}
