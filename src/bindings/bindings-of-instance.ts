import type { Backend, Nothing, Outcome } from '../backends/backend.ts'
import { writePart } from '../db/parts.ts'
import type { BindingsOfInstance } from '../instances/deprovision-handler.ts'
import { atEitherPlan } from '../instances/either-plan.ts'
import type { HandlerDeps } from '../instances/load.ts'
import type { Instance } from '../instances/instance.ts'
import type { Operation } from '../operations/operation.ts'
import { listBindingOrphans } from '../orphans/record.ts'
import type { OrphanedResource } from '../orphans/orphan.ts'
import { upstreamBindingRef, type Binding } from './binding.ts'
import { listToUnbind } from './deletion/store.ts'
import { closeBinding, closeBindingsOf, listLiveBindings } from './store.ts'

function resourceOf(instance: Instance, binding: Binding): OrphanedResource {
  const ref = upstreamBindingRef(instance, binding)
  return { instance: ref, bindingId: ref.bindingId }
}

// The provider works on the unbind. Kontor repeats the whole delete later, and this unbind with it.
function unbindPending({
  retryAfterSeconds,
}: {
  readonly retryAfterSeconds?: number
}): Outcome<Nothing> {
  return {
    kind: 'refused',
    refusal: {
      reason: 'concurrency',
      description: 'A binding is still being deleted.',
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  }
}

// A bind that failed here may exist at the provider and would hinder the delete, so its orphan is
// removed now, not later.
async function unbindOrphans(
  deps: HandlerDeps,
  operation: Operation,
  instance: Instance,
  backend: Backend,
  signal: AbortSignal,
): Promise<Outcome<Nothing>> {
  for (const { instance: ref, bindingId } of await listBindingOrphans(
    deps.db,
    instance.providerId,
    instance.upstreamId,
  )) {
    const outcome = await backend.unbind(
      {
        ...ref,
        bindingId,
        originatingIdentity: operation.originatingIdentity,
        requestIdentity: operation.requestIdentity,
        acceptsIncomplete: operation.acceptsIncomplete,
      },
      signal,
    )
    if (outcome.kind === 'pending') return unbindPending(outcome)
    // Most providers do not have the orphan, and some refuse the unbind then; the delete of the
    // instance decides.
    if (outcome.kind === 'unknown') return outcome
  }
  return { kind: 'done', result: {} }
}

/**
 * The bindings of an instance that is deprovisioned: unbound at the provider first, then closed
 * here.
 */
export function bindingsOfInstance(deps: HandlerDeps): BindingsOfInstance {
  return {
    async unbind(operation, instance, backend, signal): Promise<Outcome<Nothing>> {
      const { bindings, hasOrphans } = await listToUnbind(deps.db, instance)
      for (const binding of bindings) {
        const order = {
          ...upstreamBindingRef(instance, binding),
          originatingIdentity: operation.originatingIdentity,
          requestIdentity: operation.requestIdentity,
          acceptsIncomplete: operation.acceptsIncomplete,
        }
        const outcome = await atEitherPlan(deps, instance, signal, (plan) =>
          backend.unbind({ ...order, ...plan }, signal),
        )
        if (outcome.kind === 'done') {
          // By itself: the binding is gone even if the delete of the instance fails later.
          await writePart(deps.db, closeBinding(binding, deps.now()))
          continue
        }
        return outcome.kind === 'pending' ? unbindPending(outcome) : outcome
      }
      // The calls took time, in which a bind that is long over may have left one.
      return hasOrphans || bindings.length > 0
        ? unbindOrphans(deps, operation, instance, backend, signal)
        : { kind: 'done', result: {} }
    },
    async list(tx, operation, instance) {
      const bindings = await listLiveBindings(tx, operation.platformId, operation.instanceKey)
      return bindings.map((binding) => ({
        resource: resourceOf(instance, binding),
        bindingId: binding.bindingId,
      }))
    },
    close: ({ platformId, instanceKey }, now) => closeBindingsOf(platformId, instanceKey, now),
  }
}
