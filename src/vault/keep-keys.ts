import { hostname } from 'node:os'
import process from 'node:process'
import type { Db } from '../db/database.ts'
import { newOpaqueId } from '../ids.ts'
import { coded, type Log } from '../log.ts'
import type { KeyRing } from './keyring.ts'
import { deleteHolder } from './store.ts'
import { takeUpKeys, type TakenUp } from './take-up.ts'
import { assertComplete, atHand, makeVault, type Vault } from './vault.ts'

// A change of keys goes through all processes in a few of these.
const lookEveryMs = 2_000

/** The vault of a process that runs, and the keys it works with. */
export interface KeptKeys {
  readonly vault: Vault
  /** false: rows may be sealed with a key that this process lacks, so it should begin nothing. */
  isComplete (): boolean
  close (): Promise<void>
}

export interface KeepKeysDeps {
  readonly db: Db
  readonly log: Log
  /** Reads the key ring; again and again, so that a change of its file is taken up. */
  read (): Promise<KeyRing>
}

/**
 * Opens the vault for a process that runs, and keeps up with changes of the ring, its own and others'. What is wrong with a
 * ring after the start is logged, once, and the one before it stays.
 * @throws BrokerError `configuration` when the ring cannot be read or does not fit the database
 */
export async function keepKeys ({ db, log, read }: KeepKeysDeps): Promise<KeptKeys> {
  const self = { id: newOpaqueId(), name: `${hostname()}:${process.pid}` }
  let objection: string | undefined
  let stopped = false

  // Proven before this process is made known with it.
  const takeUp = async (ring: KeyRing): Promise<Present> => {
    await assertComplete(db, await takeUpKeys(db, ring))
    return { ring, taken: await takeUpKeys(db, ring, self) }
  }

  let present = await takeUp(await read())
  let vault: Vault
  try {
    vault = await makeVault(db, () => atHand(present.ring, present.taken))
  } catch (error) {
    await deleteHolder(db, self.id)
    throw error
  }

  const object = (problem: string | undefined): void => {
    if (problem !== undefined && problem !== objection) log.error({ problem }, 'the keys of this process need a look')
    objection = problem
  }

  // Even when its file cannot be read: others must hear that this process goes on with what it has.
  async function look (): Promise<void> {
    const before = present.taken
    let problem: string | undefined
    try {
      const fresh = await read()
      if (!isSame(fresh, present.ring)) present = await takeUp(fresh)
    } catch (error) {
      problem = coded(error).message
    }
    const taken = await takeUpKeys(db, present.ring, self)
    present = { ring: present.ring, taken }
    if (taken.missing.length > 0) problem ??= `Others seal with the key "${taken.missing.join('", "')}", which this process does not have. It begins nothing until it has it.`
    object(problem)
    if (before.sealingKey !== taken.sealingKey) log.info({ key: taken.sealingKey }, 'values are sealed with another key from now on')
  }

  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    if (stopped || looking !== undefined) return
    looking = look().catch((error: unknown) => { object(coded(error).message) }).finally(() => { looking = undefined })
  }, lookEveryMs)
  timer.unref()

  return {
    vault,
    isComplete: () => present.taken.missing.length === 0,
    async close () {
      stopped = true
      clearInterval(timer)
      await looking
      await deleteHolder(db, self.id)
    }
  }
}

interface Present { readonly ring: KeyRing, readonly taken: TakenUp }

function isSame (one: KeyRing, other: KeyRing): boolean {
  const [ours, theirs] = [[...one.keys], [...other.keys]]
  return ours.length === theirs.length && ours.every(([id, key], at) => id === theirs[at]?.[0] && key.equals(theirs[at][1]))
}
