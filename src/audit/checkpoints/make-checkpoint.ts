import type { Db, Tx } from '../../db/database.ts'
import { listGenuineSets } from '../../vault/sealed-rows/list-sealed-sets.ts'
import { vaultOf, type Vault } from '../../vault/vault.ts'
import { findHead } from '../chain/head/store.ts'
import { isGenuine } from '../chain/link.ts'
import { checkKeysOf, type CheckKeys } from '../check-keys.ts'
import { noHash } from '../digests.ts'
import {
  formatToken,
  keyIdOf,
  readToken,
  type Checkpoint,
  type CheckpointHead,
  type SetState,
} from './checkpoint.ts'
import { describeOlderSets, describeOtherHead } from './compare.ts'
import {
  findCheckpoint,
  findDatabaseId,
  findLinks,
  lockCheckpoint,
  saveCheckpoint,
  type LinkHash,
  type StoredCheckpoint,
} from './store.ts'

export { markWritten } from './store.ts'

/** A checkpoint with its token. */
export interface SignedCheckpoint extends Checkpoint {
  readonly token: string
}

export interface CheckpointRound {
  /**
   * `made`: this process made the newest, which it must write down. `recent`: it is not due.
   * `unchanged`: it is due, but nothing has changed.
   */
  readonly kind: 'made' | 'recent' | 'unchanged'
  readonly newest: SignedCheckpoint
  /** When to look again. */
  readonly waitMs: number
  /** How the database lies behind what this process has seen, a sentence each. */
  readonly conflicts: readonly string[]
}

const maxAgeMs = 3_600_000

/**
 * Makes the next checkpoint if it is due. Any number of processes may try: one makes it.
 * @param seen  the furthest checkpoint that this process knows
 * Of the sealed tables it names those whose set Kontor made, so that SQL has nothing signed.
 * @returns undefined while another process makes one, or while this one lacks a key
 * @throws Error when the head of the chain is not as Kontor wrote it: it must not be signed
 */
export async function makeCheckpoint(
  deps: { readonly db: Db; readonly now: () => Date },
  intervalMs: number,
  seen: Checkpoint | undefined,
): Promise<CheckpointRound | undefined> {
  const vault = vaultOf(deps.db)
  return deps.db.transaction().execute(async (tx) => {
    const stored = await lockCheckpoint(tx)
    if (stored === undefined) {
      if ((await findDatabaseId(tx)) !== undefined) return undefined
      throw new Error('The row of audit_checkpoint is gone: no checkpoint can be made.')
    }
    // It might take what another process has signed since for forged.
    if (!vault.isComplete()) return undefined
    const at = deps.now()
    const newest = readStored(vault, stored)
    const ageMs = newest === undefined ? Infinity : at.getTime() - newest.at.getTime()
    if (newest !== undefined && ageMs >= 0 && ageMs < intervalMs)
      return { kind: 'recent', newest, waitMs: intervalMs - ageMs, conflicts: [] }
    const earlier = furtherOf(seen, newest)
    const sets = (await listGenuineSets(tx, vault)).map(({ table, revision, digest }) => ({
      table,
      revision,
      digest,
    }))
    const { head, link } = await readHead(tx, checkKeysOf(tx), earlier)
    const conflicts = earlier === undefined ? [] : compare(earlier, { head, sets }, link)
    if (
      newest !== undefined &&
      stored.isWritten &&
      ageMs >= 0 &&
      ageMs < maxAgeMs &&
      isSameState(newest, { head, sets })
    )
      return { kind: 'unchanged', newest, waitMs: intervalMs, conflicts }
    const checkpoint = { database: stored.databaseId, at, head, sets }
    const token = formatToken(vault, checkpoint)
    await saveCheckpoint(tx, token)
    return { kind: 'made', newest: { ...checkpoint, token }, waitMs: intervalMs, conflicts }
  })
}

/** The newest checkpoint in the database that a key of the ring signed. */
export async function readNewestCheckpoint(db: Db): Promise<SignedCheckpoint | undefined> {
  const stored = await findCheckpoint(db)
  return stored === undefined ? undefined : readStored(vaultOf(db), stored)
}

/** The id of the key that the newest checkpoint in the database is signed with; needs no key. */
export async function findCheckpointKey(db: Db): Promise<string | undefined> {
  const token = (await findCheckpoint(db))?.token
  return token == null ? undefined : keyIdOf(token)
}

/**
 * Signs the newest checkpoint in the database anew, unless another process makes one just now or no
 * key of the ring signed it.
 */
export async function signAgain(tx: Tx): Promise<void> {
  const vault = vaultOf(tx)
  const stored = await lockCheckpoint(tx)
  const newest = stored === undefined ? undefined : readStored(vault, stored)
  if (newest !== undefined) await saveCheckpoint(tx, formatToken(vault, newest))
}

/** @returns undefined for none, or one that no key of the ring signed for this database */
function readStored(
  vault: Vault,
  { token, databaseId }: StoredCheckpoint,
): SignedCheckpoint | undefined {
  const read = token === null ? undefined : readToken(vault, token)
  return typeof read === 'object' && token !== null && read.database === databaseId
    ? { ...read, token }
    : undefined
}

/** The checkpoint that asks more of the database. */
export function furtherOf<Kind extends Checkpoint>(
  one: Kind | undefined,
  other: Kind | undefined,
): Kind | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return other.head.position > one.head.position ||
    (other.head.position === one.head.position && other.at >= one.at)
    ? other
    : one
}

/** @returns the sealed head, and the link at the position of an earlier one */
async function readHead(
  tx: Tx,
  keys: CheckKeys,
  earlier: Checkpoint | undefined,
): Promise<{ readonly head: CheckpointHead; readonly link: LinkHash | undefined }> {
  const { head, last } = await findHead(tx)
  if (head === undefined && last === 0)
    return { head: { position: 0, eventId: null, hash: noHash }, link: undefined }
  const before = earlier?.head.position ?? 0
  const links = await findLinks(tx, [head?.position ?? 0, before])
  const end = head === undefined ? undefined : links.get(head.position)
  if (head === undefined || !isGenuine(keys, head) || !head.hash.equals(end?.hash ?? noHash))
    throw new Error(
      'The end of the audit chain is not as Kontor wrote it. No checkpoint is made; ' +
        'see `kontor audit verify`.',
    )
  const { position, hash } = head
  return { head: { position, hash, eventId: end?.eventId ?? null }, link: links.get(before) }
}

type State = Pick<Checkpoint, 'head' | 'sets'>

function compare(
  earlier: Checkpoint,
  { head, sets }: State,
  link: LinkHash | undefined,
): readonly string[] {
  const ofHead = describeOtherHead(earlier, link, head.position)
  const noted = earlier.sets.map((set) => ({ ...set, at: earlier.at }))
  return [...(ofHead === undefined ? [] : [ofHead]), ...describeOlderSets(noted, sets)]
}

function isSameState(one: State, other: State): boolean {
  return (
    one.head.position === other.head.position &&
    one.head.hash.equals(other.head.hash) &&
    one.sets.length === other.sets.length &&
    one.sets.every((set, index) => isSameSet(set, other.sets[index]))
  )
}

function isSameSet(one: SetState, other: SetState | undefined): boolean {
  return (
    one.table === other?.table && one.revision === other.revision && one.digest.equals(other.digest)
  )
}
