import { deleteCredentials } from '../bindings/delete-credentials.ts'
import type { Db } from '../db/database.ts'
import { coded, type Log } from '../log.ts'
import { listCredentialDeletions } from '../providers/binding-credentials.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

const intervalMs = 2_000
// Leaves the database to others between two portions.
const pauseMs = 20

/**
 * Deletes the stored credentials of bindings whose provider no longer allows to store them: in each
 * round one portion per provider. Every process helps; the mark in the provider's row stays until
 * none is left, so a killed process loses nothing.
 */
export function deleteStoredCredentials({
  db,
  log,
}: {
  readonly db: Db
  readonly log: Log
}): IntervalLoop {
  // Per provider, the last binding of the portion before. After a pause it begins again, because
  // rows that were locked may be free by now.
  let cursors: ReadonlyMap<string, string> = new Map()

  const deleteNext = async (providerId: string): Promise<string | undefined> => {
    try {
      const portion = await deleteCredentials(db, providerId, cursors.get(providerId))
      if (portion.kind === 'deleted') return portion.last
      if (portion.kind === 'ended')
        log.info({ providerId }, 'the deletion of stored binding credentials has ended')
    } catch (error) {
      log.warn({ error: coded(error), providerId }, 'stored binding credentials were not deleted')
    }
    return undefined
  }

  return startLoop({
    minPauseMs: pauseMs,
    async round() {
      const next = new Map<string, string>()
      for (const providerId of await listCredentialDeletions(db)) {
        const last = await deleteNext(providerId)
        if (last !== undefined) next.set(providerId, last)
      }
      cursors = next
      return cursors.size > 0 ? 0 : intervalMs
    },
    onError(error) {
      log.warn({ error: coded(error) }, 'could not look for binding credentials to delete')
      return intervalMs
    },
  })
}
