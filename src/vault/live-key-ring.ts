import { hostname } from 'node:os'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { newOpaqueId } from '../ids.ts'
import { coded, type Log } from '../log.ts'
import type { KeyRing } from './key-ring.ts'
import { openLease, momentNow } from './lease.ts'
import { confirmHolder, deleteHolder } from './store.ts'
import { takeUpKeys, type TakenUp } from './take-up.ts'
import { assertComplete, atHand, lackOf, makeVault, type Vault } from './vault.ts'

// A change of keys goes through all processes in a few of these.
const refreshIntervalMs = 2_000
// A process that is not heard of is left out by the others after twenty seconds (store.ts); it must have stopped by then.
const leaseMs = 10_000
// A file on a mount that hangs is never read.
const maxReadMs = 5_000

/** The vault of a process that runs, and the keys it works with. */
export interface LiveKeyRing {
  readonly vault: Vault
  /** false: rows may be sealed with a key that this process lacks, or will soon, so it should begin nothing. */
  isComplete(): boolean
  close(): Promise<void>
}

export interface LiveKeyRingDeps {
  readonly db: Db
  readonly log: Log
  /** Reads the key ring; again and again, so that a change of its file is taken up. */
  read(): Promise<KeyRing>
}

/**
 * Opens the vault for a process that runs, and keeps up with changes of the ring, its own and others'. What is wrong with a
 * ring after the start is logged, once, and the one before it stays.
 * @throws BrokerError `configuration` when the ring cannot be read or does not fit the database
 */
export async function openLiveKeyRing({ db, log, read }: LiveKeyRingDeps): Promise<LiveKeyRing> {
  const self = { id: newOpaqueId(), name: `${hostname()}:${process.pid}` }
  const lease = openLease(leaseMs)
  const readInTime = boundedReader(read)
  let validationError: string | undefined

  const decide = async (ring: KeyRing): Promise<Present> => {
    const at = momentNow()
    const taken = await takeUpKeys(db, ring, self)
    lease.renew(at)
    return { ring, taken }
  }

  const ring = await readInTime()
  // Proven before this process is made known with it.
  await assertComplete(db, await takeUpKeys(db, ring))
  let present = await decide(ring)
  let vault: Vault
  try {
    vault = await makeVault(db, () =>
      lease.isGood()
        ? atHand(present.ring, present.taken)
        : { ring: present.ring, sealing: undefined },
    )
  } catch (error) {
    await deleteHolder(db, self.id)
    throw error
  }

  const object = (problem: string | undefined): void => {
    if (problem !== undefined && problem !== validationError)
      log.error({ problem }, 'the keys of this process need a look')
    validationError = problem
  }

  // Apart from the look, which reads a file and waits for others: they must hear that this process goes on with what it has.
  async function confirm(): Promise<void> {
    const at = momentNow()
    if (await confirmHolder(db, self.id, present.taken.sealingKey ?? null)) lease.renew(at)
  }

  async function look(): Promise<void> {
    const before = present.taken
    let { ring } = present
    let problem: string | undefined
    try {
      const fresh = await readInTime()
      if (!isSame(fresh, ring)) {
        const { missing } = await takeUpKeys(db, fresh)
        if (missing.length > 0) throw new BrokerError('configuration', lackOf(missing))
        ring = fresh
      }
    } catch (error) {
      problem = coded(error).message
    }
    present = await decide(ring)
    const { taken } = present
    if (taken.missing.length > 0)
      problem ??= `Others seal with the key "${taken.missing.join('", "')}", which this process does not have. It begins nothing until it has it.`
    object(problem)
    if (before.sealingKey !== taken.sealingKey)
      log.info({ key: taken.sealingKey }, 'values are sealed with another key from now on')
  }

  const confirming = everySoOften(confirm, () => {})
  const looking = everySoOften(look, (error) => {
    object(coded(error).message)
  })

  return {
    vault,
    isComplete: () => lease.isGood() && present.taken.missing.length === 0,
    async close() {
      await Promise.all([confirming.stop(), looking.stop()])
      lease.end()
      await deleteHolder(db, self.id)
    },
  }
}

/** Does something again and again, one at a time. `stop` waits for the one under way. */
function everySoOften(
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let working: Promise<void> | undefined
  const timer = setInterval(() => {
    working ??= work()
      .catch(onError)
      .finally(() => {
        working = undefined
      })
  }, refreshIntervalMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await working
    },
  }
}

/** Gives up waiting after a while. Not begun again while the one before hangs: each would hold a thread of the few there are. */
function boundedReader(read: () => Promise<KeyRing>): () => Promise<KeyRing> {
  let reading: Promise<KeyRing> | undefined
  return async () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    const enough = new AbortController()
    const late = wait(maxReadMs, undefined, { signal: enough.signal }).then(() => {
      throw new BrokerError(
        'configuration',
        `The key ring could not be read within ${maxReadMs / 1000} s.`,
      )
    })
    try {
      return await Promise.race([reading, late])
    } finally {
      enough.abort()
      late.catch(() => {})
    }
  }
}

interface Present {
  readonly ring: KeyRing
  readonly taken: TakenUp
}

function isSame(one: KeyRing, other: KeyRing): boolean {
  const [ours, theirs] = [[...one.keys], [...other.keys]]
  return (
    ours.length === theirs.length &&
    ours.every(([id, key], at) => id === theirs[at]?.[0] && key.equals(theirs[at][1]))
  )
}
