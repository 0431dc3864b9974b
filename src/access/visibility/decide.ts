import type { CatalogPlan } from '../../catalog/snapshot.ts'
import type { Organisation } from '../../tenancy/organisation.ts'
import { hasLabel } from './labels.ts'
import type { Rule, What, Who } from './rule.ts'

/** Who orders: a platform, for an organisation. */
export interface Subject {
  readonly platformId: string
  /** Ids of the organisation and its ancestors. */
  readonly ancestors: ReadonlySet<string>
  readonly level: Organisation['level'] | null
}

/**
 * Whether a subject may order a plan, and which rules decide that:
 *  - `open`, `closed`  no rule allows or denies the plan, so the default applies
 *  - `denied`          these rules deny it to the subject; a denial overrides every allow
 *  - `allowed`         these rules allow it to the subject
 *  - `not_allowed`     these rules allow it, but only to others
 */
export interface VisibilityDecision {
  readonly mayOrder: boolean
  readonly because: 'open' | 'closed' | 'denied' | 'allowed' | 'not_allowed'
  readonly rules: readonly Rule[]
  /**
   * At least one of the refusing rules conceals the plan, so its reason is not shown even if
   * another rule would show one.
   */
  readonly isConcealed: boolean
}

/** A rule that is about a plan. */
export interface RuleAbout extends Rule {
  /**
   * It names a label that cannot be read of this plan: a denial holds, and an allow keeps the plan
   * from all others but gives it to no subject.
   */
  readonly isUnsure?: true
}

/** All rules at one moment. */
export interface RuleSet {
  decide(plan: CatalogPlan, subject: Subject): VisibilityDecision
  /** The rules that name a plan; plans that the same rules name get the same list. */
  rulesAbout(plan: CatalogPlan): readonly RuleAbout[]
  /** As `decide`, for all plans that these rules are about. */
  decideAbout(about: readonly RuleAbout[], subject: Subject): VisibilityDecision
  /** Whether a subject may order a plan that these rules are about. */
  mayOrder(about: readonly RuleAbout[], subject: Subject): boolean
  /** Ids of the organisations that rules name: between all others, no rule makes a difference. */
  readonly organisations: ReadonlySet<string>
  /** The same of platforms. */
  readonly platforms: ReadonlySet<string>
}

export function ruleSetOf(rules: readonly Rule[], isOpen: boolean): RuleSet {
  const lists = new Map<string, readonly RuleAbout[]>()
  // Of plans that are ordered: kept for all plans, they would take more memory than the plans.
  const ordered = new WeakMap<CatalogPlan, readonly RuleAbout[]>()
  const rulesAbout = (plan: CatalogPlan): readonly RuleAbout[] => {
    const list = rules.flatMap((rule) => ruleAbout(rule, plan))
    const key = list.map(({ id, isUnsure }) => `${id}${isUnsure ? '?' : ''}`).join(' ')
    const known = lists.get(key) ?? list
    lists.set(key, known)
    return known
  }
  return {
    rulesAbout,
    decideAbout: (about, subject) => decide(about, subject, isOpen),
    mayOrder: (about, subject) => decide(about, subject, isOpen).mayOrder,
    organisations: new Set(rules.flatMap(({ who }) => who.organisationId ?? [])),
    platforms: new Set(rules.flatMap(({ who }) => who.platformId ?? [])),
    decide(plan, subject) {
      const about = ordered.get(plan) ?? rulesAbout(plan)
      ordered.set(plan, about)
      return decide(about, subject, isOpen)
    },
  }
}

function decide(
  about: readonly RuleAbout[],
  subject: Subject,
  isOpen: boolean,
): VisibilityDecision {
  const applying = about.filter(({ who }) => isNamed(who, subject))
  const denials = applying.filter(({ effect }) => effect === 'deny')
  const opened = about.filter(({ effect }) => effect === 'allow')
  const allows = applying.filter(({ effect, isUnsure }) => effect === 'allow' && !isUnsure)
  const refusers = allows.length > 0 ? denials : [...denials, ...opened]
  const isConcealed = refusers.some(({ conceal }) => conceal)
  if (denials.length > 0) return { mayOrder: false, because: 'denied', rules: denials, isConcealed }
  if (opened.length === 0)
    return { mayOrder: isOpen, because: isOpen ? 'open' : 'closed', rules: [], isConcealed }
  return allows.length > 0
    ? { mayOrder: true, because: 'allowed', rules: allows, isConcealed }
    : { mayOrder: false, because: 'not_allowed', rules: opened, isConcealed }
}

function ruleAbout(rule: Rule, plan: CatalogPlan): RuleAbout[] {
  const { label } = rule.what
  if (!isAbout(rule.what, plan)) return []
  const isLabelled = label === null || hasLabel(plan, label)
  if (isLabelled === undefined) return [{ ...rule, isUnsure: true }]
  return isLabelled ? [rule] : []
}

function isAbout({ providerId, offeringId, planId }: What, plan: CatalogPlan): boolean {
  return (
    (planId === null || planId === plan.id) &&
    (offeringId === null || offeringId === plan.offering.id) &&
    (providerId === null || providerId === plan.target.providerId)
  )
}

function isNamed({ platformId, organisationId, level }: Who, subject: Subject): boolean {
  return (
    (platformId === null || platformId === subject.platformId) &&
    (organisationId === null || subject.ancestors.has(organisationId)) &&
    (level === null || level === subject.level)
  )
}
