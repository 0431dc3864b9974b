// Fields of a provider's answers about an instance that the specification does not define. Kontor
// passes them on unchanged with every answer about the instance.
import type { InstanceResult } from '../backends/backend.ts'
import type { Aad, VersionedValue } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'
import type { Instance } from './instance.ts'

export type Extensions = NonNullable<InstanceResult['extensions']>

type Row = Pick<Instance, 'key' | 'platformId' | 'extensions' | 'extensionsVersion'>

function extensionsAad({ key, platformId }: Row, version: number): Aad {
  return ['instances', 'extensions', key, platformId, version]
}

export function openExtensions(vault: Vault, instance: Row): Extensions | undefined {
  // withExtensions seals an object
  return instance.extensions === null
    ? undefined
    : (vault.open(
        instance.extensions,
        extensionsAad(instance, instance.extensionsVersion),
      ) as Extensions)
}

/** Adds the fields of an answer; a field that the answer does not have keeps its value. */
export function withExtensions(
  vault: Vault,
  instance: Row,
  added: Extensions,
): { readonly extensions: VersionedValue } {
  const all = { ...openExtensions(vault, instance), ...added }
  const version = instance.extensionsVersion + 1
  return { extensions: { sealed: vault.seal(all, extensionsAad(instance, version)), version } }
}
