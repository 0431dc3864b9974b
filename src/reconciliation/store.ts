import { sql } from 'kysely'
import type { AccessScope } from '../tenancy/principal.ts'

/** A caller who may see a provider may see its runs and findings. */
export function isProviderWithin(
  scope: AccessScope,
  providerId: 'reconciliation_runs.provider_id' | 'findings.provider_id',
) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`exists (
        select from providers
        where providers.id = ${sql.ref(providerId)} and providers.name = any(${scope.providers}))`
}
