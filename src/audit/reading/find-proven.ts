import type { Db } from '../../db/database.ts'
import { checkKeysOf, isSealed } from '../check-keys.ts'
import { macOf } from '../digests.ts'
import type { StoredEvent } from '../event.ts'
import { findNewest } from './store.ts'

/** An event that Kontor wrote, as its MAC proves, and its place in the chain. */
export interface ProvenEvent {
  readonly event: StoredEvent
  readonly position: number
  readonly hash: Buffer
}

/**
 * The newest event about an object with this action and outcome, at a platform if one is named.
 * @returns `unlinked`: it is not part of the chain yet; `forged`: it was changed past Kontor;
 *   undefined: there is none
 */
export async function findProven(
  db: Db,
  wanted: Parameters<typeof findNewest>[1],
): Promise<ProvenEvent | 'unlinked' | 'forged' | undefined> {
  const found = await findNewest(db, wanted)
  if (found === undefined) return undefined
  const { event, link } = found
  if (link === undefined) return 'unlinked'
  const { position, hash } = link
  const isOurs = isSealed(checkKeysOf(db), position, event.mac, (key) => macOf(key, event))
  return isOurs ? { event, position, hash } : 'forged'
}
