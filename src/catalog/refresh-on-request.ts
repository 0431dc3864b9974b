import { record } from '../audit/record.ts'
import { refreshCatalog, type RefreshDeps } from './refresh.ts'

/**
 * Reads a provider's catalog because somebody asked for it.
 * @param by  who, as the audit names them
 * @throws BrokerError `not_found` when there is no such provider
 */
export async function refreshOnRequest(
  deps: RefreshDeps,
  by: string,
  providerId: string,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await refreshCatalog(deps, providerId, signal)
  await record(deps.db, {
    at: deps.now(),
    actor: by,
    action: 'refresh',
    objectKind: 'provider',
    objectId: providerId,
    outcome,
    providerId,
  })
}
