import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Vault } from '../vault/vault.ts'
import { openExtensions, type Extensions } from './extensions.ts'
import { openParameters, type Instance } from './instance.ts'
import { findWithOperations } from './look-up.ts'

export interface FetchedInstance {
  readonly instance: Instance
  readonly parameters: Readonly<Record<string, unknown>> | undefined
  readonly extensions: Extensions | undefined
}

/**
 * An instance from Kontor's row, so that platforms can fetch the instances of every provider.
 * @throws BrokerError `not_found` when it is unknown or not ready, `concurrency` while it is being
 * deleted
 */
export async function fetchInstance(
  deps: { readonly db: Db; readonly vault: Vault },
  platformId: string,
  instanceId: string,
): Promise<FetchedInstance> {
  const found = await findWithOperations(deps.db, platformId, instanceId)
  if (found?.instance.state !== 'ready')
    throw new BrokerError('not_found', 'There is no such instance, or it is not ready.')
  const { instance, running } = found
  if (running.some((operation) => operation.kind === 'deprovision'))
    throw new BrokerError('concurrency', 'The instance is being deleted.')
  return {
    instance,
    parameters: openParameters(deps.vault, instance),
    extensions: openExtensions(deps.vault, instance),
  }
}
