// Writes to the database which circuits are open in this process, for the other processes.
import type { Db } from '../../db/database.ts'
import { newOpaqueId } from '../../ids.ts'
import { coded, type Log } from '../../log.ts'
import type { CircuitView } from './circuit.ts'
import { deleteOldCircuits, deleteOpenCircuits, upsertCircuit } from './store.ts'

/** An open circuit that was not confirmed for so long belongs to a process that died. */
export const staleMs = 30_000
const confirmMs = staleMs / 3

export interface CircuitRecords {
  /** Writes the state of a circuit in the background; the newest state is written last. */
  write(providerId: string, view: CircuitView): void
  close(): Promise<void>
}

interface RecordDeps {
  readonly db: Db
  readonly log: Log
}

class DatabaseRecords implements CircuitRecords {
  readonly #deps: RecordDeps
  readonly #processId = newOpaqueId()
  readonly #open = new Map<string, CircuitView>()
  /**
   * Only the newest state of each circuit: they would pile up while the database is unreachable.
   */
  readonly #unsaved = new Map<string, CircuitView>()
  readonly #confirming: NodeJS.Timeout
  #writing: Promise<void> = Promise.resolve()

  constructor(deps: RecordDeps) {
    this.#deps = deps
    this.#confirming = setInterval(() => {
      for (const [providerId, view] of this.#open) this.#queue(providerId, view)
    }, confirmMs).unref()
    this.#next(() => deleteOldCircuits(deps.db))
  }

  write(providerId: string, view: CircuitView): void {
    if (view.state === 'closed') this.#open.delete(providerId)
    else this.#open.set(providerId, view)
    this.#queue(providerId, view)
  }

  async close(): Promise<void> {
    clearInterval(this.#confirming)
    this.#next(() => deleteOpenCircuits(this.#deps.db, this.#processId))
    await this.#writing
  }

  #queue(providerId: string, view: CircuitView): void {
    const isQueued = this.#unsaved.has(providerId)
    this.#unsaved.set(providerId, view)
    if (isQueued) return
    this.#next(async () => {
      const newest = this.#unsaved.get(providerId)
      this.#unsaved.delete(providerId)
      if (newest !== undefined) await this.#save(providerId, newest)
    })
  }

  // One write after the other. A failed one is repeated by the next confirmation, if it still
  // holds.
  #next(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch((error: unknown) => {
      this.#deps.log.warn({ error: coded(error) }, 'the state of a circuit was not written')
    })
  }

  async #save(providerId: string, { state, since, until, reason }: CircuitView): Promise<void> {
    if (since === undefined) return
    await upsertCircuit(this.#deps.db, {
      providerId,
      processId: this.#processId,
      state: state === 'closed' ? 'closed' : 'open',
      since,
      until: until ?? null,
      reason: reason ?? null,
    })
  }
}

export function recordCircuits(deps: RecordDeps): CircuitRecords {
  return new DatabaseRecords(deps)
}
