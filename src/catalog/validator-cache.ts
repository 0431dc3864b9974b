import type { ValidateFunction } from 'ajv'

// 64,000 characters of schema take about 2.4 MB once compiled, of the 96 MB that a thread may use.
const maxCharacters = 1_200_000
const maxCharactersPerProvider = 400_000
const maxPerProvider = 250

interface Entry {
  readonly validate: ValidateFunction
  readonly characters: number
}

interface Share {
  /** By digest, the one that was not used for the longest time first. */
  readonly entries: Map<string, Entry>
  characters: number
}

/**
 * The compiled schemas of one thread. A provider that exceeds its share loses what it has not used
 * for the longest time; when all together are too many, the provider with the most loses it. So
 * none can push out the few schemas of another one.
 */
export interface ValidatorCache {
  get(providerId: string, digest: string): ValidateFunction | undefined
  add(providerId: string, digest: string, validate: ValidateFunction, characters: number): void
}

export function createValidatorCache(): ValidatorCache {
  const shares = new Map<string, Share>()
  let characters = 0

  const dropOldest = (providerId: string, share: Share): void => {
    for (const [digest, entry] of share.entries) {
      share.entries.delete(digest)
      share.characters -= entry.characters
      characters -= entry.characters
      break
    }
    if (share.entries.size === 0) shares.delete(providerId)
  }

  const dropOfLargest = (): void => {
    let largest: [string, Share] | undefined
    for (const each of shares)
      if (largest === undefined || each[1].characters > largest[1].characters) largest = each
    if (largest !== undefined) dropOldest(...largest)
  }

  return {
    get(providerId, digest) {
      const share = shares.get(providerId)
      const entry = share?.entries.get(digest)
      if (share === undefined || entry === undefined) return undefined
      share.entries.delete(digest)
      share.entries.set(digest, entry)
      return entry.validate
    },
    add(providerId, digest, validate, count) {
      const share = shares.get(providerId) ?? { entries: new Map<string, Entry>(), characters: 0 }
      while (
        share.entries.size > 0 &&
        (share.entries.size >= maxPerProvider ||
          share.characters + count > maxCharactersPerProvider)
      )
        dropOldest(providerId, share)
      while (shares.size > 0 && characters + count > maxCharacters) dropOfLargest()
      shares.set(providerId, share)
      share.entries.set(digest, { validate, characters: count })
      share.characters += count
      characters += count
    },
  }
}
