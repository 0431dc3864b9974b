import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Vault } from '../vault/vault.ts'
import { openExtensions, type Extensions } from './extensions.ts'
import { parametersAad, type Instance } from './instance.ts'
import { findWithOperations } from './look-up.ts'

export interface FetchedInstance {
  readonly instance: Instance
  readonly parameters: Readonly<Record<string, unknown>> | undefined
  readonly extensions: Extensions | undefined
}

/**
 * An instance as we hold it, for every provider, whatever its own broker can tell.
 * @throws BrokerError `not_found` for one that is unknown or still being made, `concurrency` while it is deleted
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
  const parameters =
    instance.parameters === null
      ? undefined
      : // sealed from an object
        (deps.vault.open(
          instance.parameters,
          parametersAad(instance.key, instance.platformId),
        ) as Record<string, unknown>)
  return { instance, parameters, extensions: openExtensions(deps.vault, instance) }
}
