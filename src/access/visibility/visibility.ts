// What platforms see and may order, from memory: no query on the way of a catalog or an order.
import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServedCatalog } from '../../catalog/serve.ts'
import { unknownPlan } from '../../catalog/resolve-plan.ts'
import type { CatalogPlan } from '../../catalog/snapshot.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Directory } from '../../tenancy/directory.ts'
import { bookOf, type Ruling } from './decide.ts'
import { findLastChange, listRules } from './store.ts'
import { subjectOf } from './subjects.ts'
import { createViews } from './views.ts'

export interface Visibility {
  /** The catalog of a platform, ready to be sent; a promise only if it was never asked for since a change. */
  servedTo (platformId: string): ServedCatalog | Promise<ServedCatalog>
  /** Ids of the plans that a platform's catalog holds. */
  shownTo (platformId: string): ReadonlySet<string>
  /** @param organisationId  for whom the order is; null for nobody */
  ruling (plan: CatalogPlan, platformId: string, organisationId: string | null): Ruling
  /** Why a plan cannot be ordered here: what its rules say of it, or that there is none, if one of them conceals it. */
  objectionTo (plan: CatalogPlan, platformId: string, organisationId: string | null): BrokerError | undefined
  reload (): Promise<void>
}

export interface VisibilityDeps {
  readonly db: Db
  readonly catalog: LiveCatalog
  readonly directory: Directory
  /** Whether a plan that no rule names is for everybody. */
  readonly isOpen: boolean
}

// About as much as three hundred different catalogs of two hundred plans.
const mostBytes = 100_000_000

export async function openVisibility ({ db, catalog, directory, isOpen }: VisibilityDeps): Promise<Visibility> {
  let asked = 0
  let shown = 0
  const read = async () => {
    const [rules, changedAt] = await Promise.all([listRules(db), findLastChange(db)])
    return { rules, changedAt, book: bookOf(rules, isOpen) }
  }
  let present = await read()
  // Once there were rules, dates go by what each platform was served.
  let isPlain = isOpen && present.rules.length === 0
  const views = createViews({ catalog, directory, mostBytes, present: () => present })
  const ruling: Visibility['ruling'] = (plan, platformId, organisationId) => present.book.rule(plan, subjectOf(directory, platformId, organisationId))

  return {
    servedTo: (platformId) => isPlain ? catalog.served() : views.servedTo(platformId),
    shownTo: (platformId) => views.shownTo(platformId),
    ruling,
    objectionTo (plan, platformId, organisationId) {
      if (isPlain) return undefined
      const found = ruling(plan, platformId, organisationId)
      return found.mayOrder ? undefined : refusal(plan, found)
    },
    async reload () {
      // One that was begun earlier may end later, and must not bring back what has changed since.
      const turn = ++asked
      const fresh = await read()
      if (turn < shown) return
      shown = turn
      // What was worked out from it stays good while nothing of it has changed.
      if (JSON.stringify(fresh.rules) !== JSON.stringify(present.rules) || fresh.changedAt.getTime() !== present.changedAt.getTime()) present = fresh
      isPlain &&= fresh.rules.length === 0
    }
  }
}

function refusal (plan: CatalogPlan, { rules, isConcealed }: Ruling): BrokerError {
  if (isConcealed) return unknownPlan()
  const reason = rules[0]?.reason ?? 'It has not been opened to you.'
  return new BrokerError('not_offered', `The plan "${plan.name}" of "${plan.offering.name}" is not offered here: ${reason}`)
}
