import { sql } from 'kysely'
import type { Db } from './database.ts'

/** The database's time, the same for every process that uses the database. */
export interface Clock {
  now(): Date
  close(): void
}

const syncIntervalMs = 10_000

/**
 * A clock that runs by the machine's monotonic time and is synchronised with the database's clock.
 * Processes compare leases and due times with each other, and a machine's wall clock may be wrong
 * or be set while Kontor runs.
 * @throws the driver's error when the first read fails; later failures go to `onError`, and the
 *   clock runs on
 */
export async function openClock(db: Db, onError: (error: Error) => void): Promise<Clock> {
  let { offset } = await readOffset(db)
  const timer = setInterval(() => {
    // Corrects only the part that the read proves wrong: a slow answer would make the clock jump.
    readOffset(db).then((read) => {
      offset = Math.min(Math.max(offset, read.offset - read.errorMs), read.offset + read.errorMs)
    }, onError)
  }, syncIntervalMs)
  timer.unref()
  return {
    now: () => new Date(performance.now() + offset),
    close: () => {
      clearInterval(timer)
    },
  }
}

// The fastest of three round trips is the most exact (as in NTP): the server read its clock half a
// round trip before the answer came.
async function readOffset(db: Db): Promise<{ readonly offset: number; readonly errorMs: number }> {
  let best = { errorMs: Infinity, offset: 0 }
  for (let count = 0; count < 3; count++) {
    const before = performance.now()
    const {
      rows: [row],
    } = await sql<{
      ms: number
    }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db)
    const errorMs = (performance.now() - before) / 2
    if (row !== undefined && errorMs < best.errorMs)
      best = { errorMs, offset: row.ms - before - errorMs }
  }
  return best
}
