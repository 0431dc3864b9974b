import type { Nothing } from '../backends/backend.ts'
import { isBindingRetrievable, requiresOf } from '../catalog/upstream-flags.ts'
import { atEitherPlan } from '../instances/either-plan.ts'
import type { HandlerDeps } from '../instances/load.ts'
import { lookUpDelete } from '../instances/look-up-delete.ts'
import type { OperationHandler } from '../operations/operation-handler.ts'
import { upstreamBindingRef } from './binding.ts'
import { loadBoth, type BindingOfInstance } from './load.ts'
import { closeBinding, updateBinding } from './store.ts'

/** Unbinds at the provider of the instance. */
export function unbindHandler(deps: HandlerDeps): OperationHandler<Nothing, BindingOfInstance> {
  return {
    async prepare(operation, written) {
      const { instance, binding } = written ?? (await loadBoth(deps, operation))
      const ref = upstreamBindingRef(
        instance,
        binding,
        requiresOf(deps.catalog, instance.offeringId),
      )
      return {
        planId: instance.planId,
        call: (backend, signal) =>
          atEitherPlan(deps, instance, signal, (plan) =>
            backend.unbind(
              {
                ...ref,
                originatingIdentity: operation.originatingIdentity,
                requestIdentity: operation.requestIdentity,
                acceptsIncomplete: operation.acceptsIncomplete,
                ...plan,
              },
              signal,
            ),
          ),
        progressQuery: {
          instance: ref,
          bindingId: ref.bindingId,
          ...(operation.upstreamOperation === null
            ? {}
            : { operation: operation.upstreamOperation }),
        },
        collect: async () => ({ result: {} }),
        lookUp: (backend, signal) =>
          lookUpDelete(
            backend,
            signal,
            { instance: ref, bindingId: ref.bindingId },
            isBindingRetrievable(deps.catalog, instance.offeringId)
              ? () => backend.fetchBinding(ref, signal)
              : undefined,
          ),
        begun: () => [],
        succeeded: (_result, now) => [closeBinding(binding, now)],
        // The binding still exists as far as Kontor knows; a later delete may remove it.
        failed: (_end, now) => {
          const state = binding.state === 'binding' ? 'failed' : binding.state
          return [updateBinding(binding, { state }, now)]
        },
      }
    },
  }
}
