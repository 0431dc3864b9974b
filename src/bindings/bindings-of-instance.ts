import type { Backend, Nothing, Outcome } from '../backends/backend.ts'
import type { BindingsOfInstance } from '../instances/deprovision-handler.ts'
import { atEitherPlan } from '../instances/either-plan.ts'
import { loadInstance, type HandlerDeps } from '../instances/load.ts'
import { callIdentity } from '../operations/call-identity.ts'
import type { Instance } from '../instances/instance.ts'
import type { Operation } from '../operations/operation.ts'
import { listBindingOrphans } from '../orphans/record.ts'
import type { OrphanedResource } from '../orphans/orphan.ts'
import { upstreamBindingRef, type Binding } from './binding.ts'
import { closeBinding, closeBindingsOf, listLiveBindings } from './store.ts'

function resourceOf(instance: Instance, binding: Binding): OrphanedResource {
  const ref = upstreamBindingRef(instance, binding)
  return { instance: ref, bindingId: ref.bindingId }
}

// The provider is at it; the whole delete is tried again when it had time, and this unbind is then repeated.
function stillAtIt({
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

// A bind that failed here may be there after all, and would hinder the delete: what is to be removed later is removed now.
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
        ...callIdentity(operation),
        acceptsIncomplete: operation.acceptsIncomplete,
      },
      signal,
    )
    if (outcome.kind === 'pending') return stillAtIt(outcome)
    // Most providers know nothing of it, and some then say no; the delete of the instance tells.
    if (outcome.kind === 'unknown') return outcome
  }
  return { kind: 'done', result: {} }
}

/** What becomes of the bindings of an instance that goes: unbound at the provider first, then closed here. */
export function bindingsOfInstance(deps: HandlerDeps): BindingsOfInstance {
  return {
    async unbind(operation, backend, signal): Promise<Outcome<Nothing>> {
      const [bindings, instance] = await Promise.all([
        listLiveBindings(deps.db, operation.platformId, operation.instanceKey),
        loadInstance(deps, operation),
      ])
      for (const binding of bindings) {
        const order = {
          ...upstreamBindingRef(instance, binding),
          ...callIdentity(operation),
          acceptsIncomplete: operation.acceptsIncomplete,
        }
        const outcome = await atEitherPlan(deps, instance, signal, (plan) =>
          backend.unbind({ ...order, ...plan }, signal),
        )
        if (outcome.kind === 'done') {
          // Now, not with the whole: it is gone at the provider even if the delete of the instance then fails.
          await deps.db
            .transaction()
            .execute((tx) => closeBinding(tx, binding.platformId, binding.key, deps.now()))
          continue
        }
        return outcome.kind === 'pending' ? stillAtIt(outcome) : outcome
      }
      return unbindOrphans(deps, operation, instance, backend, signal)
    },
    async list(tx, operation, instance) {
      const bindings = await listLiveBindings(tx, operation.platformId, operation.instanceKey)
      return bindings.map((binding) => ({
        resource: resourceOf(instance, binding),
        bindingId: binding.bindingId,
      }))
    },
    forget: (tx, operation, now) =>
      closeBindingsOf(tx, operation.platformId, operation.instanceKey, now),
  }
}
