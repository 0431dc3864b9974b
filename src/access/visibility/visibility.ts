// What platforms see and may order, from memory: a request for a catalog or an order needs no
// query.
import { currentRevision, type LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServedCatalog } from '../../catalog/serve.ts'
import { unknownPlan } from '../../catalog/resolve-plan.ts'
import type { CatalogPlan } from '../../catalog/snapshot.ts'
import { markDefault } from '../../catalog/withdraw.ts'
import type { Dialects } from '../../catalog/rendering/dialects.ts'
import { announce } from '../../db/channels.ts'
import { coalesceKeys } from '../../db/coalesce.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Directory } from '../../tenancy/directory.ts'
import { keepKnown } from '../../vault/sealed-rows/keep-known.ts'
import { readSealed } from '../../vault/sealed-rows/read-sealed.ts'
import { ruleSetOf, type RuleSet, type VisibilityDecision } from './decide.ts'
import type { Rule } from './rule.ts'
import { requireKnown, rulesUnknown } from './rules-unknown.ts'
import { listRules } from './store.ts'
import { subjectOf } from './subjects.ts'
import { createViews, type Present, type Viewer } from './views.ts'

export interface Visibility {
  /** The rendered catalog of a platform; a promise only for its first request since a change. */
  servedTo(platform: Viewer): ServedCatalog | Promise<ServedCatalog>
  /** @returns whether a platform's catalog holds a plan under the rules of this moment */
  shownTo(platformId: string): (plan: CatalogPlan) => boolean
  /**
   * @param organisationId  the ordering organisation; null for an order without one
   * @returns what the rules of this moment decide of a plan
   */
  decisionsFor(
    platformId: string,
    organisationId: string | null,
  ): (plan: CatalogPlan) => VisibilityDecision
  /**
   * The error when a plan cannot be ordered: the reason of its rules, or "unknown plan" if a rule
   * conceals it.
   */
  validate(
    plan: CatalogPlan,
    platformId: string,
    organisationId: string | null,
  ): BrokerError | undefined
  /**
   * The rules of this moment: a new object after each change of them.
   * @throws BrokerError `unavailable` while they are not known
   */
  currentRules(): RuleSet
  /**
   * Rereads rules and directory, and the catalog if it has changed.
   * @param platformIds  only these platforms have changed; undefined: anything may have
   */
  reload(platformIds?: readonly string[]): Promise<void>
  /**
   * Called when this process begins to serve catalogs: publishes to the other processes whether it
   * shows plans without a rule.
   */
  serve(now: Date): Promise<void>
}

export interface VisibilityDeps {
  readonly db: Db
  readonly catalog: LiveCatalog
  readonly directory: Directory
  /** Whether a plan without a rule is visible to all platforms. */
  readonly isOpen: boolean
  readonly dialects: Dialects
}

export async function openVisibility(deps: VisibilityDeps): Promise<Visibility> {
  const { db, catalog, directory, isOpen, dialects } = deps
  const live = { present: await readPresent(deps) }
  const views = createViews({ catalog, directory, dialects, rules: live })
  const decisionsFor: Visibility['decisionsFor'] = (platformId, organisationId) => {
    const { ruleSet } = requireKnown(live.present)
    const subject = subjectOf(directory, platformId, organisationId)
    return (plan) => ruleSet.decide(plan, subject)
  }

  const reload = coalesceKeys(async (platformIds) => {
    const { present } = live
    const fresh = await readPresent(deps, present, platformIds)
    // Keeps the objects when nothing has changed: cached views depend on their identity.
    const sameRules =
      fresh.isKnown === present.isKnown &&
      JSON.stringify(fresh.rules) === JSON.stringify(present.rules)
    if (!sameRules || fresh.lastModified?.getTime() !== present.lastModified?.getTime())
      live.present = sameRules ? { ...fresh, ruleSet: present.ruleSet } : fresh
    void dialects.prepare(catalog.current().parts)
  })

  return {
    ...views,
    decisionsFor,
    currentRules: () => requireKnown(live.present).ruleSet,
    validate(plan, platformId, organisationId) {
      if (!live.present.isKnown) return rulesUnknown()
      if (live.present.isPlain) return undefined
      const result = decisionsFor(platformId, organisationId)(plan)
      return result.mayOrder ? undefined : refusal(plan, result)
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

interface PresentRules extends Present {
  readonly rules: readonly Rule[]
}

/**
 * The rules of the database, without those that Kontor did not write, and as they were in `before`
 * in place of those that were altered. When one is missing or old, or this process never knew an
 * altered one, those of `before` with the new ones that deny: what is missing may have denied, too.
 */
async function readRules(
  db: Db,
  before: PresentRules | undefined,
): Promise<Pick<PresentRules, 'rules' | 'isKnown'>> {
  const { data: rules, checks } = await readSealed(db, ['visibility_rules'], listRules)
  const { isWhole, damaged, altered } = checks.visibility_rules
  const known =
    before?.isKnown === true ? new Map(before.rules.map((each) => [each.id, each])) : undefined
  if (isWhole && [...altered].every((id) => known?.has(id) === true)) {
    const counting = keepKnown(new Map(rules.map((each) => [each.id, each])), known, {
      damaged,
      altered,
    })
    return { rules: [...counting.values()], isKnown: true }
  }
  if (known === undefined) return { rules: [], isKnown: false }
  const denying = rules.filter(
    ({ id, effect }) => effect === 'deny' && !damaged.has(id) && !known.has(id),
  )
  return { rules: [...known.values(), ...denying], isKnown: true }
}

async function readPresent(
  deps: VisibilityDeps,
  before?: PresentRules,
  platformIds?: readonly string[],
): Promise<PresentRules> {
  const { db, catalog, directory, isOpen } = deps
  // Reads the date first, so that no older catalog is served under it.
  const revision = await currentRevision(db)
  const [{ rules, isKnown }] = await Promise.all([
    before !== undefined && platformIds !== undefined ? before : readRules(db, before),
    directory.reload(platformIds),
  ])
  // Reloads the catalog last, so that no request gets the new catalog under the old date.
  await catalog.reloadIfChanged()
  // No date while the default in the database differs from this process's: another process would
  // serve a different catalog under the same date.
  const lastModified =
    revision.isOpen === isOpen
      ? new Date(Math.floor(revision.changedAt.getTime() / 1_000) * 1_000)
      : undefined
  const isPlain = isOpen && rules.length === 0
  return { rules, isKnown, lastModified, ruleSet: ruleSetOf(rules, isOpen), isPlain }
}

function refusal(plan: CatalogPlan, { rules, isConcealed }: VisibilityDecision): BrokerError {
  if (isConcealed) return unknownPlan()
  const reason = rules[0]?.reason ?? 'It has not been opened to you.'
  return new BrokerError(
    'not_offered',
    `The plan "${plan.name}" of "${plan.offering.name}" is not offered here: ${reason}`,
  )
}
