import type { Organisation } from '../../tenancy/organisation.ts'

/** Opens plans to some, or takes them from some. What is null is not asked for; all that is set must hold. */
export interface Rule {
  readonly id: string
  readonly effect: 'allow' | 'deny'
  readonly who: Who
  readonly what: What
  /** Told to those who are refused for it. */
  readonly reason: string
  /** To those who are refused for it, the plan looks like one that does not exist. */
  readonly conceal: boolean
  /** Among operators. */
  readonly comment: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Whom a rule names; everybody if all are null. */
export interface Who {
  readonly platformId: string | null
  /** With its subtree. */
  readonly organisationId: string | null
  readonly level: Organisation['level'] | null
}

/** Which plans a rule names, by ids that never change; every plan if all are null. */
export interface What {
  readonly providerId: string | null
  readonly offeringId: string | null
  readonly planId: string | null
  readonly label: Label | null
}

/** See labels.ts. */
export interface Label {
  readonly name: string
  readonly value: string
}

/** What can be changed of a rule, each whole. */
export type RuleValues = Pick<Rule, 'effect' | 'who' | 'what' | 'reason' | 'conceal' | 'comment'>
