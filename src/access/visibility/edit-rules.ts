import type { Caller } from '../../tenancy/caller.ts'
import { record } from '../../audit/record.ts'
import { lockPublication, markCatalogChanged } from '../../catalog/withdraw.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid, newId } from '../../ids.ts'
import type { CreateVisibilityRule, UpdateVisibilityRule } from '../../types.gen.ts'
import { organisationCalled, plansCalled, platformCalled, type NameDeps } from '../names.ts'
import type { Rule, RuleValues, What, Who } from './rule.ts'
import { deleteRule, findRule, insertRule, listRules, updateRule } from './store.ts'

export interface RuleDeps extends NameDeps {
  readonly now: () => Date
}

// All of them are in memory and looked at for each plan.
const maxRules = 1_000

/**
 * @returns the new rule's id
 * @throws BrokerError `invalid_request` that names the field, `conflict` when there are too many rules
 */
export async function createRule(
  deps: RuleDeps,
  caller: Caller,
  order: CreateVisibilityRule,
): Promise<string> {
  const values: RuleValues = {
    effect: order.effect,
    who: await whoCalled(deps, order.who),
    what: await whatCalled(deps, order.what),
    reason: order.reason,
    conceal: order.conceal ?? false,
    comment: order.comment ?? null,
  }
  const now = deps.now()
  const id = newId(now)
  await write(deps, now, async (tx) => {
    if ((await listRules(tx)).length >= maxRules)
      throw new BrokerError(
        'conflict',
        `There are ${maxRules} rules already, and there cannot be more. Rules by label or organisation name many plans and platforms at once.`,
      )
    await insertRule(tx, id, values, now)
    await tell(tx, caller, 'create', id, values, now)
  })
  return id
}

/**
 * What the change leaves out stays.
 * @throws BrokerError `not_found`, `invalid_request` that names the field
 */
export async function changeRule(
  deps: RuleDeps,
  caller: Caller,
  id: string,
  change: UpdateVisibilityRule,
): Promise<void> {
  const who = change.who === undefined ? undefined : await whoCalled(deps, change.who)
  const what = change.what === undefined ? undefined : await whatCalled(deps, change.what)
  const now = deps.now()
  await write(deps, now, async (tx) => {
    const rule = await present(tx, id)
    const values: RuleValues = {
      effect: change.effect ?? rule.effect,
      who: who ?? rule.who,
      what: what ?? rule.what,
      reason: change.reason ?? rule.reason,
      conceal: change.conceal ?? rule.conceal,
      comment: change.comment === undefined ? rule.comment : change.comment,
    }
    await updateRule(tx, id, values, now)
    await tell(tx, caller, 'change', id, values, now)
  })
}

/** @throws BrokerError `not_found` */
export async function removeRule(deps: RuleDeps, caller: Caller, id: string): Promise<void> {
  const now = deps.now()
  await write(deps, now, async (tx) => {
    const rule = await present(tx, id)
    await deleteRule(tx, id)
    await tell(tx, caller, 'remove', id, rule, now)
  })
}

// The lock keeps two changes of rules apart, too. The catalogs of platforms change with them: that is marked last, for whoever
// changes a platform that the rule names marks it after he has locked that.
async function write(deps: RuleDeps, now: Date, change: (tx: Tx) => Promise<void>): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    await lockPublication(tx)
    await change(tx)
    await markCatalogChanged(tx, now)
    await announce(tx, 'catalog')
  })
}

async function present(tx: Tx, id: string): Promise<Rule> {
  const rule = isUuid(id) ? await findRule(tx, id) : undefined
  if (rule === undefined) throw new BrokerError('not_found', 'There is no such visibility rule.')
  return rule
}

async function whoCalled(deps: RuleDeps, who: CreateVisibilityRule['who']): Promise<Who> {
  return {
    platformId:
      who.platform === undefined
        ? null
        : (await platformCalled(deps, who.platform, 'who.platform')).id,
    organisationId:
      who.organisation === undefined
        ? null
        : (await organisationCalled(deps, who.organisation, 'who.organisation')).id,
    level: who.level ?? null,
  }
}

async function whatCalled(deps: RuleDeps, what: CreateVisibilityRule['what']): Promise<What> {
  return { ...(await plansCalled(deps, what, 'what.')), label: what.label ?? null }
}

async function tell(
  tx: Tx,
  caller: Caller,
  action: 'create' | 'change' | 'remove',
  id: string,
  { effect, who, what, reason, conceal, comment }: RuleValues,
  now: Date,
): Promise<void> {
  const named = {
    ...who,
    ...what,
    label: what.label === null ? null : `${what.label.name}=${what.label.value}`,
  }
  const set = Object.entries(named).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  )
  // Of no organisation: those whom it is about do not read rules, and its comment is not for them.
  await record(tx, {
    at: now,
    actor: caller.actor,
    action,
    objectKind: 'visibility_rule',
    objectId: id,
    outcome: 'succeeded',
    details: {
      effect,
      reason,
      conceal,
      ...Object.fromEntries(set),
      ...(comment === null ? {} : { comment }),
    },
  })
}
