import type { Nothing, Outcome } from '../backends/backend.ts'
import type { Leftovers } from '../instances/deprovision-effect.ts'
import { atEitherPlan } from '../instances/either-plan.ts'
import { loadInstance, type EffectDeps } from '../instances/load.ts'
import { callIdentity } from '../operations/call-identity.ts'
import type { Instance } from '../instances/instance.ts'
import type { Left } from '../orphans/orphan.ts'
import { upstreamBindingRef, type Binding } from './binding.ts'
import { closeBinding, closeBindingsOf, listLiveBindings } from './store.ts'

function leftOf (instance: Instance, binding: Binding): Left {
  const ref = upstreamBindingRef(instance, binding)
  return { instance: ref, bindingId: ref.bindingId }
}

/** What becomes of the bindings of an instance that goes: unbound at the provider first, then closed here. */
export function bindingLeftovers (deps: EffectDeps): Leftovers {
  return {
    async unbind (operation, backend, signal): Promise<Outcome<Nothing>> {
      const bindings = await listLiveBindings(deps.db, operation.platformId, operation.instanceKey)
      if (bindings.length === 0) return { kind: 'done', result: {} }
      const instance = await loadInstance(deps, operation)
      for (const binding of bindings) {
        const order = { ...upstreamBindingRef(instance, binding), ...callIdentity(operation), acceptsIncomplete: operation.acceptsIncomplete }
        const outcome = await atEitherPlan(deps, instance, signal, (plan) => backend.unbind({ ...order, ...plan }, signal))
        if (outcome.kind === 'done') {
          // Now, not with the whole: it is gone at the provider even if the delete of the instance then fails.
          await deps.db.transaction().execute((tx) => closeBinding(tx, binding.platformId, binding.key, deps.now()))
          continue
        }
        if (outcome.kind !== 'pending') return outcome
        // The provider is at it; the whole delete is tried again when it had time, and this unbind is then repeated.
        return { kind: 'refused', refusal: { reason: 'concurrency', description: 'A binding is still being deleted.', ...(outcome.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: outcome.retryAfterSeconds }) } }
      }
      return { kind: 'done', result: {} }
    },
    async list (tx, operation, instance) {
      const bindings = await listLiveBindings(tx, operation.platformId, operation.instanceKey)
      return bindings.map((binding) => ({ left: leftOf(instance, binding), bindingId: binding.bindingId }))
    },
    forget: (tx, operation, now) => closeBindingsOf(tx, operation.platformId, operation.instanceKey, now)
  }
}
