import type {
  Backend,
  InstanceRef,
  InstanceResult,
  Nothing,
  Outcome,
  UpstreamProvisionOrder,
} from '../backends/backend.ts'
import { isInstanceRetrievable } from '../catalog/upstream-flags.ts'
import type { LookUpResult, OperationHandler } from '../operations/operation-handler.ts'
import type { Operation } from '../operations/operation.ts'
import { withExtensions } from './extensions.ts'
import { loadInstance, type HandlerDeps } from './load.ts'
import { openParameters, upstreamRef, type Instance } from './instance.ts'
import { updateInstance, type InstanceChange } from './store.ts'

/** A new instance as its order wrote it. */
export interface WrittenInstance {
  readonly instance: Instance
  readonly parameters: Parameters | undefined
}

type Parameters = Readonly<Record<string, unknown>>

/** Provisions an instance at its provider. */
export function provisionHandler(
  deps: HandlerDeps,
): OperationHandler<InstanceResult, WrittenInstance> {
  return {
    async prepare(operation, written) {
      const instance = written?.instance ?? (await loadInstance(deps, operation))
      const ref = upstreamRef(instance)
      const parameters = () =>
        written === undefined ? openParameters(deps.vault, instance) : written.parameters
      return {
        planId: instance.planId,
        call: (backend, signal) =>
          backend.provision(orderOf(operation, instance, ref, parameters()), signal),
        progressQuery: {
          instance: ref,
          ...(operation.upstreamOperation === null
            ? {}
            : { operation: operation.upstreamOperation }),
        },
        confidential: parameters,
        collect: async () => ({ result: undefined }),
        lookUp: (backend, signal) =>
          lookUp(backend, signal, ref, isInstanceRetrievable(deps.catalog, instance.offeringId)),
        compensate: (backend, signal): Promise<Outcome<Nothing>> =>
          backend.deprovision({ ...ref, acceptsIncomplete: true }, signal),
        begun: (result, now) => [updateInstance(instance, changeBy(deps, instance, result), now)],
        succeeded: (result, now) => {
          const plan = deps.catalog.current().plans.get(instance.planId)
          // Without a version in the order the provider checks none and makes the plan's own.
          const maintenanceVersion = instance.maintenanceVersion ?? plan?.maintenanceVersion ?? null
          const change = changeBy(deps, instance, result)
          return [updateInstance(instance, { state: 'ready', maintenanceVersion, ...change }, now)]
        },
        // After a 202 the platform knows the instance and deletes it; after an error it takes it
        // for not made.
        failed: ({ announced }, now) => {
          const gone = { state: 'gone', deletedAt: now } as const
          return [updateInstance(instance, announced ? { state: 'failed' } : gone, now)]
        },
      }
    },
  }
}
function changeBy(
  deps: HandlerDeps,
  instance: Instance,
  result: InstanceResult | undefined,
): InstanceChange {
  return {
    ...(result?.dashboardUrl === undefined ? {} : { dashboardUrl: result.dashboardUrl }),
    ...(result?.metadata === undefined ? {} : { metadata: result.metadata }),
    ...(result?.extensions && withExtensions(deps.vault, instance, result.extensions)),
  }
}

function orderOf(
  operation: Operation,
  instance: Instance,
  ref: InstanceRef,
  parameters: Parameters | undefined,
): UpstreamProvisionOrder {
  return {
    ...ref,
    originatingIdentity: operation.originatingIdentity,
    requestIdentity: operation.requestIdentity,
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
  ref: InstanceRef,
  retrievable: boolean,
): Promise<LookUpResult<InstanceResult>> {
  const progress = await backend.progress({ instance: ref }, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'succeeded' && !retrievable)
    return { kind: 'took_effect', result: undefined }
  if (progress.kind === 'failed') return { kind: 'no_effect', description: progress.description }
  // Without an answer the provider may still be working on the order.
  if (progress.kind === 'unclear' && !retrievable)
    return { kind: 'cannot_tell', description: progress.description }
  // A synchronous provider knows no operation, so the instance itself is fetched.
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
