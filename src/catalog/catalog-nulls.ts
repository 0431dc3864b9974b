import { dropNulls } from '../drop-nulls.ts'
import type { CatalogFinding } from '../types.gen.ts'

export interface ServicesWithoutNulls {
  readonly services: readonly unknown[]
  /** One note for the whole catalog; undefined if it holds no null in an optional field. */
  readonly finding: CatalogFinding | undefined
}

const maxNamed = 5

/**
 * The offerings of a provider's catalog without the optional fields that count as absent (DEC-51).
 * @param services  not checked yet
 */
export function dropCatalogNulls(services: readonly unknown[]): ServicesWithoutNulls {
  const { value, dropped } = dropNulls('catalog', { services })
  // "services" is required, so it is still there.
  const kept = (value as { readonly services: readonly unknown[] }).services
  return { services: kept, finding: dropped.length === 0 ? undefined : noteOf(dropped) }
}

function noteOf(dropped: readonly string[]): CatalogFinding {
  const named = dropped.slice(0, maxNamed).join(', ')
  const more = dropped.length > maxNamed ? ` and ${dropped.length - maxNamed} more` : ''
  return {
    path: '/services',
    problem: `These optional fields are null or empty, and count as absent: ${named}${more}.`,
    effect: 'note',
  }
}
