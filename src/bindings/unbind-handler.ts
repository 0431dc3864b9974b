import type { Backend, BindingRef, Nothing } from '../backends/backend.ts'
import { isBindingRetrievable, requiresOf } from '../catalog/upstream-flags.ts'
import { atEitherPlan } from '../instances/either-plan.ts'
import type { HandlerDeps } from '../instances/load.ts'
import type { OperationHandler, LookUpResult } from '../operations/operation-handler.ts'
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
          lookUp(backend, signal, ref, isBindingRetrievable(deps.catalog, instance.offeringId)),
        begun: async () => {},
        succeeded: (tx, _result, now) => closeBinding(tx, binding, now),
        // The binding still exists as far as Kontor knows; a later delete may remove it.
        failed: (tx, _end, now) =>
          updateBinding(
            tx,
            binding,
            { state: binding.state === 'binding' ? 'failed' : binding.state },
            now,
          ),
      }
    },
  }
}

async function lookUp(
  backend: Backend,
  signal: AbortSignal,
  ref: BindingRef,
  retrievable: boolean,
): Promise<LookUpResult<Nothing>> {
  const progress = await backend.progress({ instance: ref, bindingId: ref.bindingId }, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'gone') return { kind: 'took_effect', result: {} }
  const noEffect = { kind: 'no_effect', description: 'The delete got no answer.' } as const
  if (!retrievable) return noEffect
  const fetched = await backend.fetchBinding(ref, signal)
  switch (fetched.kind) {
    case 'missing':
      return { kind: 'took_effect', result: {} }
    case 'found':
    case 'invalid':
    case 'unsupported':
      return noEffect
    case 'busy':
      return { kind: 'cannot_tell', description: noEffect.description }
    case 'unclear':
      return { kind: 'cannot_tell', description: fetched.description }
    default:
      return fetched satisfies never
  }
}
