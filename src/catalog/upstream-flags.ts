// What providers say of their offerings, in the current catalog.
import type { LiveCatalog } from './live-catalog.ts'

type Current = Pick<LiveCatalog, 'current'>

/** Whether the provider of an offering says that its instances can be fetched. */
export function isInstanceRetrievable(catalog: Current, offeringId: string): boolean {
  return catalog.current().offerings.get(offeringId)?.upstreamFlags.instancesRetrievable ?? false
}

/** The same for its bindings. */
export function isBindingRetrievable(catalog: Current, offeringId: string): boolean {
  return catalog.current().offerings.get(offeringId)?.upstreamFlags.bindingsRetrievable ?? false
}

/** The `requires` of an offering: what its bindings may hold beside credentials. */
export function requiresOf(catalog: Current, offeringId: string): readonly string[] {
  const requires = catalog.current().offerings.get(offeringId)?.body['requires']
  // inspect.ts lets only a list of names through.
  return (requires as readonly string[] | undefined) ?? []
}
