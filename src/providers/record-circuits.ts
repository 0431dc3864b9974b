// Tells other processes, through the database, which circuits are open in this one.
import type { Db } from '../db/database.ts'
import { newOpaqueId } from '../ids.ts'
import { coded, type Log } from '../log.ts'
import type { CircuitView } from './circuit.ts'
import { deleteOldCircuits, deleteOpenCircuits, upsertCircuit } from './store.ts'

/** An open circuit that was not confirmed for so long is that of a process that died. */
export const staleMs = 30_000
const confirmMs = staleMs / 3

export interface CircuitRecords {
  /** Writes down how a circuit stands now; in the background, the last word last. */
  write(providerId: string, view: CircuitView): void
  close(): Promise<void>
}

export function recordCircuits({
  db,
  log,
}: {
  readonly db: Db
  readonly log: Log
}): CircuitRecords {
  const processId = newOpaqueId()
  const open = new Map<string, CircuitView>()
  // Only the newest of each: while the database is away they would pile up.
  const unsaved = new Map<string, CircuitView>()
  let writing: Promise<void> = Promise.resolve()

  // One after the other. What cannot be written is confirmed later, if it still holds then.
  const next = (what: () => Promise<void>): void => {
    writing = writing.then(what).catch((error: unknown) => {
      log.warn({ error: coded(error) }, 'the state of a circuit was not written')
    })
  }
  const save = async (
    providerId: string,
    { state, since, until, reason }: CircuitView,
  ): Promise<void> => {
    if (since === undefined) return
    return upsertCircuit(db, {
      providerId,
      processId,
      state: state === 'closed' ? 'closed' : 'open',
      since,
      until: until ?? null,
      reason: reason ?? null,
    })
  }
  const queue = (providerId: string, view: CircuitView): void => {
    const isQueued = unsaved.has(providerId)
    unsaved.set(providerId, view)
    if (isQueued) return
    next(async () => {
      const newest = unsaved.get(providerId)
      unsaved.delete(providerId)
      if (newest !== undefined) await save(providerId, newest)
    })
  }

  const confirming = setInterval(() => {
    for (const [providerId, view] of open) queue(providerId, view)
  }, confirmMs)
  confirming.unref()
  next(() => deleteOldCircuits(db))

  return {
    write(providerId, view) {
      if (view.state === 'closed') open.delete(providerId)
      else open.set(providerId, view)
      queue(providerId, view)
    },
    async close() {
      clearInterval(confirming)
      next(() => deleteOpenCircuits(db, processId))
      await writing
    },
  }
}
