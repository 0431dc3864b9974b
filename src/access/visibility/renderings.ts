import { createHash } from 'node:crypto'
import { renderCatalog, type RenderedCatalog, type ServedCatalog } from '../../catalog/serve.ts'
import type { Dialect } from '../../catalog/dialect.ts'
import type { CatalogSnapshot } from '../../catalog/snapshot.ts'

/**
 * Rendered catalogs of one snapshot, made on first request and shared by all platforms that see the
 * same plans.
 */
export interface Renderings {
  readonly snapshot: CatalogSnapshot
  /** The rendering if it is ready, always the same object for one date. */
  ready(key: string, lastModified: Date | undefined): ServedCatalog | undefined
  /**
   * Concurrent requests share one rendering.
   * @param shown    ids of the plans that belong to `key`
   * @param dialect  that belongs to `key`; default: any
   */
  make(key: string, shown: ReadonlySet<string>, dialect?: Dialect): Promise<RenderedCatalog>
}

interface Entry {
  served: ServedCatalog
  readonly bytes: number
  lastUse: number
}

/**
 * @param maxBytes  of all renderings together; beyond it the least recently used ones are dropped
 */
export function createRenderings(snapshot: CatalogSnapshot, maxBytes: number): Renderings {
  const entries = new Map<string, Entry>()
  const underWay = new Map<string, Promise<RenderedCatalog>>()
  let uses = 0
  let bytes = 0
  let turn: Promise<unknown> = Promise.resolve()

  const keep = (key: string, rendered: RenderedCatalog): void => {
    const size = Object.values(rendered.representations).reduce(
      (sum, { body }) => sum + body.length,
      0,
    )
    entries.set(key, {
      served: { ...rendered, lastModified: undefined },
      bytes: size,
      lastUse: ++uses,
    })
    bytes += size
    for (const dropped of dropLeastUsed(entries, bytes - maxBytes, key)) bytes -= dropped.bytes
  }

  return {
    snapshot,
    ready(key, lastModified) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.lastUse = ++uses
      if (entry.served.lastModified?.getTime() !== lastModified?.getTime())
        entry.served = { ...entry.served, lastModified }
      return entry.served
    },
    make(key, shown, dialect) {
      const known = underWay.get(key)
      if (known !== undefined) return known
      const entry = entries.get(key)
      if (entry !== undefined) return Promise.resolve(entry.served)
      // One at a time: after a change all are rendered again, and other requests must be answered
      // in between.
      const making = turn
        .then(() => renderCatalog(snapshot, shown, dialect))
        .then((rendered) => {
          keep(key, rendered)
          return rendered
        })
        .finally(() => {
          underWay.delete(key)
        })
      turn = making.catch(() => {})
      underWay.set(key, making)
      return making
    },
  }
}

/** Equal for platforms that see the same plans in the same dialect. */
export function keyOf(shown: ReadonlySet<string>, dialect: Dialect = 'any'): string {
  return createHash('sha256')
    .update([dialect, ...shown].join(' '))
    .digest('base64url')
}

/**
 * Drops the least recently used entries until `excess` bytes are gone, but never `keep`.
 * @returns the dropped ones
 */
function dropLeastUsed(entries: Map<string, Entry>, excess: number, keep: string): Entry[] {
  const dropped: Entry[] = []
  let left = excess
  for (const [key, entry] of [...entries].toSorted(
    ([, one], [, other]) => one.lastUse - other.lastUse,
  )) {
    if (left <= 0 || key === keep) break
    entries.delete(key)
    dropped.push(entry)
    left -= entry.bytes
  }
  return dropped
}
