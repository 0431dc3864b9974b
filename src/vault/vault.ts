import { createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import type { Db, DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { adoptKeyRing, type AdoptedRing } from './adopt-key-ring.ts'
import { canonicalJson } from './canonical-json.ts'
import { countByKey } from './count-by-key.ts'
import { digestKeyAad, digestKeyName, refusingVersion, type Formats } from './formats.ts'
import type { KeyRing } from './key-ring.ts'
import { isMacOf, makeMac, type Macs } from './mac.ts'
import { timeNow } from './processes/store.ts'
import {
  formatOf,
  newestFormat,
  openBytes,
  sealBytes,
  UnopenedError,
  type Aad,
  type VersionedValue,
} from './seal.ts'
import { beginSealed } from './sealed-rows/begin-sealed.ts'
import { findSecret, insertSecret } from './secrets/store.ts'

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
   * Keyed digest (HMAC) of a JSON value, the same for any order of object keys. Reveals only
   * whether two values are equal.
   */
  digest(value: unknown): Buffer
  /** False while `seal` throws: MACs of others may be with a key that this process lacks. */
  isComplete(): boolean
  /** Whether no process of a release up to 0.2 can work on this database any more. */
  isClosedToOldReleases(): boolean
  /** Whether what such a process writes counts: values of format 1, and rows without a MAC. */
  acceptsOldReleases(): boolean
  /** A key derived for one purpose. Like digests, it does not change when the keys rotate. */
  keyFor(purpose: string): KeyObject
}

/** The keys that a vault uses. `sealing` is undefined while it may not seal. */
export interface ActiveKeys {
  readonly ring: KeyRing
  readonly sealing: KeyRing | undefined
  readonly formats: Formats
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

export function activeKeys(ring: KeyRing, { sealingKey, formats }: AdoptedRing): ActiveKeys {
  return {
    ring,
    formats,
    sealing: sealingKey === undefined ? undefined : { current: sealingKey, keys: ring.keys },
  }
}

/**
 * The digest key is made once and stored sealed, so that digests stay comparable when keys rotate.
 * @throws BrokerError `configuration` when the digest key does not open
 */
export async function makeVault(db: Db, keys: () => ActiveKeys): Promise<Vault> {
  const sealing = (): KeyRing => {
    const ring = keys().sealing
    if (ring === undefined)
      throw new BrokerError(
        'unavailable',
        'This Kontor process lacks a key that others use, or has not reached its database for a ' +
          'while. Try again shortly.',
        { retryAfterSeconds: 5 },
      )
    return ring
  }
  const digestKey = openDigestKey(
    keys().ring,
    (await findSecret(db, digestKeyName)) ?? (await makeDigestKey(db, sealing())),
  )
  const derived = new Map<string, KeyObject>()
  const unopened = new Map<string, number>()
  const vault: Vault = {
    seal: (value, aad) =>
      sealBytes(sealing(), Buffer.from(JSON.stringify(value)), aad, keys().formats.sealing),
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
    unopened,
    isComplete: () => keys().sealing !== undefined,
    isClosedToOldReleases: () => keys().formats.sealing === newestFormat,
    acceptsOldReleases: () => keys().formats.acceptsFirst,
    digest: (value) => createHmac('sha256', digestKey).update(canonicalJson(value)).digest(),
    keyFor(purpose) {
      const key =
        derived.get(purpose) ??
        createSecretKey(Buffer.from(hkdfSync('sha256', digestKey, '', `kontor ${purpose}`, 32)))
      derived.set(purpose, key)
      return key
    },
    mac: (value, context, purpose) => makeMac(sealing(), value, context, purpose),
    verifyMac: (mac, value, context, purpose) => isMacOf(keys().ring, mac, value, context, purpose),
  }
  vaults.set(identityOf(db), vault)
  return vault
}

// Several processes may start at once on an empty database: all use the key that was stored first.
// A database without a digest key is new, so that its rows are sealed from the beginning.
async function makeDigestKey(db: Db, ring: KeyRing): Promise<VersionedValue> {
  const version = refusingVersion
  const made = sealBytes(ring, randomBytes(32), digestKeyAad(version))
  await db.transaction().execute(async (tx) => {
    if (await insertSecret(tx, digestKeyName, { sealed: made, version }))
      await beginSealed(tx, ring, await timeNow(tx))
  })
  const stored = await findSecret(db, digestKeyName)
  if (stored === undefined) throw new Error('The digest key was not stored in vault_secrets.')
  return stored
}

const vaults = new WeakMap<object, Vault>()

// The adapter is the only object that a transaction shares with its database.
const identityOf = (db: DbOrTx): object => db.getExecutor().adapter

/**
 * The vault that was opened on this database. Audit events are recorded deep inside transactions of
 * every module, each of which would otherwise have to pass a vault on.
 */
export function vaultOf(db: DbOrTx): Vault {
  const vault = vaults.get(identityOf(db))
  if (vault === undefined) throw new Error('No vault was opened on this database.')
  return vault
}

function openDigestKey(ring: KeyRing, { sealed, version }: VersionedValue): KeyObject {
  try {
    // A KeyObject, because Node would check and copy a key given as bytes on each use, which takes
    // longer than the digest.
    return createSecretKey(openBytes(ring, sealed, digestKeyAad(version)))
  } catch (cause) {
    throw new BrokerError(
      'configuration',
      'KONTOR_KEYS does not open this database: its digest key is damaged.',
      { cause },
    )
  }
}

/**
 * @throws BrokerError `configuration` that names the keys which a ring lacks, and how many values
 *   are sealed with each
 */
export async function assertComplete(db: Db, { missing }: AdoptedRing): Promise<void> {
  if (missing.length === 0) return
  const counts = await countByKey(db)
  const valuesOf = (id: string) =>
    counts.reduce((sum, { keyId, values }) => sum + (keyId === id ? values : 0), 0)
  throw new BrokerError(
    'configuration',
    missingKeysMessage(missing, (id) => ` (values sealed with it: ${valuesOf(id)})`),
  )
}

/** The error text for keys that a ring lacks. @param detail  added after each key */
export function missingKeysMessage(
  missing: readonly string[],
  detail: (id: string) => string = () => '',
): string {
  const keys = missing.map((id) => `"${id}"${detail(id)}`)
  return (
    `KONTOR_KEYS does not open this database: it lacks the key ${keys.join(' and the key ')}. ` +
    'Remove a key only after "kontor key rotate" has said that it can be removed; give up a ' +
    'lost key with "kontor key forget".'
  )
}
