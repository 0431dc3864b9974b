// A rotation waits for the ends of transactions of other sessions. One whose process is suspended
// or cut off never ends, so each wait has a limit.
import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import {
  listEarlierTransactions,
  listLongTransactions,
  listSilentProcesses,
  type OpenTransaction,
} from './processes/store.ts'

// Orders hold their row locks for milliseconds.
export const retryPauseMs = 200
/** A transaction of Kontor takes milliseconds, and a query of it 15 s at most. */
export const defaultMaxWaitMs = 60_000

/**
 * Waits for the transactions that may write what was sealed or signed before `at` and not committed
 * yet: no pass before their end sees it.
 * @throws BrokerError `conflict` that names those which do not end in time
 */
export async function waitForEarlierTransactions(
  connection: Db,
  at: Date,
  maxWaitMs: number,
): Promise<void> {
  const since = performance.now()
  for (;;) {
    const { open, isTooEarly } = await listEarlierTransactions(connection, at)
    if (open.length === 0 && !isTooEarly) return
    if (!isTooEarly && performance.now() - since > maxWaitMs) throw await stuck(connection, open)
    await pause(retryPauseMs)
  }
}

/** One pass over all values. */
export interface Pass<Finding> {
  readonly rewrapped: number
  /** Values that another transaction had locked or has changed: the next pass retries them. */
  readonly skipped: number
  readonly damaged: readonly Finding[]
}

/**
 * Repeats passes until one skips nothing.
 * @returns the sum of what they rewrote, and what the last one found damaged
 * @throws BrokerError `conflict` when rows stay locked
 */
export async function repeatPasses<Finding>(
  connection: Db,
  maxWaitMs: number,
  pass: () => Promise<Pass<Finding>>,
): Promise<Omit<Pass<Finding>, 'skipped'>> {
  let rewrapped = 0
  let progressAt = performance.now()
  for (;;) {
    const done = await pass()
    rewrapped += done.rewrapped
    if (done.skipped === 0) return { rewrapped, damaged: done.damaged }
    if (done.rewrapped > 0) progressAt = performance.now()
    if (performance.now() - progressAt > maxWaitMs)
      throw await stuck(connection, await listLongTransactions(connection, maxWaitMs))
    await pause(retryPauseMs)
  }
}

async function stuck(connection: Db, open: readonly OpenTransaction[]): Promise<BrokerError> {
  const sessions = open.map(
    ({ backend, application, address, since, state }) =>
      `backend ${backend} ("${application}" at ${address ?? 'this machine'}) ` +
      `since ${since.toISOString()}, now ${state}`,
  )
  const silent = (await listSilentProcesses(connection)).map(
    ({ name, seenAt }) => `${name} since ${seenAt.toISOString()}`,
  )
  const backends = open.map(({ backend }) => `select pg_terminate_backend(${backend});`)
  return new BrokerError(
    'conflict',
    [
      `Transactions do not end: ${sessions.join('; ') || 'none that this role may see'}.`,
      ...(silent.length === 0 ? [] : [`Processes without a heartbeat: ${silent.join(', ')}.`]),
      'A process that was suspended or cut off in a transaction must go on or be ended; or end ' +
        `its session${backends.length === 0 ? '' : `: ${backends.join(' ')}`}`,
      'Then run the command again: it goes on where it was.',
    ].join('\n  '),
  )
}
