import { coalesce } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import { listRevisions } from './store.ts'

/** Revisions of the rows of all providers that are not removed, by the providers' ids. */
export type Revisions = ReadonlyMap<string, number>

/** Which providers are registered, in memory: a change of one costs the same however many. */
export interface RegisteredProviders {
  /** As of the last reading. */
  revisions(): Promise<Revisions>
  /**
   * Reads the rows of these providers again; without ids, of all.
   * @throws the driver's error; the next reading is then of all
   */
  reload(ids?: readonly string[]): Promise<Revisions>
}

export function openRegistered(db: Db): RegisteredProviders {
  const known = new Map<string, number>()
  /** To be read next; undefined: all. */
  let due: Set<string> | undefined

  const read = coalesce(async () => {
    const ids = due && [...due]
    due = new Set()
    const rows = await listRevisions(db, ids).catch((error: unknown) => {
      due = undefined
      throw error
    })
    for (const id of ids ?? known.keys()) known.delete(id)
    for (const { id, revision } of rows) known.set(id, revision)
  })
  const reload = async (ids?: readonly string[]): Promise<Revisions> => {
    if (ids === undefined) due = undefined
    else for (const id of ids) due?.add(id)
    await read()
    return known
  }
  return { reload, revisions: async () => (due === undefined ? reload() : known) }
}
