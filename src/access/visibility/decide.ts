import type { CatalogPlan } from '../../catalog/snapshot.ts'
import type { Organisation } from '../../tenancy/organisation.ts'
import { labelsOf } from './labels.ts'
import type { Rule, What, Who } from './rule.ts'

/** Who wants to order: a platform, for an organisation. */
export interface Subject {
  readonly platformId: string
  /** The organisation and those above it. */
  readonly line: ReadonlySet<string>
  readonly level: Organisation['level'] | null
}

/**
 * Whether somebody may order a plan, and by which rules:
 *  - `open`, `closed`  no rule names the plan for anybody, so the default holds
 *  - `denied`          these deny it to him; that goes over every allow
 *  - `allowed`         these open it to him
 *  - `not_allowed`     these open it, and only to others
 */
export interface VisibilityDecision {
  readonly mayOrder: boolean
  readonly because: 'open' | 'closed' | 'denied' | 'allowed' | 'not_allowed'
  readonly rules: readonly Rule[]
  /** One of those that keep it from him conceals it, even if another one would tell him by itself. */
  readonly isConcealed: boolean
}

/** All rules at one moment, with what is known of the plans that they name. */
export interface RuleSet {
  decide(plan: CatalogPlan, subject: Subject): VisibilityDecision
  /** Ids of the organisations that rules name: of others, it makes no difference which of them it is. */
  readonly organisations: ReadonlySet<string>
}

export function ruleSetOf(rules: readonly Rule[], isOpen: boolean): RuleSet {
  const named = new WeakMap<CatalogPlan, readonly Rule[]>()
  const rulesOf = (plan: CatalogPlan): readonly Rule[] => {
    const known = named.get(plan) ?? rules.filter(({ what }) => isMeant(what, plan))
    named.set(plan, known)
    return known
  }
  return {
    organisations: new Set(rules.flatMap(({ who }) => who.organisationId ?? [])),
    decide(plan, subject) {
      const about = rulesOf(plan)
      const forHim = about.filter(({ who }) => isNamed(who, subject))
      const denials = forHim.filter(({ effect }) => effect === 'deny')
      const opened = about.filter(({ effect }) => effect === 'allow')
      const allows = forHim.filter(({ effect }) => effect === 'allow')
      const refusers = allows.length > 0 ? denials : [...denials, ...opened]
      const isConcealed = refusers.some(({ conceal }) => conceal)
      if (denials.length > 0)
        return { mayOrder: false, because: 'denied', rules: denials, isConcealed }
      if (opened.length === 0)
        return { mayOrder: isOpen, because: isOpen ? 'open' : 'closed', rules: [], isConcealed }
      return allows.length > 0
        ? { mayOrder: true, because: 'allowed', rules: allows, isConcealed }
        : { mayOrder: false, because: 'not_allowed', rules: opened, isConcealed }
    },
  }
}

function isMeant({ providerId, offeringId, planId, label }: What, plan: CatalogPlan): boolean {
  return (
    (planId === null || planId === plan.id) &&
    (offeringId === null || offeringId === plan.offering.id) &&
    (providerId === null || providerId === plan.target.providerId) &&
    (label === null || labelsOf(plan, label.name).has(label.value))
  )
}

function isNamed({ platformId, organisationId, level }: Who, subject: Subject): boolean {
  return (
    (platformId === null || platformId === subject.platformId) &&
    (organisationId === null || subject.line.has(organisationId)) &&
    (level === null || level === subject.level)
  )
}
