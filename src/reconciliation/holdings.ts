import type { Instance } from '../instances/instance.ts'
import type { Surveying } from './deps.ts'
import type { ObjectKind } from './finding.ts'
import { bindingsOf, instancesOf } from './held.ts'

/**
 * What is kept in memory of an instance or a binding while the listing is read: little, because
 * there may be many.
 */
export interface Held {
  readonly object: ObjectKind
  readonly key: string
  readonly changedAtMs: number
  /** The provider's ids. */
  readonly upstreamId: string
  readonly instanceId: string
  readonly serviceId: string
  readonly planId: string
  listed: boolean
  /** Listed with the same values as in Kontor's row; other entries for it are ignored then. */
  agreed: boolean
  /** Of an instance: whether its bindings were listed with it. */
  bindingsListed: boolean
}

/** Keyed by the provider's own ids. */
export interface Holdings {
  readonly instances: ReadonlyMap<string, Held>
  readonly bindings: ReadonlyMap<string, Held>
}

/** All instances and bindings at a provider without an unfinished operation. */
export async function readHoldings({ deps: { db }, providerId }: Surveying): Promise<Holdings> {
  const [instances, bindings] = [new Map<string, Held>(), new Map<string, Held>()]
  const once = sharedTexts()
  for await (const page of instancesOf(db, providerId)) {
    for (const { instance, changedAt } of page)
      instances.set(instance.upstreamId, heldOf(once, 'instance', instance, instance, changedAt))
    for await (const some of bindingsOf(db, page)) {
      for (const {
        instance,
        bound: { binding, changedAt },
      } of some)
        bindings.set(binding.upstreamId, heldOf(once, 'binding', instance, binding, changedAt))
    }
  }
  return { instances, bindings }
}

function heldOf(
  once: (text: string) => string,
  object: ObjectKind,
  instance: Instance,
  { key, upstreamId }: { readonly key: string; readonly upstreamId: string },
  changedAt: Date,
): Held {
  return {
    object,
    key,
    upstreamId,
    changedAtMs: changedAt.getTime(),
    instanceId: once(instance.upstreamId),
    serviceId: once(instance.upstreamServiceId),
    planId: once(instance.upstreamPlanId),
    listed: false,
    agreed: false,
    bindingsListed: true,
  }
}

// Saves memory: each row brings its own copy of ids that thousands of rows share.
function sharedTexts(): (text: string) => string {
  const texts = new Map<string, string>()
  return (text) => {
    const known = texts.get(text)
    if (known === undefined) texts.set(text, text)
    return known ?? text
  }
}
