// Keeps a server up: started again after each crash, on the same port, so that pools just
// reconnect.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Postmaster } from './postmaster.ts'

export type Supervised = { readonly pid: number; closed: Promise<void>; stop(): Promise<void> }

// The first retries are quick; the later ones outlast stray backends that still hold the shared
// memory.
const backoffMs = [0, 50, 100, 200, 400, 800, 1_600, 3_200]
// A server that has run this long is healthy again; its next crash starts a new count.
const calmMs = 60_000

/** @param start one try; it ends early, by throwing, when the signal is aborted */
export async function supervise(
  start: (signal: AbortSignal) => Promise<Postmaster>,
): Promise<Supervised> {
  const aborter = new AbortController()
  const { signal } = aborter
  let current = await start(signal)
  let tries = 0

  async function restart(): Promise<void> {
    for (let failure: unknown; !signal.aborted;) {
      const waitMs = backoffMs[tries++]
      if (waitMs === undefined)
        throw new Error('The embedded Postgres keeps crashing; it is given up.', { cause: failure })
      await delay(waitMs, undefined, { signal }).catch(() => {})
      try {
        current = await start(signal)
        return
      } catch (error) {
        failure = error
      }
    }
  }

  async function keepUp(): Promise<void> {
    const aborted = once(signal, 'abort')
    while (true) {
      const since = performance.now()
      await Promise.race([current.exited, aborted])
      if (signal.aborted) return current.stop()
      if (performance.now() - since > calmMs) tries = 0
      await restart()
    }
  }

  // process.exit and uncaught errors skip stop(); a signal handler would be process-wide, this is
  // only a farewell.
  const farewell = () => {
    try {
      process.kill(current.pid, 'SIGINT')
    } catch {
      // It has just crashed.
    }
  }
  process.once('exit', farewell)
  const closed = keepUp().finally(() => {
    process.off('exit', farewell)
  })
  // a caller that does not watch `closed` must not end by an unhandled rejection
  closed.catch(() => {})
  return {
    get pid() {
      return current.pid
    },
    closed,
    stop() {
      aborter.abort()
      return closed.catch(() => {})
    },
  }
}
