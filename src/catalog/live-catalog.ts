import type { Db } from '../db/database.ts'
import { renderCatalog, type ServedCatalog } from './serve.ts'
import { currentRevision, readSnapshot, type CatalogSnapshot } from './snapshot.ts'

/** The catalog as this process knows it: read from the database once per change, never per request. */
export interface LiveCatalog {
  current (): CatalogSnapshot
  served (): ServedCatalog
  /** Reads it anew if it has changed; calls that come while one runs share the next one. */
  reload (): Promise<void>
  /** The same, if the database says that it has changed since. */
  reloadIfChanged (): Promise<void>
}

export async function openCatalog (db: Db): Promise<LiveCatalog> {
  let snapshot = await readSnapshot(db)
  let served = await renderCatalog(snapshot)
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const read = async () => {
    const fresh = await readSnapshot(db)
    const rendered = await renderCatalog(fresh)
    // Equal bytes keep their date: a client's copy stays good. Other bytes never have an older or equal one.
    if (rendered.representations.identity.etag !== served.representations.identity.etag) served = laterThan(served, rendered)
    snapshot = fresh
  }

  const start = (): Promise<void> => {
    running = read().finally(() => { running = undefined })
    return running
  }

  const catalog: LiveCatalog = {
    current: () => snapshot,
    served: () => served,
    reload () {
      if (running === undefined) return start()
      // The one under way may have read before the change that we are called for.
      next ??= running.catch(() => {}).then(() => { next = undefined; return start() })
      return next
    },
    async reloadIfChanged () {
      if (await currentRevision(db) !== snapshot.revision) await catalog.reload()
    }
  }
  return catalog
}

// HTTP counts whole seconds, and two changes may come within one.
function laterThan (before: ServedCatalog, after: ServedCatalog): ServedCatalog {
  if (after.lastModified > before.lastModified) return after
  return { ...after, lastModified: new Date(before.lastModified.getTime() + 1_000) }
}
