import { coalesce } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import { renderCatalog, type RenderedCatalog } from './serve.ts'
import { currentRevision, readSnapshot, type CatalogSnapshot } from './snapshot.ts'

/**
 * The catalog as this process knows it: read from the database once per change, never per request.
 */
export interface LiveCatalog {
  current(): CatalogSnapshot
  /** All that is published, as bytes. */
  rendered(): RenderedCatalog
  /** Reads it again if the database has a newer revision. */
  reloadIfChanged(): Promise<void>
}

export async function openCatalog(db: Db): Promise<LiveCatalog> {
  let snapshot = await readSnapshot(db)
  let rendered = await renderCatalog(snapshot)
  return {
    current: () => snapshot,
    rendered: () => rendered,
    reloadIfChanged: coalesce(async () => {
      if ((await currentRevision(db)).revision === snapshot.revision) return
      const fresh = await readSnapshot(db)
      rendered = await renderCatalog(fresh)
      snapshot = fresh
    }),
  }
}
