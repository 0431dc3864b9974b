// What platforms see and may order, from memory: no query on the way of a catalog or an order.
import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { RenderedCatalog, ServedCatalog } from '../../catalog/serve.ts'
import { unknownPlan } from '../../catalog/resolve-plan.ts'
import { currentRevision, type CatalogPlan } from '../../catalog/snapshot.ts'
import { markDefault } from '../../catalog/withdraw.ts'
import { announce } from '../../db/channels.ts'
import { coalesce } from '../../db/coalesce.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Directory } from '../../tenancy/directory.ts'
import { ruleSetOf, type VisibilityDecision } from './decide.ts'
import { listRules } from './store.ts'
import { subjectOf } from './subjects.ts'
import { createViews } from './views.ts'

export interface Visibility {
  /** The catalog of a platform, ready to be sent; a promise only if it was never asked for since a change. */
  servedTo(platformId: string): ServedCatalog | Promise<ServedCatalog>
  /** Ids of the plans that a platform's catalog holds. */
  shownTo(platformId: string): ReadonlySet<string>
  /** @param organisationId  for whom the order is; null for nobody */
  decision(plan: CatalogPlan, platformId: string, organisationId: string | null): VisibilityDecision
  /** Why a plan cannot be ordered here: what its rules say of it, or that there is none, if one of them conceals it. */
  validate(
    plan: CatalogPlan,
    platformId: string,
    organisationId: string | null,
  ): BrokerError | undefined
  /** Reads what has changed of rules, directory and catalog. */
  reload(): Promise<void>
  /** From now on this process shows catalogs: tells the others what it shows of plans that no rule names. */
  serve(now: Date): Promise<void>
}

export interface VisibilityDeps {
  readonly db: Db
  readonly catalog: LiveCatalog
  readonly directory: Directory
  /** Whether a plan that no rule names is for everybody. */
  readonly isOpen: boolean
}

// About as much as three hundred different catalogs of two hundred plans.
const maxBytes = 100_000_000

export async function openVisibility({
  db,
  catalog,
  directory,
  isOpen,
}: VisibilityDeps): Promise<Visibility> {
  const read = async () => {
    // The date first, so that nothing older is served under it.
    const at = await currentRevision(db)
    const [rules] = await Promise.all([listRules(db), directory.reload()])
    // Last, so that no request sees the new catalog under the old date.
    await catalog.reloadIfChanged()
    // Another process that shows something else by default would give the same date to other bytes.
    const lastModified =
      at.isOpen === isOpen
        ? new Date(Math.floor(at.changedAt.getTime() / 1_000) * 1_000)
        : undefined
    return {
      rules,
      lastModified,
      ruleSet: ruleSetOf(rules, isOpen),
      isPlain: isOpen && rules.length === 0,
    }
  }
  let present = await read()
  let plain: { readonly rendered: RenderedCatalog; readonly served: ServedCatalog } | undefined
  const servedPlain = (): ServedCatalog => {
    const rendered = catalog.rendered()
    const { lastModified } = present
    if (plain?.rendered !== rendered || plain.served.lastModified !== lastModified)
      plain = { rendered, served: { ...rendered, lastModified } }
    return plain.served
  }
  const views = createViews({ catalog, directory, maxBytes, present: () => present })
  const decision: Visibility['decision'] = (plan, platformId, organisationId) =>
    present.ruleSet.decide(plan, subjectOf(directory, platformId, organisationId))

  const reload = coalesce(async () => {
    const fresh = await read()
    // What was worked out from it stays good while nothing of it has changed.
    if (
      JSON.stringify(fresh.rules) !== JSON.stringify(present.rules) ||
      fresh.lastModified?.getTime() !== present.lastModified?.getTime()
    )
      present = fresh
  })

  return {
    servedTo: (platformId) => (present.isPlain ? servedPlain() : views.servedTo(platformId)),
    shownTo: (platformId) => views.shownTo(platformId),
    decision,
    validate(plan, platformId, organisationId) {
      if (present.isPlain) return undefined
      const found = decision(plan, platformId, organisationId)
      return found.mayOrder ? undefined : refusal(plan, found)
    },
    reload,
    async serve(now) {
      await db.transaction().execute(async (tx) => {
        if (await markDefault(tx, isOpen, now)) await announce(tx, 'catalog')
      })
      await reload()
    },
  }
}

function refusal(plan: CatalogPlan, { rules, isConcealed }: VisibilityDecision): BrokerError {
  if (isConcealed) return unknownPlan()
  const reason = rules[0]?.reason ?? 'It has not been opened to you.'
  return new BrokerError(
    'not_offered',
    `The plan "${plan.name}" of "${plan.offering.name}" is not offered here: ${reason}`,
  )
}
