// Fields of a provider's answers about an instance that the specification does not know: told to the platform as they
// came, whenever it is told of the instance.
import type { InstanceResult } from '../backends/backend.ts'
import type { Aad } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'
import type { Instance } from './instance.ts'

export type Extensions = NonNullable<InstanceResult['extensions']>

type Keeper = Pick<Instance, 'key' | 'platformId' | 'extensions'>

function extensionsAad({ key, platformId }: Keeper): Aad {
  return ['instances', 'extensions', key, platformId]
}

export function openExtensions(vault: Vault, instance: Keeper): Extensions | undefined {
  // sealed below, from an object
  return instance.extensions === null
    ? undefined
    : (vault.open(instance.extensions, extensionsAad(instance)) as Extensions)
}

/** What an answer adds to what is known; a field that it does not name stays. */
export function withExtensions(
  vault: Vault,
  instance: Keeper,
  told: InstanceResult | undefined,
): { extensions?: Buffer } {
  if (told?.extensions === undefined) return {}
  return {
    extensions: vault.seal(
      { ...openExtensions(vault, instance), ...told.extensions },
      extensionsAad(instance),
    ),
  }
}
