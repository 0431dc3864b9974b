import type { Db } from '../db/database.ts'
import { renderCatalog, type RenderedCatalog } from './serve.ts'
import { currentRevision, readSnapshot, type CatalogSnapshot } from './snapshot.ts'

/** The catalog as this process knows it: read from the database once per change, never per request. */
export interface LiveCatalog {
  current(): CatalogSnapshot
  /** All that is published, as bytes. */
  rendered(): RenderedCatalog
  /** Reads it anew if it has changed; calls that come while one runs share the next one. */
  reload(): Promise<void>
  /** The same, if the database says that it has changed since. */
  reloadIfChanged(): Promise<void>
}

export async function openCatalog(db: Db): Promise<LiveCatalog> {
  let snapshot = await readSnapshot(db)
  let rendered = await renderCatalog(snapshot)
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const read = async () => {
    const fresh = await readSnapshot(db)
    rendered = await renderCatalog(fresh)
    snapshot = fresh
  }

  const start = (): Promise<void> => {
    running = read().finally(() => {
      running = undefined
    })
    return running
  }

  const catalog: LiveCatalog = {
    current: () => snapshot,
    rendered: () => rendered,
    reload() {
      if (running === undefined) return start()
      // The one under way may have read before the change that we are called for.
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined
          return start()
        })
      return next
    },
    async reloadIfChanged() {
      if ((await currentRevision(db)).revision !== snapshot.revision) await catalog.reload()
    },
  }
  return catalog
}
