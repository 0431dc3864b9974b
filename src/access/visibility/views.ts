import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServedCatalog } from '../../catalog/serve.ts'
import type { CatalogSnapshot } from '../../catalog/snapshot.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { RuleBook } from './decide.ts'
import { createRenderings, keyOf, type Renderings } from './renderings.ts'
import { subjectsOf } from './subjects.ts'

/** What rules there are at present, and when anything last changed that decides what platforms see. */
export interface Present {
  readonly book: RuleBook
  readonly changedAt: Date
}

export interface ViewDeps {
  readonly catalog: LiveCatalog
  readonly directory: Directory
  present (): Present
  /** Of the bytes that are kept ready. */
  readonly mostBytes: number
}

interface View {
  readonly shown: ReadonlySet<string>
  readonly key: string
  /** Undefined until it has been served: what it is dated by are its bytes. */
  lastModifiedMs: number | undefined
}

/** The catalogs of all platforms, worked out when they ask first after a change. */
export interface Views {
  /** A promise only if the bytes have to be made. */
  servedTo (platformId: string): ServedCatalog | Promise<ServedCatalog>
  /** Ids of the plans that a platform's catalog holds. */
  shownTo (platformId: string): ReadonlySet<string>
}

export function createViews ({ catalog, directory, present, mostBytes }: ViewDeps): Views {
  /** What each platform was last served: a client's copy stays good while the bytes are the same. */
  const last = new Map<string, { readonly etag: string, readonly ms: number }>()
  let renderings: Renderings = createRenderings(catalog.current(), mostBytes)
  let base: { readonly present: Present, readonly snapshot: CatalogSnapshot, readonly stamp: object } | undefined
  let views = new Map<string, View>()

  const viewOf = (platformId: string): View => {
    if (base?.present !== present() || base.snapshot !== catalog.current() || base.stamp !== directory.stamp()) {
      base = { present: present(), snapshot: catalog.current(), stamp: directory.stamp() }
      views = new Map()
      if (renderings.snapshot !== base.snapshot) renderings = createRenderings(base.snapshot, mostBytes)
    }
    const known = views.get(platformId)
    if (known !== undefined) return known
    const subjects = subjectsOf(directory, platformId, base.present.book.organisations)
    const { book } = base.present
    const shown = new Set([...base.snapshot.plans.values()].filter((plan) => plan.isPublished && subjects.some((subject) => book.rule(plan, subject).mayOrder)).map(({ id }) => id))
    const view: View = { shown, key: keyOf(shown), lastModifiedMs: undefined }
    views.set(platformId, view)
    return view
  }

  // HTTP counts whole seconds. Of a platform's copies, a newer one always has a later date.
  const dateOf = (platformId: string, { lastModified, representations: { identity: { etag } } }: ServedCatalog): number => {
    const before = last.get(platformId)
    if (before?.etag === etag) return before.ms
    const ms = Math.max(lastModified.getTime(), Math.floor(present().changedAt.getTime() / 1_000) * 1_000, before === undefined ? 0 : before.ms + 1_000)
    last.set(platformId, { etag, ms })
    return ms
  }

  return {
    servedTo (platformId) {
      const view = viewOf(platformId)
      const ready = view.lastModifiedMs === undefined ? undefined : renderings.ready(view.key, view.lastModifiedMs)
      if (ready !== undefined) return ready
      const own = renderings
      return own.make(view.key, view.shown).then((rendered) => {
        view.lastModifiedMs = dateOf(platformId, rendered)
        // Not kept any more, if there is no room for it.
        return own.ready(view.key, view.lastModifiedMs) ?? { ...rendered, lastModified: new Date(view.lastModifiedMs) }
      })
    },
    shownTo: (platformId) => viewOf(platformId).shown
  }
}
