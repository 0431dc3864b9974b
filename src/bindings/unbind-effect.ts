import type { Nothing } from '../backends/backend.ts'
import { loadInstance, type EffectDeps } from '../instances/load.ts'
import { callIdentity } from '../operations/call-identity.ts'
import type { Effect } from '../operations/effect.ts'
import { upstreamBindingRef } from './binding.ts'
import { loadBinding } from './load.ts'
import { closeBinding, updateBinding } from './store.ts'

/** Removes a binding at its provider. */
export function unbindEffect (deps: EffectDeps): Effect<Nothing> {
  return {
    async prepare (operation) {
      const [instance, binding] = await Promise.all([loadInstance(deps, operation), loadBinding(deps, operation)])
      const ref = upstreamBindingRef(instance, binding)
      return {
        call: (backend, signal) => backend.unbind({ ...ref, ...callIdentity(operation), acceptsIncomplete: operation.acceptsIncomplete }, signal),
        progress: { instance: ref, bindingId: ref.bindingId, ...(operation.upstreamOperation === null ? {} : { operation: operation.upstreamOperation }) },
        collect: async () => ({ result: {} }),
        // A delete may simply be repeated.
        lookUp: async () => ({ kind: 'no_effect', description: 'The delete got no answer.' }),
        begun: async () => {},
        succeeded: (tx, _result, now) => closeBinding(tx, binding.platformId, binding.key, now),
        // Still there, as far as anybody knows; a later delete may end it.
        failed: (tx, _end, now) => updateBinding(tx, binding.platformId, binding.key, { state: binding.state === 'binding' ? 'failed' : binding.state }, now)
      }
    }
  }
}
