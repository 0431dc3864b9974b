import { createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import type { Db, DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { canonicalJson } from './canonical-json.ts'
import { countByKey } from './count-by-key.ts'
import type { KeyRing } from './key-ring.ts'
import { openBytes, sealBytes, type Aad } from './seal.ts'
import { findSecret, insertSecret } from './store.ts'
import { takeUpKeys, type TakenUp } from './take-up.ts'

/** Seals and opens what must not lie in the database in clear, and makes keyed digests of it. */
export interface Vault {
  /**
   * `value` is anything that JSON can hold.
   * @throws BrokerError `unavailable` while this process lacks a key that others use, or nobody knows that it is there
   */
  seal(value: unknown, aad: Aad): Buffer
  /** @throws BrokerError `unavailable` if it was sealed with a key that is not here; Error if it was changed, or belongs elsewhere */
  open(sealed: Buffer, aad: Aad): unknown
  /** Keyed digest of a JSON value, the same for any order of keys. Tells equal from different, and nothing else. */
  digest(value: unknown): Buffer
  /** A key of its own for one purpose. It outlives a change of the key ring, as digests do. */
  keyFor(purpose: string): KeyObject
}

/** With which keys a vault works. `sealing` is undefined while it may not seal. */
export interface KeysAtHand {
  readonly ring: KeyRing
  readonly sealing: KeyRing | undefined
}

const digestKeyName = 'digest-key'
const digestKeyPlace: Aad = ['vault_secrets', 'sealed', digestKeyName, '']

/**
 * Opens the vault of this database for one command.
 * @throws BrokerError `configuration` when the ring does not fit the database
 */
export async function openVault(db: Db, ring: KeyRing): Promise<Vault> {
  const taken = await takeUpKeys(db, ring)
  await assertComplete(db, taken)
  const at = atHand(ring, taken)
  return makeVault(db, () => at)
}

/** As `openVault`, with a ring that may lack keys: for giving a lost one up. */
export async function openIncompleteVault(db: Db, ring: KeyRing): Promise<Vault> {
  const at = atHand(ring, await takeUpKeys(db, ring))
  return makeVault(db, () => at)
}

/** A ring with the key first that seals. */
export function atHand(ring: KeyRing, { sealingKey }: TakenUp): KeysAtHand {
  return {
    ring,
    sealing: sealingKey === undefined ? undefined : { current: sealingKey, keys: ring.keys },
  }
}

/**
 * The key for digests is made once and kept sealed, so it outlives a change of the key ring.
 * @throws BrokerError `configuration` when it does not open
 */
export async function makeVault(db: Db, keys: () => KeysAtHand): Promise<Vault> {
  const sealing = (): KeyRing => {
    const ring = keys().sealing
    if (ring === undefined)
      throw new BrokerError(
        'unavailable',
        'This process of Kontor lacks a key that others use, or has not reached its database for a while. Try again shortly.',
        { retryAfterSeconds: 5 },
      )
    return ring
  }
  const digestKey = openDigestKey(
    keys().ring,
    (await findSecret(db, digestKeyName)) ?? (await makeDigestKey(db, sealing())),
  )
  const derived = new Map<string, KeyObject>()
  const vault: Vault = {
    seal: (value, aad) => sealBytes(sealing(), Buffer.from(JSON.stringify(value)), aad),
    open: (sealed, aad) => JSON.parse(openBytes(keys().ring, sealed, aad).toString()) as unknown,
    digest: (value) => createHmac('sha256', digestKey).update(canonicalJson(value)).digest(),
    keyFor(purpose) {
      const key =
        derived.get(purpose) ??
        createSecretKey(Buffer.from(hkdfSync('sha256', digestKey, '', `kontor ${purpose}`, 32)))
      derived.set(purpose, key)
      return key
    },
  }
  vaults.set(identityOf(db), vault)
  return vault
}

// Several processes may start at once on an empty database: the first one's key is everybody's.
async function makeDigestKey(db: Db, ring: KeyRing): Promise<Buffer> {
  await insertSecret(db, digestKeyName, sealBytes(ring, randomBytes(32), digestKeyPlace))
  const sealed = await findSecret(db, digestKeyName)
  if (sealed === undefined) throw new Error('The key for digests was not written.')
  return sealed
}

const vaults = new WeakMap<object, Vault>()

// A transaction shares its database's adapter, and nothing else that could be asked for.
const identityOf = (db: DbOrTx): object => db.getExecutor().adapter

/**
 * The vault that was opened on this database: for what is done deep inside transactions of every room, through which a
 * vault would otherwise have to be handed.
 */
export function vaultOf(db: DbOrTx): Vault {
  const vault = vaults.get(identityOf(db))
  if (vault === undefined) throw new Error('No vault was opened on this database.')
  return vault
}

function openDigestKey(ring: KeyRing, sealed: Buffer): KeyObject {
  try {
    // A key object: Node checks and copies a key given as bytes anew on each use, which takes longer than the digest.
    return createSecretKey(openBytes(ring, sealed, digestKeyPlace))
  } catch (cause) {
    throw new BrokerError(
      'configuration',
      'KONTOR_KEYS does not open this database: its key for digests is damaged.',
      { cause },
    )
  }
}

/** @throws BrokerError `configuration` that names the keys which a ring lacks, and how many values are sealed with each */
export async function assertComplete(db: Db, { missing }: TakenUp): Promise<void> {
  if (missing.length === 0) return
  const counts = await countByKey(db)
  const valuesOf = (id: string) =>
    counts.reduce((sum, { keyId, values }) => sum + (keyId === id ? values : 0), 0)
  throw new BrokerError(
    'configuration',
    lackOf(missing, (id) => ` (values sealed with it: ${valuesOf(id)})`),
  )
}

/** The sentence about keys that a ring lacks. */
export function lackOf(
  missing: readonly string[],
  more: (id: string) => string = () => '',
): string {
  const told = missing.map((id) => `"${id}"${more(id)}`)
  return `KONTOR_KEYS does not open this database: it lacks the key ${told.join(' and the key ')}. A key can be taken out when "kontor key rotate" has said so; one that is lost is given up with "kontor key forget".`
}
