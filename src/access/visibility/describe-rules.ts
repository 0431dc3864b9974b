import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Named, VisibilityRuleView } from '../../types.gen.ts'
import type { AccessDeps } from '../deps.ts'
import { providerNames } from '../provider-names.ts'
import type { Rule } from './rule.ts'
import { findRule, listRules } from './store.ts'

/** @throws BrokerError `not_found` */
export async function describeRule(deps: AccessDeps, id: string): Promise<VisibilityRuleView> {
  const rule = isUuid(id) ? await findRule(deps.db, id) : undefined
  if (rule === undefined) throw new BrokerError('not_found', 'There is no such visibility rule.')
  return viewOf(deps, await providerNames(deps.db), rule)
}

/** All rules, oldest first. */
export async function describeRules(deps: AccessDeps): Promise<VisibilityRuleView[]> {
  const [rules, providers] = await Promise.all([listRules(deps.db), providerNames(deps.db)])
  return rules.map((rule) => viewOf(deps, providers, rule))
}

function viewOf(
  { catalog, directory }: AccessDeps,
  providers: ReadonlyMap<string, string>,
  rule: Rule,
): VisibilityRuleView {
  const { who, what } = rule
  // A removed provider has no name any more.
  const named = (id: string | null, name: string | undefined): Named | undefined =>
    id === null ? undefined : { id, name: name ?? id }
  const present = <Field extends string, Value>(field: Field, value: Value | null | undefined) =>
    value === null || value === undefined ? {} : ({ [field]: value } as Record<Field, Value>)
  const subjects = {
    ...present('platform', named(who.platformId, directory.platform(who.platformId ?? '')?.name)),
    ...present(
      'organisation',
      named(who.organisationId, directory.organisation(who.organisationId ?? '')?.name),
    ),
    ...present('level', who.level),
  }
  const plans = {
    ...present('provider', named(what.providerId, providers.get(what.providerId ?? ''))),
    ...present(
      'offering',
      named(what.offeringId, catalog.current().offerings.get(what.offeringId ?? '')?.name),
    ),
    ...present('plan', named(what.planId, catalog.current().plans.get(what.planId ?? '')?.name)),
    ...present('label', what.label),
  }
  return {
    id: rule.id,
    effect: rule.effect,
    who: Object.keys(subjects).length === 0 ? { everybody: true } : subjects,
    what: Object.keys(plans).length === 0 ? { everything: true } : plans,
    reason: rule.reason,
    conceal: rule.conceal,
    comment: rule.comment,
    createdAt: rule.createdAt.toISOString(),
    updatedAt: rule.updatedAt.toISOString(),
  }
}
