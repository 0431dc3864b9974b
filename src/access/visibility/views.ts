import { dialectOf, type Dialect } from '../../catalog/dialect.ts'
import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServedCatalog } from '../../catalog/serve.ts'
import type { CatalogSnapshot } from '../../catalog/snapshot.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { RuleSet } from './decide.ts'
import { createRenderings, keyOf, type Renderings } from './renderings.ts'
import { subjectsOf } from './subjects.ts'

/**
 * The present rules, and the date of all that decides what platforms see. Rules, catalog and
 * directory of this process are at least as new as the date, so nothing older is ever served with
 * it.
 */
export interface Present {
  readonly ruleSet: RuleSet
  /** In whole seconds. Undefined: no date can tell whether a catalog has changed. */
  readonly lastModified: Date | undefined
}

export interface ViewDeps {
  readonly catalog: LiveCatalog
  readonly directory: Directory
  present(): Present
  /** Of the rendered catalogs in memory. */
  readonly maxBytes: number
}

interface View {
  readonly shown: ReadonlySet<string>
  readonly dialect: Dialect
  readonly key: string
  readonly lastModified: Date | undefined
}

/** The catalogs of all platforms, computed on the first request after a change. */
export interface Views {
  /** A promise only if the catalog has to be rendered. */
  servedTo(platformId: string): ServedCatalog | Promise<ServedCatalog>
  /** Ids of the plans that a platform's catalog holds. */
  shownTo(platformId: string): ReadonlySet<string>
}

export function createViews({ catalog, directory, present, maxBytes }: ViewDeps): Views {
  let renderings: Renderings = createRenderings(catalog.current(), maxBytes)
  let base:
    | { readonly present: Present; readonly snapshot: CatalogSnapshot; readonly stamp: object }
    | undefined
  let views = new Map<string, View>()

  const viewOf = (platformId: string): View => {
    if (
      base?.present !== present() ||
      base.snapshot !== catalog.current() ||
      base.stamp !== directory.stamp()
    ) {
      base = { present: present(), snapshot: catalog.current(), stamp: directory.stamp() }
      views = new Map()
      if (renderings.snapshot !== base.snapshot)
        renderings = createRenderings(base.snapshot, maxBytes)
    }
    const known = views.get(platformId)
    if (known !== undefined) return known
    const shown = shownPlans(base.snapshot, directory, base.present.ruleSet, platformId)
    const dialect = dialectOf(directory.platform(platformId)?.kind)
    const view: View = {
      shown,
      dialect,
      key: keyOf(shown, dialect),
      // The date does not change with the kind of a platform, which decides the dialect.
      lastModified: dialect === 'any' ? base.present.lastModified : undefined,
    }
    views.set(platformId, view)
    return view
  }

  return {
    servedTo(platformId) {
      const view = viewOf(platformId)
      const ready = renderings.ready(view.key, view.lastModified)
      if (ready !== undefined) return ready
      const own = renderings
      // It is not in memory any more if it exceeds the maximum.
      return own.make(view.key, view.shown, view.dialect).then(
        (rendered) =>
          own.ready(view.key, view.lastModified) ?? {
            ...rendered,
            lastModified: view.lastModified,
          },
      )
    },
    shownTo: (platformId) => viewOf(platformId).shown,
  }
}

/** Ids of the published plans that at least one subject of a platform may order. */
function shownPlans(
  snapshot: CatalogSnapshot,
  directory: Directory,
  ruleSet: RuleSet,
  platformId: string,
): ReadonlySet<string> {
  const subjects = subjectsOf(directory, platformId, ruleSet.organisations)
  return new Set(
    [...snapshot.plans.values()]
      .filter(
        (plan) =>
          plan.isPublished && subjects.some((subject) => ruleSet.decide(plan, subject).mayOrder),
      )
      .map(({ id }) => id),
  )
}
