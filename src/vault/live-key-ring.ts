import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { coded, type Log } from '../log.ts'
import { adoptKeyRing } from './adopt-key-ring.ts'
import { assertComplete, missingKeysMessage } from './assert-complete.ts'
import type { KeyRing } from './key-ring.ts'
import { readWithDeadline } from './read-with-deadline.ts'
import { registerProcess, type RegisteredProcess } from './register-process.ts'
import { makeVault, type Vault } from './vault.ts'

// A change of keys reaches all processes within a few of these intervals.
const refreshIntervalMs = 2_000

/** The vault of a running process, and the keys that it works with. */
export interface LiveKeyRing {
  readonly vault: Vault
  /**
   * False while rows may be sealed with a key that this process lacks, or soon could be: it should
   * start no work.
   */
  isComplete(): boolean
  close(): Promise<void>
}

export interface LiveKeyRingDeps {
  readonly db: Db
  readonly log: Log
  /** Reads the key ring; called repeatedly, so that the process notices a change of its file. */
  read(): Promise<KeyRing>
}

/**
 * Opens the vault of a running process, and follows later changes of its own ring and of the other
 * processes' rings. A problem with a ring after the start is logged once, and the previous ring
 * stays in use.
 * @throws BrokerError `configuration` when the ring cannot be read, lacks a key in use or has a
 *   wrong one
 */
export async function openLiveKeyRing(deps: LiveKeyRingDeps): Promise<LiveKeyRing> {
  const { db, log } = deps
  const read = readWithDeadline(deps.read)
  const ring = await read()
  // Verifies the ring before the other processes take its keys into account.
  await assertComplete(db, await adoptKeyRing(db, ring))
  const self = await registerProcess(db, ring)
  let vault: Vault
  try {
    vault = makeVault(db, self.activeKeys)
  } catch (error) {
    await self.remove()
    throw error
  }
  const report = problemReporter(log)
  // Runs apart from the refresh, which reads a file and waits for a lock: a process that is slow
  // to refresh would otherwise count as gone.
  const heartbeat = repeat(
    () => self.sendHeartbeat(),
    () => {},
  )
  const refreshing = repeat(
    async () => report(await refresh({ db, log, read }, self)),
    (error) => {
      report(coded(error).message)
    },
  )
  return {
    vault,
    isComplete: () => self.isComplete(),
    async close() {
      await Promise.all([heartbeat.stop(), refreshing.stop()])
      await self.remove()
    },
  }
}

/** Logs a problem when it differs from the one before. */
function problemReporter(log: Log): (problem: string | undefined) => void {
  let reported: string | undefined
  return (problem) => {
    if (problem !== undefined && problem !== reported)
      log.error({ problem }, 'the key ring of this process has a problem')
    reported = problem
  }
}

/** @returns what is wrong with the keys of this process; undefined when nothing is */
async function refresh(
  { db, log, read }: LiveKeyRingDeps,
  self: RegisteredProcess,
): Promise<string | undefined> {
  const before = self.current()
  const { ring, problem } = await readUsableRing(db, read, before.ring)
  const { sealingKey, missing } = await self.adopt(ring)
  if (before.adopted.sealingKey !== sealingKey)
    log.info({ key: sealingKey }, 'values are now sealed with another key')
  if (problem !== undefined || missing.length === 0) return problem
  return (
    `Other processes seal with the key "${missing.join('", "')}", which this process lacks. ` +
    'It starts no work until it has the key.'
  )
}

/** The ring as it reads now, or the current one when that has a problem. */
async function readUsableRing(
  db: Db,
  read: () => Promise<KeyRing>,
  current: KeyRing,
): Promise<{ readonly ring: KeyRing; readonly problem?: string }> {
  try {
    const ring = await read()
    if (isSame(ring, current)) return { ring: current }
    const { missing } = await adoptKeyRing(db, ring)
    if (missing.length > 0) throw new BrokerError('configuration', missingKeysMessage(missing))
    return { ring }
  } catch (error) {
    return { ring: current, problem: coded(error).message }
  }
}

/** Runs `work` at an interval, never twice at once. `stop` waits for a run in progress. */
function repeat(
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

function isSame(one: KeyRing, other: KeyRing): boolean {
  const [ours, theirs] = [[...one.keys], [...other.keys]]
  return (
    ours.length === theirs.length &&
    ours.every(([id, key], at) => id === theirs[at]?.[0] && key.equals(theirs[at][1]))
  )
}
