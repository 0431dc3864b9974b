import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { digestKeyGone } from './digest-keys/digest-key.ts'
import { makeFirstDigestKey } from './digest-keys/make-digest-key.ts'
import { chooseDigestKey, readDigestKeys, type DigestKeys } from './digest-keys/read-digest-keys.ts'
import { formatsOf } from './digest-keys/read-formats.ts'
import type { Formats } from './formats.ts'
import type { KeyRing } from './key-ring.ts'
import { listKeys, lockKeyRings, setInUse, upsertKey, type KnownKey } from './keys/store.ts'
import { listHolders, upsertHolder, type KeyHolder } from './processes/store.ts'
import { readSealedRows } from './read-sealed-rows.ts'
import { openBytes, sealBytes, type Aad } from './seal.ts'
import { aadOf, sealedColumns } from './sealed-columns.ts'
import { sealedTables } from './sealed-rows/tables.ts'

/** What a process may do with its key ring on this database. */
export interface AdoptedRing {
  /** The key that this process seals with; undefined while its ring lacks a key in use. */
  readonly sealingKey: string | undefined
  /** Keys that rows may be sealed with and that are not in the ring. */
  readonly missing: readonly string[]
  readonly formats: Formats
  readonly digests: DigestKeys
  /** The key that this process makes digests with. */
  readonly digestKey: number | undefined
}

export interface KeyProcess {
  readonly id: string
  readonly name: string
}

/**
 * Verifies each key of a ring by its canary, makes the missing canaries, and chooses the key that
 * this process seals with: the first in its ring that all running processes have, so that none of
 * them meets a value that it cannot open. A lock makes processes choose one after the other.
 * @param process  the process that seals; a command passes none and publishes neither itself nor
 *   its keys
 * @param before  the digest keys that this process read before
 * @throws BrokerError `configuration` for a key whose bytes differ from the key known by its id
 */
export async function adoptKeyRing(
  db: Db,
  ring: KeyRing,
  process?: KeyProcess,
  before?: DigestKeys,
): Promise<AdoptedRing> {
  return db.transaction().execute(async (tx) => {
    await lockKeyRings(tx)
    const known = await listKeys(tx)
    for (const id of ring.keys.keys()) await verifyKey(tx, ring, id, known, process !== undefined)
    const used = known.filter(({ isInUse }) => isInUse).map(({ id }) => id)
    const givenUp = known.filter(({ isInUse }) => !isInUse).map(({ id }) => id)
    const missing = used.filter((id) => !ring.keys.has(id))
    const others = (await listHolders(tx)).filter(({ processId }) => processId !== process?.id)
    // A command marks no key as in use except for the first secret of an empty database: it seals,
    // and makes MACs, with a key that is in use already.
    const seals = process !== undefined || used.length === 0
    const own = [...ring.keys.keys()].filter((id) => seals || used.includes(id))
    const sealingKey = missing.length > 0 ? undefined : chooseSealingKey(own, others, used)
    if (seals && sealingKey !== undefined && !used.includes(sealingKey))
      await markInUse(tx, ring, sealingKey)
    const digests = await readOrMakeDigestKeys(tx, ring, sealingKey, before, givenUp)
    const formats = formatsOf(digests)
    const digestKey = chooseDigestKey(
      digests,
      others.map(({ newestDigestKey }) => newestDigestKey),
    )
    if (process !== undefined)
      await upsertHolder(tx, {
        processId: process.id,
        name: process.name,
        keys: [...ring.keys.keys()],
        sealingKey: sealingKey ?? null,
        format: formats.sealing,
        sealedTables: sealedTables.map(({ table }) => table),
        newestDigestKey: Math.max(0, ...digests.all.keys()),
        digestKey: digestKey ?? null,
      })
    return { sealingKey, missing, formats, digests, digestKey }
  })
}

async function readOrMakeDigestKeys(
  tx: Tx,
  ring: KeyRing,
  sealingKey: string | undefined,
  before: DigestKeys | undefined,
  givenUp: readonly string[],
): Promise<DigestKeys> {
  const digests = await readDigestKeys(tx, ring, before, givenUp)
  if (!digests.isComplete || sealingKey === undefined) return digests
  const all = [...digests.all.values()]
  if (all.length > 0 && all.every(({ retiredAt }) => retiredAt !== undefined))
    throw digestKeyGone('what was made since the others were retired')
  if (all.length > 0) return digests
  await makeFirstDigestKey(tx, { current: sealingKey, keys: ring.keys })
  return readDigestKeys(tx, ring)
}

/**
 * Publishes, under the lock of the key rings, that values will be sealed with this key.
 * @throws BrokerError `configuration` for a key whose bytes differ from the key known by its id
 */
export async function markInUse(tx: Tx, ring: KeyRing, id: string): Promise<void> {
  await verifyKey(tx, ring, id, await listKeys(tx), true)
  await setInUse(tx, [id], true)
}

// Without a key that all processes have, prefers one already in use: the others know about it.
function chooseSealingKey(
  own: readonly string[],
  others: readonly KeyHolder[],
  used: readonly string[],
): string | undefined {
  return (
    own.find((id) => others.every(({ keys }) => keys.includes(id))) ??
    own.find((id) => used.includes(id)) ??
    own[0]
  )
}

function canaryAad(id: string): Aad {
  return ['vault_keys', 'canary', id, '']
}

// A canary is permanent. A command may run with a wrong key, so it does not store one.
async function verifyKey(
  tx: Tx,
  ring: KeyRing,
  id: string,
  known: readonly KnownKey[],
  storesCanary: boolean,
): Promise<void> {
  const key = ring.keys.get(id)
  if (key === undefined) throw new Error(`The key "${id}" is not in the key ring.`)
  const single: KeyRing = { current: id, keys: new Map([[id, key]]) }
  const existing = known.find((each) => each.id === id)
  const isRight =
    existing === undefined ||
    (existing.canary === null
      ? await opensAnyValue(tx, single)
      : opens(single, existing.canary, canaryAad(id)))
  if (!isRight)
    throw new BrokerError(
      'configuration',
      `KONTOR_KEYS does not open this database: the key "${id}" is not the one that the ` +
        'database knows by that id. Give a new key a new id.',
    )
  if (storesCanary && existing?.canary == null)
    // In the format that every release can verify.
    await upsertKey(tx, id, sealBytes(single, Buffer.from(id), canaryAad(id), 1))
}

function opens(ring: KeyRing, sealed: Buffer, aad: Aad): boolean {
  try {
    openBytes(ring, sealed, aad)
    return true
  } catch {
    return false
  }
}

// Values of a database without canaries are older than destinations.
const noDestination = () => ''

// For a database that is older than canaries: its keys have none yet. Tries up to 100 values,
// because a single damaged one must not make a right key look wrong.
async function opensAnyValue(tx: Tx, single: KeyRing): Promise<boolean> {
  let tried = 0
  for (const column of sealedColumns) {
    for await (const rows of readSealedRows(tx, column, { keyId: '' })) {
      for (const row of rows) {
        if (row.keyId !== single.current || row.sealed === null) continue
        if (opens(single, row.sealed, aadOf(column, row, noDestination))) return true
        if (++tried >= 100) return false
      }
    }
  }
  return tried === 0
}
