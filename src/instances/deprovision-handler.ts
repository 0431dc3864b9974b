import type { Backend, Nothing, Outcome } from '../backends/backend.ts'
import { isInstanceRetrievable } from '../catalog/upstream-flags.ts'
import type { Tx } from '../db/database.ts'
import type { Part } from '../db/parts.ts'
import type { OperationHandler, OrphanedBinding } from '../operations/operation-handler.ts'
import type { Operation } from '../operations/operation.ts'
import { atEitherPlan } from './either-plan.ts'
import { upstreamRef, type Instance } from './instance.ts'
import { loadInstance, type HandlerDeps } from './load.ts'
import { lookUpDelete } from './look-up-delete.ts'
import { updateInstance } from './store.ts'

/** What bindings/ does for an instance that is deprovisioned. */
export interface BindingsOfInstance {
  /**
   * Unbinds at the provider the bindings that the platform has left. `done` when there are no more.
   */
  unbind(
    operation: Operation,
    instance: Instance,
    backend: Backend,
    signal: AbortSignal,
  ): Promise<Outcome<Nothing>>
  /** Closes the rows of the bindings that have gone with their instance. */
  close(operation: Operation, now: Date): Part
  /** Bindings that still exist at the provider. */
  list(tx: Tx, operation: Operation, instance: Instance): Promise<readonly OrphanedBinding[]>
}

/**
 * Deprovisions an instance at its provider, after its bindings: the specification demands that
 * order.
 */
export function deprovisionHandler(
  deps: HandlerDeps,
  bindings: BindingsOfInstance,
): OperationHandler<Nothing, Instance> {
  return {
    async prepare(operation, written) {
      const instance = written ?? (await loadInstance(deps, operation))
      const ref = upstreamRef(instance)
      return {
        planId: instance.planId,
        async call(backend, signal) {
          const unbound = await bindings.unbind(operation, instance, backend, signal)
          if (unbound.kind !== 'done') return unbound
          const order = {
            ...ref,
            originatingIdentity: operation.originatingIdentity,
            requestIdentity: operation.requestIdentity,
            acceptsIncomplete: operation.acceptsIncomplete,
          }
          return atEitherPlan(deps, instance, signal, (plan) =>
            backend.deprovision({ ...order, ...plan }, signal),
          )
        },
        progressQuery: {
          instance: ref,
          ...(operation.upstreamOperation === null
            ? {}
            : { operation: operation.upstreamOperation }),
        },
        collect: async () => ({ result: {} }),
        lookUp: (backend, signal) =>
          lookUpDelete(
            backend,
            signal,
            { instance: ref },
            isInstanceRetrievable(deps.catalog, instance.offeringId)
              ? () => backend.fetchInstance(ref, signal)
              : undefined,
          ),
        begun: () => [],
        succeeded: (_result, now) => [
          bindings.close(operation, now),
          updateInstance(instance, { state: 'gone', deletedAt: now }, now),
        ],
        otherOrphans: (tx) => bindings.list(tx, operation, instance),
        // The instance still exists as far as Kontor knows; a later delete may remove it.
        failed: ({ instanceUsable }, now) => [
          updateInstance(
            instance,
            {
              // The delete halted its order, so the provider may or may not have made it.
              ...(instance.state === 'provisioning' ? { state: 'failed', mayExist: true } : {}),
              ...(instanceUsable ? {} : { usable: false }),
            },
            now,
          ),
        ],
      }
    },
  }
}
