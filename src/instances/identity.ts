// What of an instance never changes decides where its orders go and whose it is. It stands under a
// MAC, so that SQL cannot send the parameters of later orders to another provider, or give an
// instance of one tenant to another. The secrets of its orders name the instance in their AAD.
import { BrokerError } from '../errors.ts'
import { integrityOf, noteRow } from '../vault/sealed-rows/integrity.ts'
import type { Vault } from '../vault/vault.ts'
import type { Instance } from './instance.ts'

export type Identity = Pick<
  Instance,
  | 'key'
  | 'platformId'
  | 'instanceId'
  | 'providerId'
  | 'organisationId'
  | 'offeringId'
  | 'upstreamId'
  | 'upstreamServiceId'
>

export type WithIdentityMac = Identity & Pick<Instance, 'identityMac'>

const purpose = 'instance identity'

function contentOf(identity: Identity): ReadonlyArray<string | null> {
  const { key, platformId, instanceId, providerId, organisationId } = identity
  const { offeringId, upstreamId, upstreamServiceId } = identity
  return [
    key,
    platformId,
    instanceId,
    providerId,
    organisationId,
    offeringId,
    upstreamId,
    upstreamServiceId,
  ]
}

/** What the MAC stands for. */
export function identityText(identity: Identity): string {
  return JSON.stringify(contentOf(identity))
}

/** With the digest key, so that only "kontor key rotate --all" has to read each instance. */
export function identityMacOf(vault: Vault, identity: Identity): Buffer {
  return vault.digest(contentOf(identity), purpose)
}

/** True too for a row without a MAC, while rows that releases up to 0.2 write count. */
export function isGenuine(vault: Vault, instance: WithIdentityMac): boolean {
  const { identityMac } = instance
  return identityMac === null
    ? vault.acceptsOldReleases()
    : vault.isDigestOf(identityMac, contentOf(instance), { purpose })
}

/** @throws BrokerError `unavailable` for an instance that was changed past Kontor; notes that */
export function assertGenuine(vault: Vault, instance: WithIdentityMac): void {
  const isRight = isGenuine(vault, instance)
  noteRow(integrityOf(vault), 'instances', instance.key, isRight)
  if (!isRight)
    throw new BrokerError(
      'unavailable',
      'This instance was changed by something other than Kontor, and an operator of Kontor must ' +
        'check it. Nothing is sent to its provider until then.',
      { retryAfterSeconds: 30 },
    )
}
