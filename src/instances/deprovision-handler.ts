import type { Backend, InstanceRef, Nothing, Outcome } from '../backends/backend.ts'
import type { Tx } from '../db/database.ts'
import { callIdentity } from '../operations/call-identity.ts'
import type { OperationHandler, Finding, OrphanedBinding } from '../operations/operation-handler.ts'
import type { Operation } from '../operations/operation.ts'
import { atEitherPlan } from './either-plan.ts'
import { upstreamRef, type Instance } from './instance.ts'
import { loadInstance, type HandlerDeps } from './load.ts'
import { updateInstance } from './store.ts'

/** What bindings/ does for an instance that goes. */
export interface BindingsOfInstance {
  /** Unbinds at the provider what the platform left bound. `done` when nothing is left. */
  unbind(operation: Operation, backend: Backend, signal: AbortSignal): Promise<Outcome<Nothing>>
  /** Closes the rows of bindings that went with their instance. */
  forget(tx: Tx, operation: Operation, now: Date): Promise<void>
  /** Those that are still bound at the provider. */
  list(tx: Tx, operation: Operation, instance: Instance): Promise<readonly OrphanedBinding[]>
}

/** Removes an instance at its provider, its bindings first: the specification owes that to the provider. */
export function deprovisionHandler(
  deps: HandlerDeps,
  bindings: BindingsOfInstance,
): OperationHandler<Nothing> {
  return {
    async prepare(operation) {
      const instance = await loadInstance(deps, operation)
      const ref = upstreamRef(instance)
      return {
        planId: instance.planId,
        async call(backend, signal) {
          const unbound = await bindings.unbind(operation, backend, signal)
          if (unbound.kind !== 'done') return unbound
          const order = {
            ...ref,
            ...callIdentity(operation),
            acceptsIncomplete: operation.acceptsIncomplete,
          }
          return atEitherPlan(deps, instance, signal, (plan) =>
            backend.deprovision({ ...order, ...plan }, signal),
          )
        },
        progress: {
          instance: ref,
          ...(operation.upstreamOperation === null
            ? {}
            : { operation: operation.upstreamOperation }),
        },
        collect: async () => ({ result: {} }),
        lookUp: (backend, signal) =>
          lookUp(backend, signal, ref, deps.isInstanceRetrievable(instance.offeringId)),
        begun: async () => {},
        async succeeded(tx, _result, now) {
          await bindings.forget(tx, operation, now)
          await updateInstance(
            tx,
            instance.platformId,
            instance.key,
            { state: 'gone', deletedAt: now },
            now,
          )
        },
        otherOrphans: (tx) => bindings.list(tx, operation, instance),
        // Still there, as far as anybody knows; a later delete may end it.
        failed: (tx, { instanceUsable }, now) =>
          updateInstance(
            tx,
            instance.platformId,
            instance.key,
            {
              // Its order was halted for this delete, so nobody knows whether the provider made it.
              ...(instance.state === 'provisioning' ? { state: 'failed', mayExist: true } : {}),
              ...(instanceUsable ? {} : { usable: false }),
            },
            now,
          ),
      }
    },
  }
}

async function lookUp(
  backend: Backend,
  signal: AbortSignal,
  ref: InstanceRef,
  retrievable: boolean,
): Promise<Finding<Nothing>> {
  const progress = await backend.progress({ instance: ref }, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'gone') return { kind: 'took_effect', result: {} }
  const noEffect = { kind: 'no_effect', description: 'The delete got no answer.' } as const
  if (!retrievable) return noEffect
  const fetched = await backend.fetchInstance(ref, signal)
  switch (fetched.kind) {
    case 'missing':
      return { kind: 'took_effect', result: {} }
    case 'found':
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
