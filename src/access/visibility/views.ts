import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import { createPacer } from '../../catalog/pacer.ts'
import { standard, type Dialect } from '../../catalog/rendering/dialect.ts'
import type { Dialects } from '../../catalog/rendering/dialects.ts'
import type { PartView } from '../../catalog/rendering/part-view.ts'
import { createRenderCatalog, type ServedCatalog } from '../../catalog/serve.ts'
import type { CatalogPart, CatalogPlan, CatalogSnapshot } from '../../catalog/snapshot.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { Platform } from '../../tenancy/platform.ts'
import type { RuleSet } from './decide.ts'
import type { Rule } from './rule.ts'
import { requireKnown, rulesUnknown } from './rules-unknown.ts'
import { createShownParts, type ShownParts } from './shown-parts.ts'
import { subjectsOf } from './subjects.ts'

/**
 * The present rules, and the date of all that decides what platforms see. Rules, catalog and
 * directory of this process are at least as new as the date, so nothing older is ever served with
 * it.
 */
export interface Present {
  /** False: rules were changed past Kontor before this process began, so it shows nothing. */
  readonly isKnown: boolean
  readonly ruleSet: RuleSet
  /** All platforms see the whole catalog. */
  readonly isPlain: boolean
  /** In whole seconds. Undefined: no date can tell whether a catalog has changed. */
  readonly lastModified: Date | undefined
}

export interface ViewDeps {
  readonly catalog: LiveCatalog
  readonly directory: Directory
  /** The present ones are read anew for each request. */
  readonly rules: { readonly present: Present }
  readonly dialects: Dialects
}

/** A platform that reads its catalog. */
export type Viewer = Pick<Platform, 'id' | 'kind'>

/** The catalogs of all platforms, computed on the first request after a change. */
export interface Views {
  /** A promise only for the first request since a change. */
  servedTo(platform: Viewer): ServedCatalog | Promise<ServedCatalog>
  /** @returns whether a platform's catalog holds a plan */
  shownTo(platformId: string): (plan: CatalogPlan) => boolean
}

interface Made {
  readonly served: ServedCatalog
  /** false: a provider's changes are still being written, and its part of before is in it. */
  readonly isLatest: boolean
}

/** What the views of one moment are computed from. */
interface Base {
  readonly present: Present
  readonly snapshot: CatalogSnapshot
  readonly stamp: object
  readonly views: Map<string, ServedCatalog | Promise<ServedCatalog>>
}

export function createViews({ catalog, directory, rules, dialects }: ViewDeps): Views {
  const render = createRenderCatalog()
  const pause = createPacer()
  const partsUnder = new WeakMap<RuleSet, ShownParts>()
  let base: Base | undefined
  // One view at a time: after a change all are computed again, and other requests must be answered
  // in between.
  let turn: Promise<unknown> = Promise.resolve()

  const currentBase = (): Base => {
    const { present } = rules
    if (!present.isKnown) throw rulesUnknown()
    const snapshot = catalog.current()
    const stamp = directory.stamp()
    if (base?.present !== present || base.snapshot !== snapshot || base.stamp !== stamp)
      base = { present, snapshot, stamp, views: new Map() }
    return base
  }

  const make = async (
    of: Base,
    id: string,
    dialect: Dialect,
    catalogParts: readonly CatalogPart[],
  ): Promise<ServedCatalog> => {
    const { ruleSet, lastModified } = of.present
    const parts = partsUnder.get(ruleSet) ?? createShownParts(ruleSet, pause)
    partsUnder.set(ruleSet, parts)
    const mayOrder = decisionsFor(directory, ruleSet, id)
    const shown: PartView[] = []
    for (const part of catalogParts) {
      const view = parts.viewOf(part, mayOrder, dialect)
      shown.push(view instanceof Promise ? await view : view)
      await pause()
    }
    // The date does not change with the kind of a platform, which decides the dialect.
    return { ...render(shown), lastModified: dialect === standard ? lastModified : undefined }
  }

  const begin = async (of: Base, id: string, dialect: Dialect): Promise<Made> => {
    const { parts } = of.snapshot
    // Waited for before the turn, so that it holds up no platform of another kind.
    const writable = await dialect.writable(parts)
    const making = turn.then(() => make(of, id, dialect, writable))
    turn = making.catch(() => {})
    const isLatest = writable.every((part, at) => part === parts[at])
    return { served: await making, isLatest }
  }

  return {
    servedTo({ id, kind }) {
      const of = currentBase()
      const dialect = dialects.of(kind)
      const key = `${of.present.isPlain ? 'all' : id} ${dialect.name}`
      const known = of.views.get(key)
      if (known !== undefined) return known
      const making = begin(of, id, dialect).then(
        ({ served, isLatest }) => {
          if (isLatest) of.views.set(key, served)
          else of.views.delete(key)
          return served
        },
        (error: unknown) => {
          of.views.delete(key)
          throw error
        },
      )
      of.views.set(key, making)
      return making
    },
    shownTo(platformId) {
      const { ruleSet } = requireKnown(rules.present)
      const mayOrder = decisionsFor(directory, ruleSet, platformId)
      return (plan) => plan.isPublished && mayOrder(ruleSet.rulesAbout(plan))
    },
  }
}

/** Whether at least one subject of a platform may order plans that these rules are about. */
function decisionsFor(
  directory: Directory,
  ruleSet: RuleSet,
  platformId: string,
): (about: readonly Rule[]) => boolean {
  const subjects = subjectsOf(directory, platformId, ruleSet.organisations)
  const decided = new Map<readonly Rule[], boolean>()
  return (about) => {
    const known = decided.get(about) ?? subjects.some((subject) => ruleSet.mayOrder(about, subject))
    decided.set(about, known)
    return known
  }
}
