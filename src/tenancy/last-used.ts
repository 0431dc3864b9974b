import type { Db } from '../db/database.ts'
import { markUsed } from './credentials/store.ts'

/**
 * When credentials were last used. Kept in memory and written once a minute, so that no request
 * waits for a query.
 */
export interface LastUsed {
  /** Notes a sign-in with this credential, just now. */
  used(credentialId: string): void
  /** Writes what is not written yet; keeps it for the next time if that fails. */
  flush(): Promise<void>
  /** Writes for the last time. */
  close(): Promise<void>
}

const writeEveryMs = 60_000

/**
 * @param onError  called when a write failed; it is repeated a minute later
 * @param write  writes uses; by default those of platforms' credentials
 */
export function createLastUsed(
  db: Db,
  now: () => Date,
  onError: (error: Error) => void,
  write = markUsed,
): LastUsed {
  const last = new Map<string, Date>()
  const flush = async (): Promise<void> => {
    const uses = [...last]
    if (uses.length === 0) return
    await write(db, uses)
    // A use during the write is not written yet.
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
