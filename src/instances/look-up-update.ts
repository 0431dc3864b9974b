import type { Backend, InstanceResult } from '../backends/backend.ts'
import type { LookUpResult } from '../operations/operation-handler.ts'
import type { UpdateChange } from './change.ts'
import { upstreamRef, type Instance } from './instance.ts'

export interface UpdateInDoubt {
  readonly instance: Instance
  readonly change: UpdateChange
  /** Whether the provider lets the instance be fetched. */
  readonly isRetrievable: boolean
}

/** Whether an update that got no answer took effect, as far as the provider shows it. */
export async function lookUpUpdate(
  backend: Backend,
  signal: AbortSignal,
  { instance, change, isRetrievable }: UpdateInDoubt,
): Promise<LookUpResult<InstanceResult>> {
  const ref = upstreamRef(instance)
  const progress = await backend.progress({ instance: ref }, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'unclear')
    return {
      kind: 'cannot_tell',
      description: 'The update got no answer, and the provider cannot be asked.',
    }
  if (isRetrievable) {
    const fetched = await backend.fetchInstance(ref, signal)
    if (fetched.kind === 'busy') return { kind: 'still_running' }
    if (fetched.kind === 'unclear') return { kind: 'cannot_tell', description: fetched.description }
    if (fetched.kind === 'found' && shows(fetched.facts, change))
      return { kind: 'took_effect', result: fetched.facts }
  }
  return {
    kind: 'no_effect',
    description: 'The update got no answer; nothing shows that it took effect.',
  }
}

// A provider may leave out any field, parameters above all, so only fields that it sends are
// compared.
function shows(
  facts: {
    planId?: string
    maintenanceInfo?: { version?: string }
    parameters?: Readonly<Record<string, unknown>>
  },
  change: UpdateChange,
): boolean {
  if (change.upstreamPlanId !== undefined) return facts.planId === change.upstreamPlanId
  if (change.maintenanceVersion !== undefined)
    return facts.maintenanceInfo?.version === change.maintenanceVersion
  return (
    change.parameters !== undefined &&
    facts.parameters !== undefined &&
    Object.entries(change.parameters).every(
      ([name, value]) => JSON.stringify(facts.parameters?.[name]) === JSON.stringify(value),
    )
  )
}
