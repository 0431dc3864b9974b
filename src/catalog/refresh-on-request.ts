import type { Caller } from '../tenancy/caller.ts'
import { record } from '../audit/record.ts'
import { refreshCatalog, type RefreshDeps } from './refresh.ts'

/**
 * Reads a provider's catalog because somebody asked for it.
 * @throws BrokerError `not_found` when there is no such provider
 */
export async function refreshOnRequest(
  deps: RefreshDeps,
  caller: Caller,
  providerId: string,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await refreshCatalog(deps, providerId, signal)
  await record(deps.db, {
    at: deps.now(),
    actor: caller.actor,
    action: 'refresh',
    objectKind: 'provider',
    objectId: providerId,
    outcome,
    providerId,
  })
}
