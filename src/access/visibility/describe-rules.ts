import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Named, VisibilityRuleView } from '../../types.gen.ts'
import { providerNames, type NameDeps } from '../names.ts'
import type { Rule } from './rule.ts'
import { findRule, listRules } from './store.ts'

/** @throws BrokerError `not_found` */
export async function describeRule(deps: NameDeps, id: string): Promise<VisibilityRuleView> {
  const rule = isUuid(id) ? await findRule(deps.db, id) : undefined
  if (rule === undefined) throw new BrokerError('not_found', 'There is no such visibility rule.')
  return viewOf(deps, await providerNames(deps), rule)
}

/** All rules, oldest first. */
export async function describeRules(deps: NameDeps): Promise<VisibilityRuleView[]> {
  const [rules, providers] = await Promise.all([listRules(deps.db), providerNames(deps)])
  return rules.map((rule) => viewOf(deps, providers, rule))
}

function viewOf(
  { catalog, directory }: NameDeps,
  providers: ReadonlyMap<string, string>,
  rule: Rule,
): VisibilityRuleView {
  const { who, what } = rule
  // A provider that was taken out has no name that could be told.
  const named = (id: string | null, name: string | undefined): Named | undefined =>
    id === null ? undefined : { id, name: name ?? id }
  const present = <Field extends string, Value>(field: Field, value: Value | null | undefined) =>
    value === null || value === undefined ? {} : ({ [field]: value } as Record<Field, Value>)
  const whom = {
    ...present('platform', named(who.platformId, directory.platform(who.platformId ?? '')?.name)),
    ...present(
      'organisation',
      named(who.organisationId, directory.organisation(who.organisationId ?? '')?.name),
    ),
    ...present('level', who.level),
  }
  const which = {
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
    who: Object.keys(whom).length === 0 ? { everybody: true } : whom,
    what: Object.keys(which).length === 0 ? { everything: true } : which,
    reason: rule.reason,
    conceal: rule.conceal,
    comment: rule.comment,
    createdAt: rule.createdAt.toISOString(),
    updatedAt: rule.updatedAt.toISOString(),
  }
}
