import type { BindingResult } from '../backends/backend.ts'
import { BrokerError } from '../errors.ts'
import { lookUpInstance } from '../instances/instance-with-operations.ts'
import { requestAad, type BindingRequest } from './binding.ts'
import type { BindingOfInstance } from './load.ts'
import {
  readCredentials,
  type CredentialsReader,
  type ReadCredentialsDeps,
} from './read-credentials.ts'
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
  const { instance, binding } = await findReady(deps, platformId, instanceId, bindingId)
  const { parameters } = deps.vault.open(binding.request, requestAad(binding)) as BindingRequest
  return { result: await readCredentials(deps, instance, binding), parameters }
}

/**
 * A binding with its credentials, for another than its platform.
 * @param key  Kontor's id: of a later binding under the same `bindingId` nothing is read
 * @throws BrokerError as `fetchBinding`
 */
export async function fetchCredentials(
  deps: ReadCredentialsDeps,
  at: { readonly platformId: string; readonly instanceId: string; readonly bindingId: string },
  key: string,
  reader: CredentialsReader,
): Promise<BindingResult> {
  const { platformId, instanceId, bindingId } = at
  const { instance, binding } = await findReady(deps, platformId, instanceId, bindingId)
  if (binding.key !== key) throw notReady()
  return readCredentials(deps, instance, binding, reader)
}

async function findReady(
  { db }: Pick<ReadCredentialsDeps, 'db'>,
  platformId: string,
  instanceId: string,
  bindingId: string,
): Promise<BindingOfInstance> {
  const { instance, running } = await lookUpInstance(db, platformId, instanceId)
  const binding = await findBinding(db, platformId, bindingId)
  if (binding === undefined || binding.instanceKey !== instance.key || binding.state !== 'ready')
    throw notReady()
  if (running.some((operation) => operation.kind === 'deprovision'))
    throw new BrokerError('not_found', 'The instance is being deleted.')
  return { instance, binding }
}

function notReady(): BrokerError {
  return new BrokerError('not_found', 'There is no such binding, or it is not ready.')
}
