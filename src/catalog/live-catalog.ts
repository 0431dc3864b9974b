import type { Db } from '../db/database.ts'
import { renderCatalog, type ServedCatalog } from './serve.ts'
import { readSnapshot, type CatalogSnapshot } from './snapshot.ts'

/** The catalog as this process knows it: read from the database once per change, never per request. */
export interface LiveCatalog {
  current (): CatalogSnapshot
  served (): ServedCatalog
  /** Reads it anew if it has changed; calls that come while one runs share the next one. */
  reload (): Promise<void>
}

export async function openCatalog (db: Db): Promise<LiveCatalog> {
  let snapshot = await readSnapshot(db)
  let served = await renderCatalog(snapshot)
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const read = async () => {
    const fresh = await readSnapshot(db)
    const rendered = await renderCatalog(fresh)
    // Equal bytes keep their date: a client's copy stays good.
    if (rendered.representations.identity.etag !== served.representations.identity.etag) served = rendered
    snapshot = fresh
  }

  const start = (): Promise<void> => {
    running = read().finally(() => { running = undefined })
    return running
  }

  return {
    current: () => snapshot,
    served: () => served,
    reload () {
      if (running === undefined) return start()
      // The one under way may have read before the change that we are called for.
      next ??= running.catch(() => {}).then(() => { next = undefined; return start() })
      return next
    }
  }
}
