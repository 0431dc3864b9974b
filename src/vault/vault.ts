import { createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import type { Db, DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { canonicalJson } from './canonical-json.ts'
import type { KeyRing } from './keyring.ts'
import { openBytes, sealBytes, type Place } from './seal.ts'
import { findSecret, insertSecret } from './store.ts'

/** Seals and opens what must not lie in the database in clear, and makes keyed digests of it. */
export interface Vault {
  /** `value` is anything that JSON can hold. */
  seal (value: unknown, place: Place): Buffer
  /** @throws Error if it was sealed with a key that is not here, was changed, or belongs elsewhere */
  open (sealed: Buffer, place: Place): unknown
  /** Keyed digest of a JSON value, the same for any order of keys. Tells equal from different, and nothing else. */
  digest (value: unknown): Buffer
  /** A key of its own for one purpose. It outlives a change of the key ring, as digests do. */
  keyFor (purpose: string): KeyObject
}

const digestKeyName = 'digest-key'
const digestKeyPlace: Place = ['vault_secrets', 'sealed', digestKeyName, '']

/**
 * Opens the vault of this database. The key for digests is made once and kept sealed, so it outlives a change of the
 * key ring; that it opens proves that the ring is the right one.
 * @throws BrokerError `configuration` when KONTOR_KEYS does not open it
 */
export async function openVault (db: Db, ring: KeyRing): Promise<Vault> {
  const digestKey = openDigestKey(ring, await findSecret(db, digestKeyName) ?? await makeDigestKey(db, ring))
  const derived = new Map<string, KeyObject>()
  const vault: Vault = {
    seal: (value, place) => sealBytes(ring, Buffer.from(JSON.stringify(value)), place),
    open: (sealed, place) => JSON.parse(openBytes(ring, sealed, place).toString()) as unknown,
    digest: (value) => createHmac('sha256', digestKey).update(canonicalJson(value)).digest(),
    keyFor (purpose) {
      const key = derived.get(purpose) ?? createSecretKey(Buffer.from(hkdfSync('sha256', digestKey, '', `kontor ${purpose}`, 32)))
      derived.set(purpose, key)
      return key
    }
  }
  vaults.set(identityOf(db), vault)
  return vault
}

// Several processes may start at once on an empty database: the first one's key is everybody's.
async function makeDigestKey (db: Db, ring: KeyRing): Promise<Buffer> {
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
export function vaultOf (db: DbOrTx): Vault {
  const vault = vaults.get(identityOf(db))
  if (vault === undefined) throw new Error('No vault was opened on this database.')
  return vault
}

function openDigestKey (ring: KeyRing, sealed: Buffer): KeyObject {
  try {
    // A key object: Node checks and copies a key given as bytes anew on each use, which takes longer than the digest.
    return createSecretKey(openBytes(ring, sealed, digestKeyPlace))
  } catch (cause) {
    throw new BrokerError('configuration', 'KONTOR_KEYS does not open this database: it was sealed with another key.', { cause })
  }
}
