// What one reader sees of the catalog. Everything that answers a reader begins here: lists, pages,
// search, facets and comparisons never see a plan that it leaves out.
import type {
  RuleAbout,
  RuleSet,
  Subject,
  VisibilityDecision,
} from '../access/visibility/decide.ts'
import { subjectOf } from '../access/visibility/subjects.ts'
import type { Visibility } from '../access/visibility/visibility.ts'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import { createPacer } from '../catalog/pacer.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { Directory } from '../tenancy/directory.ts'
import { validateOrdering } from '../tenancy/ordering-organisation.ts'
import type { OrderPermission } from '../types.gen.ts'
import type { OfferingEntry, PlanEntry } from './entries/entry.ts'
import { createKnownEntries, type Entries } from './entries/known-entries.ts'
import type { Reader } from './reader.ts'

export interface ShownPlan extends PlanEntry {
  readonly order: OrderPermission
}

export interface ShownOffering extends OfferingEntry {
  /** At least one. */
  readonly plans: readonly ShownPlan[]
}

export interface Shown {
  /** In the order of publication. */
  readonly offerings: readonly ShownOffering[]
  readonly byId: ReadonlyMap<string, ShownOffering>
  /** The whole catalog that they were chosen from. */
  readonly entries: Entries
}

export interface ShelfDeps {
  readonly catalog: LiveCatalog
  readonly directory: Directory
  readonly visibility: Pick<Visibility, 'currentRules'>
  readonly now: () => Date
}

export interface Shelf {
  /** @throws BrokerError `unavailable` while the visibility rules are not known */
  shownTo(reader: Reader): Promise<Shown>
}

interface Base {
  readonly entries: Entries
  readonly rules: RuleSet
  /** A rule by label reads each plan, so only once. */
  readonly about: WeakMap<CatalogPlan, readonly RuleAbout[]>
}

/** What the reader may order for. */
interface Orderer {
  readonly subject: Subject
  /** Why nothing at all may be ordered for it, as orders are refused; undefined: it may. */
  readonly refusal: string | undefined
}

// Readers between whom no rule makes a difference share one.
const maxKept = 100
// Together: each of those kept has an object for each plan, some 200 bytes.
const maxKeptPlans = 500_000

export function createShelf({ catalog, directory, visibility, now }: ShelfDeps): Shelf {
  const known = createKnownEntries()
  let base: Base | undefined
  const kept = new Map<string, Promise<Shown>>()
  return {
    async shownTo(reader) {
      const entries = await known.of(catalog.current(), now().toISOString().slice(0, 10))
      const rules = visibility.currentRules()
      if (base?.entries !== entries || base.rules !== rules) {
        base = { entries, rules, about: new WeakMap() }
        kept.clear()
      }
      const orderers = orderersOf(directory, reader, rules)
      const key = keyOf(reader, orderers)
      const before = kept.get(key)
      // The least recently used goes first.
      kept.delete(key)
      if (before !== undefined) {
        kept.set(key, before)
        return before
      }
      const making = show(base, [...orderers.values()], reader)
      kept.set(key, making)
      making.catch(() => kept.delete(key))
      const [oldest] = kept.keys()
      if (kept.size > mostOf(entries) && oldest !== undefined) kept.delete(oldest)
      return making
    },
  }
}

/** How many readers' views of this catalog are kept. */
function mostOf({ offerings }: Entries): number {
  const plans = offerings.reduce((sum, each) => sum + each.plans.length, 0)
  return Math.max(1, Math.min(maxKept, Math.floor(maxKeptPlans / Math.max(1, plans))))
}

/** Of those between which neither a rule nor a state makes a difference one, by what differs. */
function orderersOf(
  directory: Directory,
  { organisations }: Reader,
  { organisations: ruled, platforms }: RuleSet,
): ReadonlyMap<string, Orderer> {
  const orderers = new Map<string, Orderer>()
  for (const { id } of organisations) {
    // Its people order through a platform of its own, which rules may name.
    const platformId = directory.consoleOf(id)?.id ?? ''
    const subject = subjectOf(directory, platformId, id)
    const ancestors = [...subject.ancestors].filter((each) => ruled.has(each)).toSorted()
    const refusal = validateOrdering(directory, platformId, id)?.message
    const named = platforms.has(platformId) ? platformId : ''
    const key = [subject.level ?? '', ...ancestors, named, refusal ?? ''].join(' ')
    orderers.set(key, { subject, refusal })
  }
  return orderers
}

function keyOf({ ownProviders }: Reader, orderers: ReadonlyMap<string, Orderer>): string {
  const own = ownProviders === 'all' ? 'all' : [...ownProviders].toSorted()
  return JSON.stringify([own, [...orderers.keys()].toSorted()])
}

async function show(
  { entries, rules, about: known }: Base,
  orderers: readonly Orderer[],
  { ownProviders }: Reader,
): Promise<Shown> {
  const decided = new Map<readonly RuleAbout[], OrderPermission | undefined>()
  const permissionOf = (about: readonly RuleAbout[]): OrderPermission | undefined => {
    if (decided.has(about)) return decided.get(about)
    const permission = permissionFor(
      orderers.map(({ subject, refusal }) => ({ ...rules.decideAbout(about, subject), refusal })),
    )
    decided.set(about, permission)
    return permission
  }
  const aboutOf = (plan: CatalogPlan): readonly RuleAbout[] => {
    const about = known.get(plan) ?? rules.rulesAbout(plan)
    known.set(plan, about)
    return about
  }
  const pause = createPacer()
  const shown: ShownOffering[] = []
  for (const entry of entries.offerings) {
    const isOwn = ownProviders === 'all' || ownProviders.has(entry.provider.name)
    const plans = entry.plans.flatMap((each) => {
      const permission = permissionOf(aboutOf(each.plan)) ?? (isOwn ? unasked : undefined)
      return permission === undefined ? [] : [{ ...each, order: permission }]
    })
    if (plans.length > 0) shown.push({ ...entry, plans })
    const pausing = pause()
    if (pausing !== undefined) await pausing
  }
  const byId = new Map(shown.map((each) => [each.offering.id, each]))
  return { offerings: shown, byId, entries }
}

const unasked: OrderPermission = { mayOrder: null, reason: null }

/**
 * @param decisions  for each organisation that the reader acts for
 * @returns undefined when the plan stays hidden: concealed by a rule, or opened to no organisation
 */
function permissionFor(
  decisions: ReadonlyArray<VisibilityDecision & Pick<Orderer, 'refusal'>>,
): OrderPermission | undefined {
  const open = decisions.filter(({ mayOrder }) => mayOrder)
  if (open.some(({ refusal }) => refusal === undefined)) return { mayOrder: true, reason: null }
  if (open[0] !== undefined) return { mayOrder: false, reason: open[0].refusal ?? null }
  const refused = decisions.find(({ isConcealed, rules }) => !isConcealed && rules.length > 0)
  return refused === undefined
    ? undefined
    : { mayOrder: false, reason: refused.rules[0]?.reason ?? null }
}
