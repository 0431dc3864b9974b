import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Reach } from '../../tenancy/principal.ts'
import type { Named, QuotaPage, QuotaView } from '../../types.gen.ts'
import { organisationWithin, plansCalled, providerNames, type NameDeps } from '../names.ts'
import type { Quota } from './quota.ts'
import { countTaken, findQuota, listQuotas } from './store.ts'

const mostCounted = 1_000_000

/** @throws BrokerError `not_found`, for one that is out of reach too */
export async function describeQuota (deps: NameDeps, reach: Reach, id: string): Promise<QuotaView> {
  const quota = isUuid(id) ? await findQuota(deps.db, reach, id) : undefined
  if (quota === undefined) throw new BrokerError('not_found', 'There is no such quota.')
  return describeOne(deps, quota)
}

/**
 * A page of the quotas within reach, newest first, each with how many instances it counts now. `next` is the `before` of the
 * page after it.
 * @throws BrokerError `invalid_request` that names the field
 */
export async function describeQuotas (deps: NameDeps, reach: Reach, asked: { readonly organisation?: string | undefined, readonly provider?: string | undefined, readonly before?: string | undefined }, limit: number): Promise<QuotaPage> {
  const organisationId = asked.organisation === undefined ? undefined : (await organisationWithin(deps, reach, asked.organisation, 'organisation')).id
  const { providerId } = await plansCalled(deps, { provider: asked.provider }, '')
  const rows = await listQuotas(deps.db, reach, { organisationId, providerId: providerId ?? undefined, before: asked.before }, limit + 1)
  const providers = await providerNames(deps)
  const items: QuotaView[] = []
  for (const quota of rows.slice(0, limit)) items.push(await viewOf(deps, providers, quota))
  return { items, next: rows.length > limit ? items.at(-1)?.id ?? null : null }
}

export async function describeOne (deps: NameDeps, quota: Quota): Promise<QuotaView> {
  return viewOf(deps, await providerNames(deps), quota)
}

async function viewOf ({ db, catalog, directory }: NameDeps, providers: ReadonlyMap<string, string>, quota: Quota): Promise<QuotaView> {
  const named = (id: string | null, name: string | undefined): Named | null => id === null ? null : { id, name: name ?? id }
  return {
    id: quota.id,
    organisation: named(quota.organisationId, directory.organisation(quota.organisationId ?? '')?.name),
    provider: named(quota.providerId, providers.get(quota.providerId ?? '')),
    offering: named(quota.offeringId, catalog.current().offerings.get(quota.offeringId ?? '')?.name),
    plan: named(quota.planId, catalog.current().plans.get(quota.planId ?? '')?.name),
    instances: quota.instances,
    taken: await countTaken(db, quota, mostCounted),
    comment: quota.comment,
    createdAt: quota.createdAt.toISOString(),
    updatedAt: quota.updatedAt.toISOString()
  }
}
