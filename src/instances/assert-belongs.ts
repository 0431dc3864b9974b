import { BrokerError } from '../errors.ts'
import type { Instance } from './instance.ts'

/**
 * Checks the ids that a delete has in its query. The plan before the last change of plan is right,
 * too: an update that was answered with an error may have taken effect, and the platform that keeps
 * the old plan must be able to delete.
 * @throws BrokerError `invalid_request` that names the field
 */
export function assertBelongs(
  instance: Instance,
  ids: { readonly serviceId: string; readonly planId: string },
): void {
  if (ids.serviceId !== instance.offeringId)
    throw new BrokerError('invalid_request', 'service_id is not that of the instance.')
  if (ids.planId !== instance.planId && ids.planId !== instance.previousPlanId)
    throw new BrokerError('invalid_request', 'plan_id is not that of the instance.')
}
