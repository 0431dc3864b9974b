import type { Organisation } from '../../tenancy/organisation.ts'

/**
 * Allows or denies plans to subjects. A null field matches everything; all fields that are set must
 * match.
 */
export interface Rule {
  readonly id: string
  readonly effect: 'allow' | 'deny'
  readonly who: Who
  readonly what: What
  /** Shown to a platform that is refused because of the rule. */
  readonly reason: string
  /**
   * To a platform that is refused because of the rule, the plan looks like one that does not exist.
   */
  readonly conceal: boolean
  /** For operators only. */
  readonly comment: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The subjects that a rule names; all if all fields are null. */
export interface Who {
  readonly platformId: string | null
  /** The organisation and its subtree. */
  readonly organisationId: string | null
  readonly level: Organisation['level'] | null
}

/** The plans that a rule names, by ids that never change; all if all fields are null. */
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

/** The fields of a rule that can be changed, each as a whole. */
export type RuleValues = Pick<Rule, 'effect' | 'who' | 'what' | 'reason' | 'conceal' | 'comment'>
