import type { Db } from '../../db/database.ts'
import { renewDigest } from './store.ts'

/**
 * Moves digests of passwords to the newest digest key, beside the requests that sign in with them:
 * only then is a password known.
 */
export interface DigestRenewals {
  /** Notes the new digest of a password. It is dropped when many others wait. */
  note(credentialId: string, before: Buffer, after: Buffer): void
  /** Writes what waits. */
  flush(): Promise<void>
  close(): Promise<void>
}

const writeEveryMs = 1_000
// After a rotation every platform signs in within a minute. Each write locks the set of the table.
const maxAtOnce = 20
const maxWaiting = 2_000

/**
 * @param onError  called when a write failed; it is repeated at a later sign-in
 * @param renew  writes one; by default that of a platform's password
 */
export function createDigestRenewals(
  db: Db,
  onError: (error: unknown) => void,
  renew = renewDigest,
): DigestRenewals {
  const waiting = new Map<string, { readonly before: Buffer; readonly after: Buffer }>()
  let writing: Promise<void> = Promise.resolve()
  const writeSome = async (): Promise<void> => {
    for (const [id, { before, after }] of [...waiting].slice(0, maxAtOnce)) {
      waiting.delete(id)
      try {
        await db.transaction().execute((tx) => renew(tx, id, before, after))
      } catch (error) {
        onError(error)
      }
    }
  }
  const flush = (): Promise<void> => (writing = writing.then(writeSome))
  const timer = setInterval(() => {
    if (waiting.size > 0) void flush()
  }, writeEveryMs)
  timer.unref()
  return {
    note(credentialId, before, after) {
      if (waiting.size < maxWaiting) waiting.set(credentialId, { before, after })
    },
    flush,
    async close() {
      clearInterval(timer)
      await writing
    },
  }
}
