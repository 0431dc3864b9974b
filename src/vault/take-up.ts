import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { everySealed } from './every-sealed.ts'
import type { KeyRing } from './key-ring.ts'
import { openBytes, sealBytes, type Aad } from './seal.ts'
import { aadOf, sealedColumns } from './sealed-columns.ts'
import {
  listHolders,
  listKeys,
  lockRings,
  setInUse,
  upsertHolder,
  upsertKey,
  type KnownKey,
} from './store.ts'

/** How a ring stands to its database. */
export interface TakenUp {
  /** With which of its keys this process seals; undefined while it has not all that are in use. */
  readonly sealingKey: string | undefined
  /** Keys that rows may be sealed with and that are not in the ring. */
  readonly missing: readonly string[]
}

export interface KeyProcess {
  readonly id: string
  readonly name: string
}

/**
 * Proves each key of a ring by its canary, makes canaries for those that no process had so far, and decides with which one this
 * process seals: the first in its ring that all processes have which run now, so that none meets what it cannot open. One
 * process decides after the other, so none can come in between.
 * @param process  who seals; without one (a command) nothing is made known, neither it nor its keys
 * @throws BrokerError `configuration` for a key that has other bytes than the one known by its id
 */
export async function takeUpKeys(db: Db, ring: KeyRing, process?: KeyProcess): Promise<TakenUp> {
  return db.transaction().execute(async (tx) => {
    await lockRings(tx)
    const known = await listKeys(tx)
    for (const id of ring.keys.keys()) await proveKey(tx, ring, id, known, process !== undefined)
    const missing = known
      .filter(({ id, isInUse }) => isInUse && !ring.keys.has(id))
      .map(({ id }) => id)
    const others = (await listHolders(tx)).filter(({ processId }) => processId !== process?.id)
    const used = known.filter(({ isInUse }) => isInUse).map(({ id }) => id)
    const sealingKey =
      missing.length > 0
        ? undefined
        : choose(
            [...ring.keys.keys()],
            others.map(({ keys }) => keys),
            used,
          )
    // A command seals nothing, but for the first secret of an empty database.
    const seals = process !== undefined || used.length === 0
    if (seals && sealingKey !== undefined && !used.includes(sealingKey))
      await putInUse(tx, ring, sealingKey)
    if (process !== undefined)
      await upsertHolder(tx, {
        processId: process.id,
        name: process.name,
        keys: [...ring.keys.keys()],
        sealingKey: sealingKey ?? null,
      })
    return { sealingKey, missing }
  })
}

/**
 * Makes known, under the lock of the rings, that something will be sealed with this key.
 * @throws BrokerError `configuration` for a key that has other bytes than the one known by its id
 */
export async function putInUse(tx: Tx, ring: KeyRing, id: string): Promise<void> {
  await proveKey(tx, ring, id, await listKeys(tx), true)
  await setInUse(tx, [id], true)
}

// Where all have no key in common, one that is in use already: nobody learns of it by this process first.
function choose(
  own: readonly string[],
  others: ReadonlyArray<readonly string[]>,
  used: readonly string[],
): string | undefined {
  return (
    own.find((id) => others.every((keys) => keys.includes(id))) ??
    own.find((id) => used.includes(id)) ??
    own[0]
  )
}

function canaryPlace(id: string): Aad {
  return ['vault_keys', 'canary', id, '']
}

// A canary is for ever, so a command that is only tried, perhaps with a wrong key, makes none.
async function proveKey(
  tx: Tx,
  ring: KeyRing,
  id: string,
  known: readonly KnownKey[],
  isKept: boolean,
): Promise<void> {
  const key = ring.keys.get(id)
  if (key === undefined) throw new Error(`The key "${id}" is not in the ring.`)
  const one: KeyRing = { current: id, keys: new Map([[id, key]]) }
  const seen = known.find((each) => each.id === id)
  const isRight =
    seen === undefined ||
    (seen.canary === null
      ? await opensOneOfMany(tx, one)
      : opens(one, seen.canary, canaryPlace(id)))
  if (!isRight)
    throw new BrokerError(
      'configuration',
      `KONTOR_KEYS does not open this database: the key "${id}" is not the one that it knows by that id. A new key needs a new id.`,
    )
  if (isKept && seen?.canary == null)
    await upsertKey(tx, id, sealBytes(one, Buffer.from(id), canaryPlace(id)))
}

function opens(ring: KeyRing, sealed: Buffer, aad: Aad): boolean {
  try {
    openBytes(ring, sealed, aad)
    return true
  } catch {
    return false
  }
}

// Once, after canaries came to be: a database that is older has none for its keys. One damaged row must not speak for all.
async function opensOneOfMany(tx: Tx, one: KeyRing): Promise<boolean> {
  let tried = 0
  for (const column of sealedColumns) {
    for await (const rows of everySealed(tx, column, '')) {
      for (const row of rows) {
        if (row.keyId !== one.current || row.sealed === null) continue
        if (opens(one, row.sealed, aadOf(column, row))) return true
        if (++tried >= 100) return false
      }
    }
  }
  return tried === 0
}
