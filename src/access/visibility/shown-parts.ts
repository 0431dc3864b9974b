import type { Dialect } from '../../catalog/rendering/dialect.ts'
import { renderPart, type PartView } from '../../catalog/rendering/part-view.ts'
import type { CatalogPart, CatalogPlan } from '../../catalog/snapshot.ts'
import type { RuleSet } from './decide.ts'
import type { Rule } from './rule.ts'

/**
 * What platforms see of each provider under one set of rules. The plans of a provider fall into few
 * groups that the same rules are about, so a view follows from few decisions, and platforms for
 * which these are equal share it.
 */
export interface ShownParts {
  /**
   * @param mayOrder  whether a platform may order plans that these rules are about
   * @returns a promise only for a view that no platform had before
   */
  viewOf(
    part: CatalogPart,
    mayOrder: (about: readonly Rule[]) => boolean,
    dialect: Dialect,
  ): PartView | Promise<PartView>
}

interface Groups {
  readonly lists: ReadonlyArray<readonly Rule[]>
  /** Of a plan; not stored if there is one list for all. */
  listOf(plan: CatalogPlan): readonly Rule[] | undefined
  /** By dialect and decisions. */
  readonly views: Map<string, PartView>
}

type Pause = () => Promise<void> | undefined

/** @param pause  called often; of a pacer */
export function createShownParts(ruleSet: RuleSet, pause: Pause): ShownParts {
  const known = new WeakMap<CatalogPart, Groups>()

  const make = async (
    part: CatalogPart,
    mayOrder: (about: readonly Rule[]) => boolean,
    dialect: Dialect,
  ): Promise<PartView> => {
    const groups = known.get(part) ?? (await groupsOf(part, ruleSet, pause))
    known.set(part, groups)
    const shown = new Set(groups.lists.filter(mayOrder))
    const isShown = (plan: CatalogPlan) => {
      const list = groups.listOf(plan)
      return list !== undefined && shown.has(list)
    }
    const view = await renderPart(part, isShown, dialect, pause)
    groups.views.set(keyOf(groups, mayOrder, dialect), view)
    return view
  }

  return {
    viewOf(part, mayOrder, dialect) {
      const groups = known.get(part)
      const view = groups?.views.get(keyOf(groups, mayOrder, dialect))
      return view ?? make(part, mayOrder, dialect)
    },
  }
}

function keyOf(
  { lists }: Groups,
  mayOrder: (about: readonly Rule[]) => boolean,
  dialect: Dialect,
): string {
  let key = dialect.name
  for (const list of lists) key += mayOrder(list) ? ' 1' : ' 0'
  return key
}

async function groupsOf(part: CatalogPart, ruleSet: RuleSet, pause: Pause): Promise<Groups> {
  const lists = new Map<CatalogPlan, readonly Rule[]>()
  for (const { plans } of part.offerings.values()) {
    for (const plan of plans) {
      if (!plan.isPublished) continue
      lists.set(plan, ruleSet.rulesAbout(plan))
      // Most often there is nothing to wait for.
      const pausing = pause()
      if (pausing !== undefined) await pausing
    }
  }
  const distinct = [...new Set(lists.values())]
  const [only, ...others] = distinct
  return {
    lists: distinct,
    listOf: others.length === 0 ? () => only : (plan) => lists.get(plan),
    views: new Map(),
  }
}
