import { createHash } from 'node:crypto'

/**
 * Ids of organisations and of their platforms. Those that were changed past Kontor before this
 * process knew them are among them, because they may have been anywhere.
 */
export interface Tenants {
  /** An array of Postgres. */
  readonly organisations: string
  /** The same. */
  readonly platforms: string
  /**
   * SHA-256 of both, in hexadecimal: the ids of each in their order with a comma between, and a
   * semicolon between the two. A query compares it with what the tables hold.
   */
  readonly digest: string
}

export function makeTenants(
  organisations: readonly string[],
  platforms: readonly string[],
): Tenants {
  const [ofOrganisations, ofPlatforms] = [organisations, platforms].map((ids) =>
    ids.toSorted().join(),
  )
  return {
    organisations: `{${ofOrganisations}}`,
    platforms: `{${ofPlatforms}}`,
    digest: createHash('sha256').update(`${ofOrganisations};${ofPlatforms}`).digest('hex'),
  }
}

export const noTenants = makeTenants([], [])
