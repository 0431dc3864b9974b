import type { BindingResult } from '../backends/backend.ts'
import { BrokerError } from '../errors.ts'
import { lookUpInstance } from '../instances/instance-with-operations.ts'
import { requestAad, type BindingRequest } from './binding.ts'
import { readCredentials, type ReadCredentialsDeps } from './read-credentials.ts'
import { findBinding } from './store.ts'

export interface FetchedBinding {
  readonly result: BindingResult
  readonly parameters: Readonly<Record<string, unknown>> | undefined
}

/**
 * A binding with its credentials and the parameters of its order.
 * @throws BrokerError `not_found` when it is unknown, of another instance, or not ready; see
 * read-at-provider.ts
 */
export async function fetchBinding(
  deps: ReadCredentialsDeps,
  platformId: string,
  instanceId: string,
  bindingId: string,
): Promise<FetchedBinding> {
  const { instance, running } = await lookUpInstance(deps.db, platformId, instanceId)
  const binding = await findBinding(deps.db, platformId, bindingId)
  if (binding === undefined || binding.instanceKey !== instance.key || binding.state !== 'ready') {
    throw new BrokerError('not_found', 'There is no such binding, or it is not ready.')
  }
  if (running.some((operation) => operation.kind === 'deprovision'))
    throw new BrokerError('not_found', 'The instance is being deleted.')
  const { parameters } = deps.vault.open(binding.request, requestAad(binding)) as BindingRequest
  return { result: await readCredentials(deps, instance, binding), parameters }
}
