import type { KeyObject } from 'node:crypto'
import type { Db, DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { adoptKeyRing, type AdoptedRing } from './adopt-key-ring.ts'
import { assertComplete } from './assert-complete.ts'
import { digestKeyDamaged, type AuditEnd, type DigestKey } from './digest-keys/digest-key.ts'
import {
  digestKeyIdOf,
  hmacOf,
  isDigestOf,
  makeDigest,
  type DigestUse,
} from './digest-keys/digest.ts'
import type { DigestKeys } from './digest-keys/read-digest-keys.ts'
import type { Formats } from './formats.ts'
import type { KeyRing } from './key-ring.ts'
import { derivedKey, isMacOf, makeMac, type Macs } from './mac.ts'
import { formatOf, newestFormat, openBytes, sealBytes, UnopenedError, type Aad } from './seal.ts'

/** Encrypts and decrypts the secrets in the database; makes keyed digests and MACs of values. */
export interface Vault extends Macs {
  /**
   * @param value  anything that JSON can represent
   * @throws BrokerError `unavailable` while this process lacks a key that others use, or its
   *   heartbeat has not reached the database for too long
   */
  seal(value: unknown, aad: Aad): Buffer
  /**
   * @throws BrokerError `unavailable` when the key is not in this process's ring; UnopenedError
   *   when the value was changed or sealed with other AAD
   */
  open(sealed: Buffer, aad: Aad): unknown
  /** How often values of each `table.column` did not open, since the vault was opened. */
  readonly unopened: ReadonlyMap<string, number>
  /**
   * Keyed digest (HMAC) of a JSON value, with the newest digest key that all processes know.
   * Compare it with `isDigestOf`: a later digest of the same value may have another key.
   * @param purpose  for a digest that counts for nothing else: a MAC
   * @throws BrokerError `unavailable` while another process may have a newer key
   */
  digest(value: unknown, purpose?: string): Buffer
  /** Whether this is a digest of the value, for any order of object keys. */
  isDigestOf(digest: Buffer, value: unknown, use?: DigestUse): boolean
  /** The digest with the newest key; undefined when it has that, or none can be made now. */
  renewedDigest(digest: Buffer, value: unknown): Buffer | undefined
  /** Keyed digest with the first key: no rotation changes it, and nothing is granted for it. */
  fingerprint(value: unknown): Buffer
  /** False while `seal` throws: MACs of others may be with a key that this process lacks. */
  isComplete(): boolean
  /** Whether no process of a release up to 0.2 can work on this database any more. */
  isClosedToOldReleases(): boolean
  /** Whether what such a process writes counts: values of format 1, and rows without a MAC. */
  acceptsOldReleases(): boolean
  /** A key for one purpose, derived from the digest key. @throws as `digest` */
  keyFor(purpose: string): KeyObject
  /** All keys for a purpose that verify; those come first that were retired first. */
  keysFor(purpose: string): readonly VerifyingKey[]
}

export interface VerifyingKey {
  readonly key: KeyObject
  /** The end of the audit log up to which it counts; undefined: it is in force. */
  readonly retiredAt: AuditEnd | undefined
}

/** The keys that a vault uses. `sealing` is undefined while it may not seal. */
export interface ActiveKeys {
  readonly ring: KeyRing
  readonly sealing: KeyRing | undefined
  readonly formats: Formats
  readonly digests: DigestKeys
  /** The id of the key that digests are made with. */
  readonly digestKey: number | undefined
  /** False while another process may have made a newer digest key. */
  readonly mayMakeDigests: boolean
}

/**
 * Opens the vault of this database for one command.
 * @throws BrokerError `configuration` when the ring lacks a key in use or has a wrong one
 */
export async function openVault(db: Db, ring: KeyRing): Promise<Vault> {
  const adopted = await adoptKeyRing(db, ring)
  await assertComplete(db, adopted)
  const keys = activeKeys(ring, adopted)
  return makeVault(db, () => keys)
}

/** Like `openVault`, with a ring that may lack keys: for a command that gives up a lost key. */
export async function openIncompleteVault(db: Db, ring: KeyRing): Promise<Vault> {
  const keys = activeKeys(ring, await adoptKeyRing(db, ring))
  return makeVault(db, () => keys)
}

export function activeKeys(ring: KeyRing, adopted: AdoptedRing): ActiveKeys {
  const { sealingKey, formats, digests, digestKey } = adopted
  return {
    ring,
    formats,
    sealing: sealingKey === undefined ? undefined : { current: sealingKey, keys: ring.keys },
    digests,
    digestKey,
    mayMakeDigests: digests.isComplete,
  }
}

/** @throws BrokerError `configuration` when no digest key opens */
export function makeVault(db: Db, keys: () => ActiveKeys): Vault {
  if (keys().digests.all.size === 0) throw digestKeyDamaged()
  const making = (): DigestKey => {
    const { digests, digestKey, mayMakeDigests } = keys()
    return (mayMakeDigests ? digests.all.get(digestKey ?? 0) : undefined) ?? throwUnavailable()
  }
  const { open, unopened } = opener(keys)
  const vault: Vault = {
    seal(value, aad) {
      const { sealing = throwUnavailable(), formats } = keys()
      return sealBytes(sealing, Buffer.from(JSON.stringify(value)), aad, formats.sealing)
    },
    open,
    unopened,
    isComplete: () => keys().sealing !== undefined,
    isClosedToOldReleases: () => keys().formats.sealing === newestFormat,
    acceptsOldReleases: () => keys().formats.acceptsFirst,
    digest: (value, purpose) => makeDigest(making(), value, purpose),
    isDigestOf: (digest, value, use) => isDigestOf(keys().digests, digest, value, use),
    renewedDigest(digest, value) {
      const { digests, digestKey, mayMakeDigests } = keys()
      const key = digests.all.get(digestKey ?? 0)
      return key === undefined || !mayMakeDigests || (digestKeyIdOf(digest) ?? 0) >= key.id
        ? undefined
        : makeDigest(key, value)
    },
    fingerprint(value) {
      const [first] = [...keys().digests.all.values()].toSorted((a, b) => a.id - b.id)
      if (first === undefined) throw digestKeyDamaged()
      return hmacOf(first.key, value)
    },
    keyFor: (purpose) => derivedKey(making().key, purpose),
    keysFor: (purpose) =>
      [...keys().digests.all.values()].toSorted(byEnd).map(({ key, retiredAt }) => ({
        key: derivedKey(key, purpose),
        retiredAt,
      })),
    mac: (value, context, purpose) =>
      makeMac(keys().sealing ?? throwUnavailable(), value, context, purpose),
    verifyMac: (mac, value, context, purpose) => isMacOf(keys().ring, mac, value, context, purpose),
  }
  vaults.set(db.getExecutor().adapter, vault)
  return vault
}

// Those that were retired first come first, and then the newest in force.
function byEnd(one: DigestKey, other: DigestKey): number {
  const [a, b] = [one.retiredAt?.position ?? Infinity, other.retiredAt?.position ?? Infinity]
  return a === b ? other.id - one.id : a - b
}

function throwUnavailable(): never {
  throw new BrokerError(
    'unavailable',
    'This Kontor process lacks a key that others use, or has not reached its database for a ' +
      'while. Try again shortly.',
    { retryAfterSeconds: 5 },
  )
}

function opener(keys: () => ActiveKeys): Pick<Vault, 'open' | 'unopened'> {
  const unopened = new Map<string, number>()
  return {
    unopened,
    open(sealed, aad) {
      try {
        const { ring, formats } = keys()
        if (!formats.acceptsFirst && formatOf(sealed) === 1)
          throw new UnopenedError(
            `A value of ${aad[0]}.${aad[1]} has a format of earlier releases.`,
          )
        return JSON.parse(openBytes(ring, sealed, aad).toString()) as unknown
      } catch (error) {
        if (error instanceof UnopenedError) {
          const name = `${aad[0]}.${aad[1]}`
          unopened.set(name, (unopened.get(name) ?? 0) + 1)
        }
        throw error
      }
    },
  }
}

// By the adapter of the database, the only object that a transaction shares with it.
const vaults = new WeakMap<object, Vault>()

/**
 * The vault that was opened on this database. Audit events are recorded deep inside transactions of
 * every module, each of which would otherwise have to pass a vault on.
 */
export function vaultOf(db: DbOrTx): Vault {
  const vault = vaults.get(db.getExecutor().adapter)
  if (vault === undefined) throw new Error('No vault was opened on this database.')
  return vault
}
