import type { BindingResult } from '../backends/backend.ts'
import type { CatalogOffering } from '../catalog/snapshot.ts'
import { BrokerError, stoppingError } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { OrderDeps } from '../instances/order.ts'
import type { OpenProvider } from '../providers/open-provider.ts'
import { upstreamBindingRef, type Binding } from './binding.ts'

export type ReadDeps = Pick<OrderDeps, 'catalog' | 'backends'>

// Platforms give up after 60 s.
const maxReadMs = 55_000
const maxSlotWaitMs = 10_000

/**
 * Fetches a binding whose credentials Kontor does not store from its provider.
 * @throws BrokerError `not_retrievable` when the provider does not let bindings be fetched;
 * `not_found`, `concurrency`, `rate_limited`, `provider_unavailable` or `provider_failed` when it
 * does not give this one now
 */
export async function readAtProvider(
  deps: ReadDeps,
  instance: Instance,
  binding: Binding,
): Promise<BindingResult> {
  const offering = assertRetrievable(deps, instance)
  const open = await deps.backends.open(instance.providerId)
  const signal = AbortSignal.timeout(maxReadMs)
  let slot = open.guard.acquireSlot('async_order', instance.platformId)
  if (!slot.granted && slot.reason === 'busy')
    slot = await open.guard.waitForSlot('async_order', instance.platformId, maxSlotWaitMs)
  if (!slot.granted) {
    if (slot.reason === 'circuit_open') throw unavailable(open, slot.retryAfterMs)
    if (slot.reason === 'stopping') throw stoppingError()
    throw new BrokerError(
      'rate_limited',
      `${open.label} is busy with other orders. Try again in a moment.`,
      retryAfter(slot.retryAfterMs),
    )
  }
  try {
    // catalog/inspect.ts has validated it as a list of strings
    const requires = (offering.body['requires'] as readonly string[] | undefined) ?? []
    const fetched = await open.backend.fetchBinding(
      upstreamBindingRef(instance, binding, requires),
      signal,
    )
    switch (fetched.kind) {
      case 'found':
        return fetched.facts
      case 'missing':
        throw new BrokerError('not_found', `${open.label} has no such binding any more.`)
      case 'busy':
        throw new BrokerError('concurrency', `${open.label} is at work on the binding.`)
      case 'unsupported':
        throw notRetrievable()
      case 'invalid':
      case 'unclear':
        throw new BrokerError('provider_failed', `${open.label}: ${fetched.description}`)
      default:
        return fetched satisfies never
    }
  } finally {
    slot.release()
  }
}

/**
 * Checks whether a binding could be fetched from its provider, without a call.
 * @throws BrokerError `not_retrievable`, or `provider_unavailable` while the provider's circuit is
 * open
 */
export async function validateRead(deps: ReadDeps, instance: Instance): Promise<void> {
  assertRetrievable(deps, instance)
  const open = await deps.backends.open(instance.providerId)
  const retryAfterMs = open.circuit.waitMs()
  if (retryAfterMs !== undefined) throw unavailable(open, retryAfterMs)
}

function assertRetrievable(deps: ReadDeps, instance: Instance): CatalogOffering {
  const offering = deps.catalog.current().offerings.get(instance.offeringId)
  if (offering?.upstreamFlags.bindingsRetrievable !== true) throw notRetrievable()
  return offering
}

function retryAfter(ms: number): { retryAfterSeconds: number } {
  return { retryAfterSeconds: Math.max(1, Math.ceil(ms / 1_000)) }
}

function unavailable(
  { label, heldSentence }: Pick<OpenProvider, 'label' | 'heldSentence'>,
  retryAfterMs: number,
): BrokerError {
  const reason = heldSentence ?? `${label} does not work at present.`
  return new BrokerError(
    'provider_unavailable',
    `${reason} What its bindings hold is kept nowhere else.`,
    retryAfter(retryAfterMs),
  )
}

function notRetrievable(): BrokerError {
  return new BrokerError(
    'not_retrievable',
    'The credentials of this binding are not kept, and its provider does not give them again.',
  )
}
