import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { Named, QuotaPage, QuotaView } from '../../types.gen.ts'
import {
  organisationAmong,
  organisationCalled,
  plansCalled,
  providerNames,
  type NameDeps,
} from '../names.ts'
import type { Quota } from './quota.ts'
import { countTaken, findQuota, listQuotas, type QuotaFilter } from './store.ts'

const maxCounted = 1_000_000

/** @throws BrokerError `not_found`, for one that is out of reach too */
export async function describeQuota(
  deps: NameDeps,
  scope: AccessScope,
  id: string,
): Promise<QuotaView> {
  const quota = isUuid(id) ? await findQuota(deps.db, scope, id) : undefined
  if (quota === undefined) throw new BrokerError('not_found', 'There is no such quota.')
  return describeOne(deps, quota)
}

interface Asked {
  /** Name or id. */
  readonly organisation?: string | undefined
  /** Name or id. */
  readonly provider?: string | undefined
}

/**
 * A page of the quotas within reach, newest first, each with how many instances it counts now. `next` is the `before` of the
 * page after it.
 * @throws BrokerError `invalid_request` that names the field, to who may see all quotas
 */
export async function describeQuotas(
  deps: NameDeps,
  scope: AccessScope,
  asked: Asked & { readonly before?: string | undefined },
  limit: number,
): Promise<QuotaPage> {
  const providers = await providerNames(deps)
  const { organisationId, providerId } =
    scope === 'all'
      ? await askedByAll(deps, asked)
      : askedWithin(deps, scope.organisations, providers, asked)
  const rows = await listQuotas(
    deps.db,
    scope,
    { organisationId, providerId, before: asked.before },
    limit + 1,
  )
  const items: QuotaView[] = []
  for (const quota of rows.slice(0, limit)) items.push(await viewOf(deps, providers, quota))
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

async function askedByAll(
  deps: NameDeps,
  { organisation, provider }: Asked,
): Promise<Pick<QuotaFilter, 'organisationId' | 'providerId'>> {
  const { providerId } = await plansCalled(deps, { provider }, '')
  return {
    organisationId:
      organisation === undefined
        ? undefined
        : (await organisationCalled(deps, organisation, 'organisation')).id,
    providerId: providerId ?? undefined,
  }
}

// An id that nothing has.
const nobody = '00000000-0000-0000-0000-000000000000'

/** What is out of reach is asked for like what does not exist: neither is looked for anywhere, and there is no quota of either. */
function askedWithin(
  deps: NameDeps,
  organisations: readonly string[],
  providers: ReadonlyMap<string, string>,
  { organisation, provider }: Asked,
): Pick<QuotaFilter, 'organisationId' | 'providerId'> {
  return {
    organisationId:
      organisation === undefined
        ? undefined
        : (organisationAmong(deps, organisations, organisation)?.id ?? nobody),
    providerId:
      provider === undefined
        ? undefined
        : ([...providers].find(([id, name]) => id === provider || name === provider)?.[0] ??
          nobody),
  }
}

export async function describeOne(deps: NameDeps, quota: Quota): Promise<QuotaView> {
  return viewOf(deps, await providerNames(deps), quota)
}

async function viewOf(
  { db, catalog, directory }: NameDeps,
  providers: ReadonlyMap<string, string>,
  quota: Quota,
): Promise<QuotaView> {
  const named = (id: string | null, name: string | undefined): Named | null =>
    id === null ? null : { id, name: name ?? id }
  return {
    id: quota.id,
    organisation: named(
      quota.organisationId,
      directory.organisation(quota.organisationId ?? '')?.name,
    ),
    provider: named(quota.providerId, providers.get(quota.providerId ?? '')),
    offering: named(
      quota.offeringId,
      catalog.current().offerings.get(quota.offeringId ?? '')?.name,
    ),
    plan: named(quota.planId, catalog.current().plans.get(quota.planId ?? '')?.name),
    instances: quota.instances,
    taken: await countTaken(db, quota, maxCounted),
    comment: quota.comment,
    createdAt: quota.createdAt.toISOString(),
    updatedAt: quota.updatedAt.toISOString(),
  }
}
