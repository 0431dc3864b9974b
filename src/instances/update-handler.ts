import type { InstanceResult, UpstreamUpdateOrder } from '../backends/backend.ts'
import { isInstanceRetrievable } from '../catalog/upstream-flags.ts'
import { BrokerError } from '../errors.ts'
import type { OperationHandler, PreparedOperation } from '../operations/operation-handler.ts'
import type { Operation } from '../operations/operation.ts'
import { openChange, type UpdateChange } from './change.ts'
import { withExtensions } from './extensions.ts'
import { nextParameters, openParameters, upstreamRef, type Instance } from './instance.ts'
import { loadInstance, type HandlerDeps } from './load.ts'
import { lookUpUpdate } from './look-up-update.ts'
import { updateInstance, type InstanceChange } from './store.ts'

/** The content of an update, and its instance as its order read it. */
export interface WrittenUpdate {
  readonly instance: Instance
  readonly change: UpdateChange
}

/** Updates an instance at its provider. */
export function updateHandler(deps: HandlerDeps): OperationHandler<InstanceResult, WrittenUpdate> {
  return {
    async prepare(operation, written) {
      const change = written?.change ?? openChangeOf(deps, operation)
      const instance = written?.instance ?? (await loadInstance(deps, operation))
      // Before the call: its result could not be written to an instance that does not open.
      const before = openParameters(deps.vault, instance)
      return prepared(
        deps,
        operation,
        instance,
        () => before,
        () => change,
      )
    },
    async prepareEnd(operation) {
      const instance = await loadInstance(deps, operation)
      const before = () => openParameters(deps.vault, instance)
      return prepared(deps, operation, instance, before, () => openForOperator(deps, operation))
    },
  }
}

function openForOperator(deps: HandlerDeps, operation: Operation): UpdateChange {
  try {
    return openChangeOf(deps, operation)
  } catch (error) {
    throw new BrokerError(
      'conflict',
      'The content of the update cannot be decrypted, so Kontor cannot apply it here. ' +
        'Settle the operation as failed, or abandon it.',
      { cause: error },
    )
  }
}

function openChangeOf({ vault }: HandlerDeps, operation: Operation): UpdateChange {
  if (operation.change === null) throw new Error(`The update ${operation.id} has no content.`)
  return openChange(vault, operation.change, operation)
}

function prepared(
  deps: HandlerDeps,
  operation: Operation,
  instance: Instance,
  before: () => Readonly<Record<string, unknown>> | undefined,
  change: () => UpdateChange,
): PreparedOperation<InstanceResult> {
  return {
    planId: instance.planId,
    call: (backend, signal) => backend.update(orderOf(operation, instance, change()), signal),
    // With the plan before the update (OSB 2.17, Polling Last Operation for Service Instances).
    progressQuery: {
      instance: upstreamRef(instance),
      ...(operation.upstreamOperation === null ? {} : { operation: operation.upstreamOperation }),
    },
    confidential: () => [change().parameters, before()],
    collect: async () => ({ result: undefined }),
    lookUp: (backend, signal) =>
      lookUpUpdate(backend, signal, {
        instance,
        change: change(),
        isRetrievable: isInstanceRetrievable(deps.catalog, instance.offeringId),
      }),
    begun: (result, now) => [updateInstance(instance, changeBy(deps, instance, result), now)],
    succeeded: (result, now) => [
      updateInstance(
        instance,
        { ...applied(deps, instance, before(), change()), ...changeBy(deps, instance, result) },
        now,
      ),
    ],
    recordedOfSuccess: () =>
      change().parameters === undefined
        ? {}
        : { instanceKey: instance.key, parametersVersion: instance.parametersVersion + 1 },
    // The old plan and parameters stay in force.
    failed: ({ instanceUsable }, now) => [
      updateInstance(instance, instanceUsable ? {} : { usable: false }, now),
    ],
  }
}

function changeBy(
  deps: HandlerDeps,
  instance: Instance,
  result: InstanceResult | undefined,
): InstanceChange {
  return {
    ...(result?.dashboardUrl === undefined ? {} : { dashboardUrl: result.dashboardUrl }),
    // Labels that are sent replace all earlier ones, and so do attributes; a field that is not sent
    // stays.
    ...(result?.metadata === undefined
      ? {}
      : { metadata: { ...instance.metadata, ...result.metadata } }),
    ...(result?.extensions && withExtensions(deps.vault, instance, result.extensions)),
  }
}

function orderOf(
  operation: Operation,
  instance: Instance,
  change: UpdateChange,
): UpstreamUpdateOrder {
  return {
    ...upstreamRef(instance),
    originatingIdentity: operation.originatingIdentity,
    requestIdentity: operation.requestIdentity,
    acceptsIncomplete: operation.acceptsIncomplete,
    ...(change.upstreamPlanId === undefined ? {} : { newPlanId: change.upstreamPlanId }),
    ...(change.parameters === undefined ? {} : { parameters: change.parameters }),
    ...(change.context === undefined ? {} : { context: change.context }),
    ...(change.maintenanceVersion === undefined
      ? {}
      : { maintenanceInfo: { version: change.maintenanceVersion } }),
    ...(instance.maintenanceVersion === null
      ? {}
      : { previousMaintenanceInfo: { version: instance.maintenanceVersion } }),
  }
}

function applied(
  deps: HandlerDeps,
  instance: Instance,
  before: Readonly<Record<string, unknown>> | undefined,
  change: UpdateChange,
): InstanceChange {
  return {
    usable: true,
    // A plan has a maintenance version of its own.
    ...(change.planId === undefined
      ? {}
      : {
          planId: change.planId,
          previousPlanId: instance.planId,
          maintenanceVersion:
            deps.catalog.current().plans.get(change.planId)?.maintenanceVersion ?? null,
        }),
    ...(change.upstreamPlanId === undefined ? {} : { upstreamPlanId: change.upstreamPlanId }),
    ...(change.context === undefined ? {} : { context: change.context }),
    ...(change.maintenanceVersion === undefined
      ? {}
      : { maintenanceVersion: change.maintenanceVersion }),
    ...(change.parameters === undefined
      ? {}
      : {
          // An update may send some of the parameters: the others keep their values.
          parameters: nextParameters(deps.vault, instance, { ...before, ...change.parameters }),
          forgetDigest: true,
        }),
  }
}
