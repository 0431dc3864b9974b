import { createPacer } from '../../catalog/pacer.ts'
import { BrokerError } from '../../errors.ts'
import type { PlatformVisibility } from '../../types.gen.ts'
import { requireOrganisation } from '../../tenancy/organisations/resolve-organisation.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { resolvePlatform } from '../../tenancy/resolve-platform.ts'
import type { AccessDeps } from '../deps.ts'
import { resolvePlans, type PlanReference } from '../resolve-plans.ts'
import type { Visibility } from './visibility.ts'

export interface ExplainDeps extends AccessDeps {
  readonly visibility: Visibility
}

export interface ExplainFilters extends Pick<PlanReference, 'offering' | 'plan'> {
  /** That the order would be for; absent: the platform's owner. */
  readonly organisation?: string | undefined
}

/**
 * For each published plan, or those that the filters name: whether a platform's catalog contains
 * it, whether the platform may order it, and which rules decide that.
 * @param reference  id or name of the platform
 * @throws BrokerError `not_found` for an unknown platform, `invalid_request` that names the field
 */
export async function explainVisibility(
  deps: ExplainDeps,
  scope: AccessScope,
  reference: string,
  filters: ExplainFilters,
): Promise<PlatformVisibility> {
  const platform = await resolvePlatform(deps.directory, scope, reference)
  if (platform === undefined) throw new BrokerError('not_found', 'There is no such platform.')
  const organisationId =
    filters.organisation === undefined
      ? platform.organisationId
      : (await requireOrganisation(deps.directory, scope, 'organisation', filters.organisation)).id
  const organisation =
    organisationId === null ? undefined : deps.directory.organisation(organisationId)
  const { offeringId, planId } = await resolvePlans(deps, filters, '')
  // All of one moment, for rules and catalog may change during a pause.
  const isShown = deps.visibility.shownTo(platform.id)
  const decide = deps.visibility.decisionsFor(platform.id, organisationId)
  const plans = [...deps.catalog.current().plans.values()].filter(
    (plan) =>
      plan.isPublished &&
      (planId === null || plan.id === planId) &&
      (offeringId === null || plan.offering.id === offeringId),
  )
  const items: PlatformVisibility['items'] = []
  const pause = createPacer()
  for (const plan of plans) {
    const { mayOrder, because, rules } = decide(plan)
    items.push({
      offering: { id: plan.offering.id, name: plan.offering.name },
      plan: { id: plan.id, name: plan.name },
      inCatalog: isShown(plan),
      mayOrder,
      because,
      rules: rules.map(({ id }) => id),
    })
    // A rule by label parses each plan. Until a pause, none of what was parsed can be collected.
    const pausing = pause()
    if (pausing !== undefined) await pausing
  }
  return {
    platform: { id: platform.id, name: platform.name },
    organisation:
      organisation === undefined ? null : { id: organisation.id, name: organisation.name },
    items,
  }
}
