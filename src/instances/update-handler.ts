import type { Backend, InstanceResult, UpdateOrder } from '../backends/backend.ts'
import { BrokerError } from '../errors.ts'
import { callIdentity } from '../operations/call-identity.ts'
import type {
  OperationHandler,
  Finding,
  PreparedOperation,
} from '../operations/operation-handler.ts'
import type { Operation } from '../operations/operation.ts'
import { changeAad, type UpdateChange } from './change.ts'
import { withExtensions } from './extensions.ts'
import { parametersAad, upstreamRef, type Instance } from './instance.ts'
import { loadInstance, type HandlerDeps } from './load.ts'
import { updateInstance, type InstanceChange } from './store.ts'

/** Changes an instance at its provider. */
export function updateHandler(deps: HandlerDeps): OperationHandler<InstanceResult> {
  return {
    async prepare(operation) {
      const change = openChange(deps, operation)
      return prepared(deps, operation, await loadInstance(deps, operation), () => change)
    },
    prepareEnd: async (operation) =>
      prepared(deps, operation, await loadInstance(deps, operation), () =>
        openForOperator(deps, operation),
      ),
  }
}

function openForOperator(deps: HandlerDeps, operation: Operation): UpdateChange {
  try {
    return openChange(deps, operation)
  } catch (error) {
    throw new BrokerError(
      'conflict',
      'What the update orders cannot be opened, so it cannot be written down here. Settle it as failed, or abandon it.',
      { cause: error },
    )
  }
}

function openChange(deps: HandlerDeps, operation: Operation): UpdateChange {
  if (operation.change === null) throw new Error(`The update ${operation.id} has no content.`)
  // sealed by instances/update.ts
  return deps.vault.open(
    operation.change,
    changeAad(operation.id, operation.platformId),
  ) as UpdateChange
}

function prepared(
  deps: HandlerDeps,
  operation: Operation,
  instance: Instance,
  change: () => UpdateChange,
): PreparedOperation<InstanceResult> {
  const told = (result: InstanceResult | undefined): InstanceChange => ({
    ...(typeof result?.dashboardUrl === 'string' ? { dashboardUrl: result.dashboardUrl } : {}),
    // Labels that are sent replace all earlier ones, attributes likewise; a half that is not sent stays.
    ...(result?.metadata === undefined
      ? {}
      : { metadata: { ...instance.metadata, ...result.metadata } }),
    ...withExtensions(deps.vault, instance, result),
  })
  return {
    planId: instance.planId,
    call: (backend, signal) => backend.update(orderOf(operation, instance, change()), signal),
    // The plan before the update, as the specification wants it.
    progress: {
      instance: upstreamRef(instance),
      ...(operation.upstreamOperation === null ? {} : { operation: operation.upstreamOperation }),
    },
    confidential: () => [change().parameters, parametersOf(deps, instance)],
    collect: async () => ({ result: undefined }),
    lookUp: (backend, signal) =>
      lookUp(backend, signal, instance, change(), deps.isInstanceRetrievable(instance.offeringId)),
    begun: (tx, result, now) =>
      updateInstance(tx, instance.platformId, instance.key, told(result), now),
    succeeded: (tx, result, now) =>
      updateInstance(
        tx,
        instance.platformId,
        instance.key,
        { ...applied(deps, instance, change()), ...told(result) },
        now,
      ),
    // The old plan and parameters stay in force.
    failed: (tx, { instanceUsable }, now) =>
      updateInstance(
        tx,
        instance.platformId,
        instance.key,
        instanceUsable ? {} : { usable: false },
        now,
      ),
  }
}

function orderOf(operation: Operation, instance: Instance, change: UpdateChange): UpdateOrder {
  return {
    ...upstreamRef(instance),
    ...callIdentity(operation),
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

function applied(deps: HandlerDeps, instance: Instance, change: UpdateChange): InstanceChange {
  // What an update leaves out stays: a partial set of parameters is laid over what is known.
  const before = parametersOf(deps, instance)
  return {
    usable: true,
    // A plan brings its maintenance version along.
    ...(change.planId === undefined
      ? {}
      : {
          planId: change.planId,
          previousPlanId: instance.planId,
          maintenanceVersion: deps.maintenanceVersionOf(change.planId) ?? null,
        }),
    ...(change.upstreamPlanId === undefined ? {} : { upstreamPlanId: change.upstreamPlanId }),
    ...(change.context === undefined ? {} : { context: change.context }),
    ...(change.maintenanceVersion === undefined
      ? {}
      : { maintenanceVersion: change.maintenanceVersion }),
    ...(change.parameters === undefined
      ? {}
      : {
          parameters: deps.vault.seal(
            { ...before, ...change.parameters },
            parametersAad(instance.key, instance.platformId),
          ),
          forgetDigest: true,
        }),
  }
}

async function lookUp(
  backend: Backend,
  signal: AbortSignal,
  instance: Instance,
  change: UpdateChange,
  retrievable: boolean,
): Promise<Finding<InstanceResult>> {
  const ref = upstreamRef(instance)
  const progress = await backend.progress({ instance: ref }, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'unclear')
    return {
      kind: 'cannot_tell',
      description: 'The update got no answer, and the provider cannot be asked.',
    }
  if (retrievable) {
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

// Only what the provider tells can be compared; parameters may be withheld.
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

function parametersOf(deps: HandlerDeps, instance: Instance): Record<string, unknown> {
  return instance.parameters === null
    ? {}
    : (deps.vault.open(
        instance.parameters,
        parametersAad(instance.key, instance.platformId),
      ) as Record<string, unknown>)
}
