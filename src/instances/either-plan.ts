import type { InstanceRef, Outcome } from '../backends/backend.ts'
import { findDoubtfulChange } from '../operations/begin.ts'
import { changeAad, type UpdateChange } from './change.ts'
import type { Instance } from './instance.ts'
import type { HandlerDeps } from './load.ts'

/**
 * Makes a call that names the plan, and makes it again with the other plan if it was rejected and a change of plan is in
 * doubt: one that got no answer may be in force at the provider although the platform was told that it failed. Without
 * this such an instance could never be deleted at a provider that looks at the plan.
 * @returns what came of the second call, unless it was rejected as well
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

/** The provider's id of the plan that an update may have brought whose end nobody knows. */
async function doubtfulPlan(
  { db, vault }: Pick<HandlerDeps, 'db' | 'vault'>,
  instance: Instance,
): Promise<string | undefined> {
  const doubtful = await findDoubtfulChange(db, instance.platformId, instance.key)
  if (doubtful === undefined) return undefined
  // sealed by instances/update.ts
  const change = vault.open(
    doubtful.change,
    changeAad(doubtful.id, instance.platformId),
  ) as UpdateChange
  return change.upstreamPlanId
}
