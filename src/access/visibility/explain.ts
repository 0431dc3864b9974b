import { BrokerError } from '../../errors.ts'
import type { PlatformVisibility } from '../../types.gen.ts'
import {
  findPlatformCalled,
  organisationCalled,
  plansCalled,
  type NameDeps,
  type NamedPlans,
} from '../names.ts'
import type { Visibility } from './visibility.ts'

export interface ExplainDeps extends NameDeps {
  readonly visibility: Visibility
}

export interface Asked extends Pick<NamedPlans, 'offering' | 'plan'> {
  /** For whom it would be ordered; the platform's own organisation if it is left out. */
  readonly organisation?: string | undefined
}

/**
 * Of each published plan, or of those that are asked for: whether a platform's catalog holds it, whether it may be ordered
 * there, and by which rules.
 * @param platformCalled  id or name
 * @throws BrokerError `not_found` for an unknown platform, `invalid_request` that names the field
 */
export async function explainVisibility(
  deps: ExplainDeps,
  platformCalled: string,
  asked: Asked,
): Promise<PlatformVisibility> {
  const platform = await findPlatformCalled(deps, platformCalled)
  if (platform === undefined) throw new BrokerError('not_found', 'There is no such platform.')
  const organisationId =
    asked.organisation === undefined
      ? platform.organisationId
      : (await organisationCalled(deps, asked.organisation, 'organisation')).id
  const organisation =
    organisationId === null ? undefined : deps.directory.organisation(organisationId)
  const { offeringId, planId } = await plansCalled(deps, asked, '')
  const shown = deps.visibility.shownTo(platform.id)
  const plans = [...deps.catalog.current().plans.values()].filter(
    (plan) =>
      plan.isPublished &&
      (planId === null || plan.id === planId) &&
      (offeringId === null || plan.offering.id === offeringId),
  )
  return {
    platform: { id: platform.id, name: platform.name },
    organisation:
      organisation === undefined ? null : { id: organisation.id, name: organisation.name },
    items: plans.map((plan) => {
      const { mayOrder, because, rules } = deps.visibility.decision(
        plan,
        platform.id,
        organisationId,
      )
      return {
        offering: { id: plan.offering.id, name: plan.offering.name },
        plan: { id: plan.id, name: plan.name },
        inCatalog: shown.has(plan.id),
        mayOrder,
        because,
        rules: rules.map(({ id }) => id),
      }
    }),
  }
}
