import { sql } from 'kysely'
import type { Db } from './database.ts'

/** The time of the database, for every process on it the same. */
export interface Clock {
  now(): Date
  close(): void
}

const readEveryMs = 10_000

/**
 * A clock that runs by the machine's monotonic time and is set by the database's. Leases and waiting times are compared
 * between processes, so the wall clock of a machine, which may be wrong or be set while we run, must have no say in them.
 * @throws the driver's error when the database cannot be read at the start; later it runs on without it
 */
export async function openClock(db: Db, onError: (error: Error) => void): Promise<Clock> {
  let { offset } = await readOffset(db)
  const timer = setInterval(() => {
    // Only as far as the reading proves it wrong: a slow answer would make the clock jump to and fro.
    readOffset(db).then((read) => {
      offset = Math.min(Math.max(offset, read.offset - read.doubt), read.offset + read.doubt)
    }, onError)
  }, readEveryMs)
  timer.unref()
  return {
    now: () => new Date(performance.now() + offset),
    close: () => {
      clearInterval(timer)
    },
  }
}

// The quickest of a few answers tells the time best: what it was at the server, half the way back ago.
async function readOffset(db: Db): Promise<{ readonly offset: number; readonly doubt: number }> {
  let best = { doubt: Infinity, offset: 0 }
  for (let count = 0; count < 3; count++) {
    const before = performance.now()
    const {
      rows: [row],
    } = await sql<{
      ms: number
    }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db)
    const doubt = (performance.now() - before) / 2
    if (row !== undefined && doubt < best.doubt) best = { doubt, offset: row.ms - before - doubt }
  }
  return best
}
