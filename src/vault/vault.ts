import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import type { Db } from '../db/database.ts'
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
}

const digestKeyPlace: Place = ['vault_secrets', 'sealed', 'digest-key', '']

/**
 * Opens the vault of this database. The key for digests is made once and kept sealed, so it outlives a change of the
 * key ring; that it opens proves that the ring is the right one.
 * @throws BrokerError `configuration` when KONTOR_KEYS does not open it
 */
export async function openVault (db: Db, ring: KeyRing): Promise<Vault> {
  await insertSecret(db, 'digest-key', sealBytes(ring, randomBytes(32), digestKeyPlace))
  const sealedKey = await findSecret(db, 'digest-key')
  const digestKey = openDigestKey(ring, sealedKey)
  return {
    seal: (value, place) => sealBytes(ring, Buffer.from(JSON.stringify(value)), place),
    open: (sealed, place) => JSON.parse(openBytes(ring, sealed, place).toString()) as unknown,
    digest: (value) => createHmac('sha256', digestKey).update(canonicalJson(value)).digest()
  }
}

function openDigestKey (ring: KeyRing, sealed: Buffer): KeyObject {
  try {
    // A key object: Node checks and copies a key given as bytes anew on each use, which takes longer than the digest.
    return createSecretKey(openBytes(ring, sealed, digestKeyPlace))
  } catch (cause) {
    throw new BrokerError('configuration', 'KONTOR_KEYS does not open this database: it was sealed with another key.', { cause })
  }
}
