import type { InstanceRef, Outcome } from '../backends/backend.ts'
import { findDoubtfulChange } from '../operations/for-orders.ts'
import { openChange } from './change.ts'
import type { Instance } from './instance.ts'
import type { HandlerDeps } from './load.ts'

/**
 * Makes a call that names the plan, and if the provider rejects it makes it again with the plan of
 * a failed update: an update that got no answer failed for the platform, but may have taken effect
 * at the provider. Otherwise a provider that checks the plan would never let such an instance be
 * deleted.
 * @returns the second outcome, unless the provider rejected that call, too
 */
export async function atEitherPlan<Result>(
  deps: Pick<HandlerDeps, 'db' | 'vault'>,
  instance: Instance,
  signal: AbortSignal,
  call: (plan: Pick<InstanceRef, 'planId'>) => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> {
  const first = await call({ planId: instance.upstreamPlanId })
  if (!isRejected(first) || signal.aborted) return first
  const planId = await doubtfulPlan(deps, instance)
  if (planId === undefined || planId === instance.upstreamPlanId) return first
  const second = await call({ planId })
  return isRejected(second) ? first : second
}

function isRejected(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && outcome.refusal.reason === 'rejected'
}

/** The provider's id of the plan that a failed update may have brought about all the same. */
async function doubtfulPlan(
  { db, vault }: Pick<HandlerDeps, 'db' | 'vault'>,
  instance: Instance,
): Promise<string | undefined> {
  const doubtful = await findDoubtfulChange(db, instance.platformId, instance.key)
  if (doubtful === undefined) return undefined
  const { platformId, key: instanceKey } = instance
  return openChange(vault, doubtful.change, { id: doubtful.id, platformId, instanceKey })
    .upstreamPlanId
}
