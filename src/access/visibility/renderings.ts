import { createHash } from 'node:crypto'
import { renderCatalog, type RenderedCatalog, type ServedCatalog } from '../../catalog/serve.ts'
import type { CatalogSnapshot } from '../../catalog/snapshot.ts'

/** Catalogs of one snapshot as bytes, made when they are first asked for: one for all platforms that see the same. */
export interface Renderings {
  readonly snapshot: CatalogSnapshot
  /** What is ready, with this date: one and the same for all who ask. */
  ready(key: string, lastModified: Date | undefined): ServedCatalog | undefined
  /** Those who come while it is being made share it. @param shown  ids of the plans that belong to `key` */
  make(key: string, shown: ReadonlySet<string>): Promise<RenderedCatalog>
}

interface Entry {
  served: ServedCatalog
  readonly bytes: number
  lastUse: number
}

/** @param mostBytes  of all together; beyond them those that nobody asked for longest are made anew when they are asked for */
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
    for (const [oldest, entry] of [...entries].toSorted(
      ([, one], [, other]) => one.lastUse - other.lastUse,
    )) {
      if (bytes <= maxBytes || oldest === key) break
      entries.delete(oldest)
      bytes -= entry.bytes
    }
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
    make(key, shown) {
      const known = underWay.get(key)
      if (known !== undefined) return known
      const entry = entries.get(key)
      if (entry !== undefined) return Promise.resolve(entry.served)
      // One after the other: a change makes all of them anew, and requests are to be answered meanwhile.
      const making = turn
        .then(() => renderCatalog(snapshot, shown))
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

/** Platforms that see the same plans have the same key. */
export function keyOf(shown: ReadonlySet<string>): string {
  return createHash('sha256')
    .update([...shown].join(' '))
    .digest('base64url')
}
