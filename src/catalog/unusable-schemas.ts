// For how long an unusable schema is not used, nor any schema of a provider that has too many
// unusable ones: a check that never ends must not delay the checks of others again and again.
const durationMs = 600_000
const maxPerProvider = 3
const maxRemembered = 1_000

/** Parameter schemas that are not used for a while. */
export interface UnusableSchemas {
  has(digest: string, providerId: string): boolean
  add(digest: string, providerId: string): void
}

export function createUnusableSchemas(now: () => Date): UnusableSchemas {
  const schemas = new Map<string, { readonly providerId: string; readonly until: number }>()
  return {
    has(digest, providerId) {
      const nowMs = now().getTime()
      for (const [key, { until }] of schemas) if (until <= nowMs) schemas.delete(key)
      const ofProvider = [...schemas.values()].filter((each) => each.providerId === providerId)
      return schemas.has(digest) || ofProvider.length >= maxPerProvider
    },
    add(digest, providerId) {
      if (schemas.size < maxRemembered)
        schemas.set(digest, { providerId, until: now().getTime() + durationMs })
    },
  }
}
