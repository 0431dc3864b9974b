import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import { cutPage, type Page } from '../../cut-page.ts'
import {
  requireOrganisation,
  resolveOrganisation,
} from '../../tenancy/organisations/resolve-organisation.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { Named, QuotaView } from '../../types.gen.ts'
import type { AccessDeps } from '../deps.ts'
import { providerNames } from '../provider-names.ts'
import { resolvePlans } from '../resolve-plans.ts'
import { countTaken } from './count/store.ts'
import type { Quota } from './quota.ts'
import { findQuota, listQuotas, type QuotaFilter } from './store.ts'

/** @throws BrokerError `not_found`, for one outside the scope too */
export async function describeQuota(
  deps: AccessDeps,
  scope: AccessScope,
  id: string,
): Promise<QuotaView> {
  const quota = isUuid(id) ? await findQuota(deps.db, scope, id) : undefined
  if (quota === undefined) throw new BrokerError('not_found', 'There is no such quota.')
  return viewOf(deps, await providerNames(deps.db), quota)
}

interface Filters {
  /** Name or id. */
  readonly organisation?: string | undefined
  /** Name or id. */
  readonly provider?: string | undefined
}

type ResolvedFilters = Pick<QuotaFilter, 'organisationId' | 'providerId'>

/**
 * A page of the quotas in the scope, newest first, each with the number of instances that it counts
 * now. `next` is the `before` of the page after it.
 * @throws BrokerError `invalid_request` that names the field, in the scope `all` only
 */
export async function describeQuotas(
  deps: AccessDeps,
  scope: AccessScope,
  { before, ...filters }: Filters & { readonly before?: string | undefined },
  limit: number,
): Promise<Page<QuotaView>> {
  const providers = await providerNames(deps.db)
  const resolved =
    scope === 'all'
      ? await resolveFilters(deps, filters)
      : await resolveFiltersWithin(deps, scope, providers, filters)
  const rows = await listQuotas(deps.db, scope, { ...resolved, before }, limit + 1)
  const { items, next } = cutPage(rows, limit)
  const views: QuotaView[] = []
  for (const quota of items) views.push(await viewOf(deps, providers, quota))
  return { items: views, next }
}

async function resolveFilters(
  deps: AccessDeps,
  { organisation, provider }: Filters,
): Promise<ResolvedFilters> {
  const { providerId } = await resolvePlans(deps, { provider }, '')
  return {
    organisationId:
      organisation === undefined
        ? undefined
        : (await requireOrganisation(deps.directory, 'all', 'organisation', organisation)).id,
    providerId: providerId ?? undefined,
  }
}

// An id that no row has.
const noId = '00000000-0000-0000-0000-000000000000'

/**
 * An unknown name filters like one outside the scope: no quota matches, and nothing is read to find
 * out which it is.
 */
async function resolveFiltersWithin(
  { directory }: AccessDeps,
  scope: AccessScope,
  providers: ReadonlyMap<string, string>,
  { organisation, provider }: Filters,
): Promise<ResolvedFilters> {
  return {
    organisationId:
      organisation === undefined
        ? undefined
        : ((await resolveOrganisation(directory, scope, organisation))?.id ?? noId),
    providerId:
      provider === undefined
        ? undefined
        : ([...providers].find(([id, name]) => id === provider || name === provider)?.[0] ?? noId),
  }
}

async function viewOf(
  { db, catalog, directory }: AccessDeps,
  providers: ReadonlyMap<string, string>,
  quota: Quota,
): Promise<QuotaView> {
  const { organisationId, providerId, offeringId, planId } = quota
  const { offerings, plans } = catalog.current()
  const named = (id: string | null, name: string | undefined): Named | null =>
    id === null ? null : { id, name: name ?? id }
  return {
    id: quota.id,
    organisation: named(organisationId, directory.organisation(organisationId ?? '')?.name),
    provider: named(providerId, providers.get(providerId ?? '')),
    offering: named(offeringId, offerings.get(offeringId ?? '')?.name),
    plan: named(planId, plans.get(planId ?? '')?.name),
    instances: quota.instances,
    taken: await countTaken(db, quota, directory.tenantsBelow(organisationId)),
    comment: quota.comment,
    createdAt: quota.createdAt.toISOString(),
    updatedAt: quota.updatedAt.toISOString(),
  }
}
