import { record } from '../audit/record.ts'
import type { BindingResult } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { lookUpInstance } from '../instances/look-up.ts'
import { listRunning } from '../operations/begin.ts'
import type { Vault } from '../vault/vault.ts'
import { requestPlace, resultPlace, type BindingRequest } from './binding.ts'
import { readAtProvider, type ReadDeps } from './read-at-provider.ts'
import { findBinding } from './store.ts'

export interface FetchedBinding {
  readonly result: BindingResult
  readonly parameters: Readonly<Record<string, unknown>> | undefined
}

/**
/**
 * A binding as we hold it, credentials included; where those are not kept, as its provider gives it. That they were read is
 * recorded before they are given.
 * @throws BrokerError `not_found` for one that is unknown, under another instance, or still being made; see read-at-provider.ts
 */
export async function fetchBinding (deps: ReadDeps & { readonly db: Db, readonly vault: Vault, readonly now: () => Date }, platformId: string, instanceId: string, bindingId: string): Promise<FetchedBinding> {
  const instance = await lookUpInstance(deps.db, platformId, instanceId)
  const binding = await findBinding(deps.db, platformId, bindingId)
  if (binding === undefined || binding.instanceKey !== instance.key || binding.state !== 'ready') {
    throw new BrokerError('not_found', 'There is no such binding, or it is not ready.')
  }
  const running = await listRunning(deps.db, platformId, instance.key)
  if (running.some((operation) => operation.kind === 'deprovision')) throw new BrokerError('not_found', 'The instance is being deleted.')
  const result = binding.result === null
    ? await readAtProvider(deps, instance, binding)
    : deps.vault.open(binding.result, resultPlace(binding.key, platformId)) as BindingResult
  const { parameters } = deps.vault.open(binding.request, requestPlace(binding.key, platformId)) as BindingRequest
  await record(deps.db, {
    at: deps.now(),
    actor: `platform:${platformId}`,
    action: 'read credentials',
    objectKind: 'binding',
    objectId: bindingId,
    outcome: 'succeeded',
    organisationId: instance.organisationId,
    platformId,
    providerId: instance.providerId,
    instanceId
  })
  return { result, parameters }
}
