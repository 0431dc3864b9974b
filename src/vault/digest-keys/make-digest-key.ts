import { randomBytes } from 'node:crypto'
import type { Tx } from '../../db/database.ts'
import type { KeyRing } from '../key-ring.ts'
import { timeNow } from '../processes/store.ts'
import { beginSealed } from '../sealed-rows/begin-sealed.ts'
import { insertSecret } from '../secrets/store.ts'
import { firstDigestKey, nameOf, sealInForce } from './digest-key.ts'

/**
 * Makes the digest key of a new database. A database without one is new, so that its rows are
 * sealed from the beginning. A process of an older release may be faster: its key stays.
 */
export async function makeFirstDigestKey(tx: Tx, ring: KeyRing): Promise<void> {
  if (await insert(tx, ring, firstDigestKey)) await beginSealed(tx, ring, await timeNow(tx))
}

/**
 * Makes the digest key that follows `id`.
 * @returns its number; those of keys that were lost stay taken
 */
export async function makeNextDigestKey(tx: Tx, ring: KeyRing, id: number): Promise<number> {
  for (let next = id + 1; ; next++) if (await insert(tx, ring, next)) return next
}

/** @returns false when there is a key of that number */
async function insert(tx: Tx, ring: KeyRing, id: number): Promise<boolean> {
  return insertSecret(tx, nameOf(id), sealInForce(ring, id, randomBytes(32)))
}
