import type { DbOrTx } from '../../db/database.ts'
import type { KeyRing } from '../key-ring.ts'
import { keyIdOf } from '../seal.ts'
import { listSecrets } from '../secrets/store.ts'
import { firstDigestKey, idOf, openDigestKey, type DigestKey } from './digest-key.ts'

export interface DigestKeys {
  readonly all: ReadonlyMap<number, DigestKey>
  /** False: the database has a newer key, and the ring lacks the key that it is sealed with. */
  readonly isComplete: boolean
}

/**
 * Reads the digest keys that the ring opens.
 * @param before  what this process read before: SQL takes none of these keys away, and brings none
 *   back to a version that it had before
 * @param givenUp  keys of the ring that operators have given up
 * @throws BrokerError `configuration` when a key is damaged that was not read before
 */
export async function readDigestKeys(
  db: DbOrTx,
  ring: KeyRing,
  before?: DigestKeys,
  givenUp: readonly string[] = [],
): Promise<DigestKeys> {
  const all = new Map(before?.all)
  const unopened: number[] = []
  for (const { name, ...value } of await listSecrets(db)) {
    const id = idOf(name)
    if (id === undefined) continue
    const known = all.get(id)
    if (known?.sealed.equals(value.sealed) === true) continue
    const read = known === undefined ? openDigestKey(ring, id, value) : reopen(ring, known, value)
    if (read !== undefined) all.set(id, read)
    else if (!givenUp.includes(keyIdOf(value.sealed))) unopened.push(id)
  }
  const newest = Math.max(0, ...all.keys())
  return { all, isComplete: unopened.every((id) => id <= newest) }
}

function reopen(
  ring: KeyRing,
  known: DigestKey,
  value: Parameters<typeof openDigestKey>[2],
): DigestKey {
  try {
    const read = openDigestKey(ring, known.id, value)
    if (read === undefined || read.version < known.version) return known
    // The same object, so that what was derived from it stays.
    return { ...read, key: read.key.equals(known.key) ? known.key : read.key }
  } catch {
    return known
  }
}

/**
 * The key to make digests with: the newest in force that all others know, so that none of them
 * meets a digest that it cannot check.
 * @param others  the newest key that each other process knows; null: it knows the first only
 * @returns undefined when none is in force
 */
export function chooseDigestKey(
  { all }: DigestKeys,
  others: ReadonlyArray<number | null>,
): number | undefined {
  const inForce = [...all.values()]
    .filter(({ retiredAt }) => retiredAt === undefined)
    .map(({ id }) => id)
    .toSorted((a, b) => b - a)
  const known = Math.min(...others.map((id) => id ?? firstDigestKey))
  return inForce.find((id) => id <= known) ?? inForce.at(-1)
}
