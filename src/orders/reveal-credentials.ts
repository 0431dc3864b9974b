import { fetchCredentials } from '../bindings/fetch.ts'
import type { ListingDeps } from '../instances/listing/deps.ts'
import type { SignedIn } from '../people/person.ts'
import type { BindingCredentials } from '../types.gen.ts'
import type { OrdersDeps } from './deps.ts'
import { requireOwnBinding } from './own-binding.ts'

export type RevealDeps = OrdersDeps & ListingDeps

/**
 * Shows a person the credentials of a binding of an order's instance. Each time is recorded before
 * anything is shown; whether the person has signed in lately is the entry point's business.
 * @param id  Kontor's
 * @throws BrokerError `not_found`, also for one that is not ready; `forbidden`; see
 *   read-at-provider.ts
 */
export async function revealCredentials(
  deps: RevealDeps,
  signedIn: SignedIn,
  id: string,
): Promise<BindingCredentials> {
  const view = await requireOwnBinding(deps, signedIn, id)
  const { bindingId, instance, platform } = view
  const at = { platformId: platform.id, instanceId: instance.instanceId, bindingId }
  const { actor } = signedIn.caller
  const result = await fetchCredentials(deps, at, view.id, {
    actor,
    action: 'credentials.revealed',
  })
  const { metadata, syslog_drain_url: syslogDrainUrl, route_service_url: routeServiceUrl } = result
  return {
    id: view.id,
    bindingId,
    credentials: result.credentials ?? {},
    endpoints: result.endpoints ?? [],
    volumeMounts: result.volume_mounts ?? [],
    syslogDrainUrl: syslogDrainUrl ?? null,
    routeServiceUrl: routeServiceUrl ?? null,
    expiresAt: metadata?.expires_at ?? null,
    renewBefore: metadata?.renew_before ?? null,
  }
}
