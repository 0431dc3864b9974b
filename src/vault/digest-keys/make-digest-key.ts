import { randomBytes } from 'node:crypto'
import type { Tx } from '../../db/database.ts'
import { digestColumns } from '../digest-columns.ts'
import type { KeyRing } from '../key-ring.ts'
import { macColumns } from '../mac-columns.ts'
import { timeNow } from '../processes/store.ts'
import { sealedColumns } from '../sealed-columns.ts'
import { beginSealed } from '../sealed-rows/begin-sealed.ts'
import { listFilled } from '../sealed-values/store.ts'
import { insertSecret } from '../secrets/store.ts'
import { digestKeyGone, firstDigestKey, nameOf, sealInForce } from './digest-key.ts'

// Whatever depends on the digest key: seals of events, digests, the format of sealed values, and
// which rows count without a MAC.
const dependent = [
  { table: 'audit_events', column: 'mac' },
  ...Object.values(digestColumns),
  ...macColumns,
  ...sealedColumns.filter(({ table }) => table !== 'vault_secrets'),
]

/**
 * Makes the digest key of a new database, whose rows are sealed from the beginning. A process of an
 * older release may be faster: its key stays.
 * @throws BrokerError `configuration` for a database that must have had one
 */
export async function makeFirstDigestKey(tx: Tx, ring: KeyRing): Promise<void> {
  if (!(await insert(tx, ring, firstDigestKey))) return
  const filled = await listFilled(tx, dependent)
  if (filled.length > 0)
    throw digestKeyGone(filled.map(({ table, column }) => `${table}.${column}`).join(', '))
  await beginSealed(tx, ring, await timeNow(tx))
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
