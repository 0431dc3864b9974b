import type { BindingResult } from '../backends/backend.ts'
import { BrokerError } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { OrderDeps } from '../instances/order.ts'
import { upstreamBindingRef, type Binding } from './binding.ts'

export type ReadDeps = Pick<OrderDeps, 'catalog' | 'openBackend'>

// Platforms give up after 60 s.
const longestReadMs = 55_000

/**
 * A binding whose credentials are not kept here, as its provider gives it.
 * @throws BrokerError `not_retrievable` when it does not give bindings again; `not_found`, `concurrency`, `rate_limited`,
 * `provider_unavailable` or `provider_failed` when it does not now
 */
export async function readAtProvider (deps: ReadDeps, instance: Instance, binding: Binding): Promise<BindingResult> {
  const offering = deps.catalog.current().offerings.get(instance.offeringId)
  if (offering?.upstreamFlags.bindingsRetrievable !== true) throw notRetrievable()
  const open = await deps.openBackend(instance.providerId)
  const place = open.takePlace('order')
  if (!place.granted) {
    const retry = { retryAfterSeconds: Math.max(1, Math.ceil(place.retryAfterMs / 1_000)) }
    if (place.reason === 'circuit_open') throw new BrokerError('provider_unavailable', `${open.label} does not work at present, and what its bindings hold is kept nowhere else.`, retry)
    throw new BrokerError('rate_limited', `${open.label} is busy with other orders. Try again in a moment.`, retry)
  }
  try {
    // catalog/inspect.ts let only a list of names through
    const requires = offering.body['requires'] as readonly string[] | undefined ?? []
    const fetched = await open.backend.fetchBinding(upstreamBindingRef(instance, binding, requires), AbortSignal.timeout(longestReadMs))
    switch (fetched.kind) {
      case 'found': return fetched.facts
      case 'missing': throw new BrokerError('not_found', `${open.label} has no such binding any more.`)
      case 'busy': throw new BrokerError('concurrency', `${open.label} is at work on the binding.`)
      case 'unsupported': throw notRetrievable()
      case 'invalid': case 'unclear': throw new BrokerError('provider_failed', `${open.label}: ${fetched.description}`)
      default: return fetched satisfies never
    }
  } finally {
    place.release()
  }
}

function notRetrievable (): BrokerError {
  return new BrokerError('not_retrievable', 'The credentials of this binding are not kept, and its provider does not give them again.')
}
