import type {
  Backend,
  InstanceResult,
  Nothing,
  Outcome,
  ProvisionOrder,
} from '../backends/backend.ts'
import type {
  OperationHandler,
  Finding,
  PreparedOperation,
} from '../operations/operation-handler.ts'
import type { Operation } from '../operations/operation.ts'
import { withExtensions } from './extensions.ts'
import { loadInstance, type HandlerDeps } from './load.ts'
import { parametersAad, upstreamRef, type Instance } from './instance.ts'
import { callIdentity } from '../operations/call-identity.ts'
import { updateInstance } from './store.ts'

/** Makes an instance at its provider. */
export function provisionHandler(deps: HandlerDeps): OperationHandler<InstanceResult> {
  return {
    async prepare(operation) {
      const instance = await loadInstance(deps, operation)
      return prepared(deps, operation, instance)
    },
  }
}

function prepared(
  deps: HandlerDeps,
  operation: Operation,
  instance: Instance,
): PreparedOperation<InstanceResult> {
  const ref = upstreamRef(instance)
  const change = (result: InstanceResult | undefined) => ({
    ...(result?.dashboardUrl === undefined ? {} : { dashboardUrl: result.dashboardUrl }),
    ...(result?.metadata === undefined ? {} : { metadata: result.metadata }),
    ...withExtensions(deps.vault, instance, result),
  })
  return {
    planId: instance.planId,
    call: (backend, signal) => backend.provision(orderOf(deps, operation, instance), signal),
    progress: {
      instance: ref,
      ...(operation.upstreamOperation === null ? {} : { operation: operation.upstreamOperation }),
    },
    confidential: () => parametersOf(deps, instance),
    collect: async () => ({ result: undefined }),
    lookUp: (backend, signal) =>
      lookUp(backend, signal, ref, deps.isInstanceRetrievable(instance.offeringId)),
    compensate: (backend, signal): Promise<Outcome<Nothing>> =>
      backend.deprovision({ ...ref, acceptsIncomplete: true }, signal),
    begun: (tx, result, now) =>
      updateInstance(tx, instance.platformId, instance.key, change(result), now),
    succeeded: (tx, result, now) =>
      updateInstance(
        tx,
        instance.platformId,
        instance.key,
        {
          state: 'ready',
          // Not sent when the platform did not: the provider must not check it then. What was made is the plan's version.
          maintenanceVersion:
            instance.maintenanceVersion ?? deps.maintenanceVersionOf(instance.planId) ?? null,
          ...change(result),
        },
        now,
      ),
    failed: (tx, { announced }, now) =>
      updateInstance(
        tx,
        instance.platformId,
        instance.key,
        // The platform that was told 202 knows the instance and will delete it; for any other it was never there.
        announced ? { state: 'failed' } : { state: 'gone', deletedAt: now },
        now,
      ),
  }
}

function parametersOf(deps: HandlerDeps, instance: Instance): Record<string, unknown> | undefined {
  // sealed by instances/provision.ts, from an object
  return instance.parameters === null
    ? undefined
    : (deps.vault.open(
        instance.parameters,
        parametersAad(instance.key, instance.platformId),
      ) as Record<string, unknown>)
}

function orderOf(deps: HandlerDeps, operation: Operation, instance: Instance): ProvisionOrder {
  const parameters = parametersOf(deps, instance)
  return {
    ...upstreamRef(instance),
    ...callIdentity(operation),
    acceptsIncomplete: operation.acceptsIncomplete,
    organizationGuid: instance.organizationGuid,
    spaceGuid: instance.spaceGuid,
    ...(instance.context === null ? {} : { context: instance.context }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(instance.maintenanceVersion === null
      ? {}
      : { maintenanceInfo: { version: instance.maintenanceVersion } }),
  }
}

async function lookUp(
  backend: Backend,
  signal: AbortSignal,
  ref: ReturnType<typeof upstreamRef>,
  retrievable: boolean,
): Promise<Finding<InstanceResult>> {
  const progress = await backend.progress({ instance: ref }, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'succeeded' && !retrievable)
    return { kind: 'took_effect', result: undefined }
  if (progress.kind === 'failed') return { kind: 'no_effect', description: progress.description }
  // No answer is none: it may be at work on it.
  if (progress.kind === 'unclear' && !retrievable)
    return { kind: 'cannot_tell', description: progress.description }
  // A provider that works synchronously knows no operation; it may still be asked for the instance.
  if (!retrievable) return { kind: 'no_effect', description: 'The order got no answer.' }
  const fetched = await backend.fetchInstance(ref, signal)
  switch (fetched.kind) {
    case 'found':
      return { kind: 'took_effect', result: fetched.facts }
    case 'busy':
      return { kind: 'still_running' }
    case 'missing':
    case 'unsupported':
      return { kind: 'no_effect', description: 'The order got no answer.' }
    case 'unclear':
      return { kind: 'cannot_tell', description: fetched.description }
    default:
      return fetched satisfies never
  }
}
