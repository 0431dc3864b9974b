import type { Db } from '../db/database.ts'
import { markUsed } from './credentials/store.ts'

/** When credentials were used last. Kept in memory and written now and then: no query on the way of a request. */
export interface LastUsed {
  /** A platform has just signed in with this credential. */
  used(credentialId: string): void
  /** Writes what is not written yet. What cannot be written is kept for the next time. */
  flush(): Promise<void>
  /** Writes for the last time. */
  close(): Promise<void>
}

const writeEveryMs = 60_000

/** @param onError  called when it could not be written; it is tried again */
export function createLastUsed(db: Db, now: () => Date, onError: (error: Error) => void): LastUsed {
  const last = new Map<string, Date>()
  const flush = async (): Promise<void> => {
    const uses = [...last]
    if (uses.length === 0) return
    await markUsed(db, uses)
    // What was used again meanwhile is still to be written.
    for (const [id, at] of uses) if (last.get(id) === at) last.delete(id)
  }
  const writing = setInterval(() => {
    flush().catch(onError)
  }, writeEveryMs)
  writing.unref()
  return {
    used(credentialId) {
      last.set(credentialId, now())
    },
    flush,
    async close() {
      clearInterval(writing)
      await flush()
    },
  }
}
