import { createHash } from 'node:crypto'
import { renderCatalog, type ServedCatalog } from '../../catalog/serve.ts'
import type { CatalogSnapshot } from '../../catalog/snapshot.ts'

/** Catalogs of one snapshot as bytes, made when they are first asked for: one for all platforms that see the same. */
export interface Renderings {
  readonly snapshot: CatalogSnapshot
  /** What is ready, with this date. */
  ready (key: string, lastModifiedMs: number): ServedCatalog | undefined
  /** Those who come while it is being made share it. @param shown  ids of the plans that belong to `key` */
  make (key: string, shown: ReadonlySet<string>): Promise<ServedCatalog>
}

interface Entry {
  readonly rendered: ServedCatalog
  readonly bytes: number
  /** By date: platforms that see the same may have got to see it at different times. */
  readonly dated: Map<number, ServedCatalog>
  lastUse: number
}

const mostDates = 1_000

/** @param mostBytes  of all together; beyond them those that nobody asked for longest are made anew when they are asked for */
export function createRenderings (snapshot: CatalogSnapshot, mostBytes: number): Renderings {
  const entries = new Map<string, Entry>()
  const underWay = new Map<string, Promise<ServedCatalog>>()
  let uses = 0
  let bytes = 0
  let turn: Promise<unknown> = Promise.resolve()

  const keep = (key: string, rendered: ServedCatalog): void => {
    const size = Object.values(rendered.representations).reduce((sum, { body }) => sum + body.length, 0)
    entries.set(key, { rendered, bytes: size, dated: new Map(), lastUse: ++uses })
    bytes += size
    for (const [oldest, entry] of [...entries].toSorted(([, one], [, other]) => one.lastUse - other.lastUse)) {
      if (bytes <= mostBytes || oldest === key) break
      entries.delete(oldest)
      bytes -= entry.bytes
    }
  }

  return {
    snapshot,
    ready (key, lastModifiedMs) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.lastUse = ++uses
      const known = entry.dated.get(lastModifiedMs)
      if (known !== undefined) return known
      const dated = { ...entry.rendered, lastModified: new Date(lastModifiedMs) }
      if (entry.dated.size >= mostDates) entry.dated.clear()
      entry.dated.set(lastModifiedMs, dated)
      return dated
    },
    make (key, shown) {
      const known = underWay.get(key)
      if (known !== undefined) return known
      const entry = entries.get(key)
      if (entry !== undefined) return Promise.resolve(entry.rendered)
      // One after the other: a change makes all of them anew, and requests are to be answered meanwhile.
      const making = turn.then(() => renderCatalog(snapshot, shown)).then((rendered) => {
        keep(key, rendered)
        return rendered
      }).finally(() => { underWay.delete(key) })
      turn = making.catch(() => {})
      underWay.set(key, making)
      return making
    }
  }
}

/** Platforms that see the same plans have the same key. */
export function keyOf (shown: ReadonlySet<string>): string {
  return createHash('sha256').update([...shown].join(' ')).digest('base64url')
}
