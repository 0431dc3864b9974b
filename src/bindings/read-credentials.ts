import { record } from '../audit/record.ts'
import type { BindingResult } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import type { Instance } from '../instances/instance.ts'
import type { Vault } from '../vault/vault.ts'
import { openResult, type Binding } from './binding.ts'
import { readAtProvider, type ReadDeps } from './read-at-provider.ts'

export interface ReadCredentialsDeps extends ReadDeps {
  readonly db: Db
  readonly vault: Vault
  readonly now: () => Date
}

/** Who reads credentials: its platform unless it is said. */
export interface CredentialsReader {
  readonly actor: string
  readonly action: 'credentials.read' | 'credentials.revealed'
}

/**
 * A ready binding with its credentials, from the provider if Kontor does not store them. The audit
 * event of the reading is written before they are returned.
 * @throws BrokerError see read-at-provider.ts
 */
export async function readCredentials(
  deps: ReadCredentialsDeps,
  instance: Instance,
  binding: Binding,
  reader?: CredentialsReader,
): Promise<BindingResult> {
  const { platformId, bindingId } = binding
  const { actor, action } = reader ?? {
    actor: `platform:${platformId}`,
    action: 'credentials.read',
  }
  const result =
    binding.result === null
      ? await readAtProvider(deps, instance, binding)
      : openResult(deps.vault, binding, binding.result)
  await record(deps.db, {
    at: deps.now(),
    actor,
    action,
    objectKind: 'binding',
    objectId: bindingId,
    outcome: 'succeeded',
    organisationId: instance.organisationId,
    platformId,
    providerId: instance.providerId,
    instanceId: instance.instanceId,
  })
  return result
}
