import type { Caller } from '../../tenancy/caller.ts'
import { record } from '../../audit/record.ts'
import { lockPublication, markCatalogChanged } from '../../catalog/withdraw.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid, newId } from '../../ids.ts'
import { requireOrganisation } from '../../tenancy/organisations/resolve-organisation.ts'
import { requirePlatform } from '../../tenancy/resolve-platform.ts'
import type { CreateVisibilityRule, UpdateVisibilityRule } from '../../types.gen.ts'
import type { AccessDeps } from '../deps.ts'
import { resolvePlans } from '../resolve-plans.ts'
import type { Rule, RuleValues, What, Who } from './rule.ts'
import { deleteRule, findRule, insertRule, listRules, updateRule } from './store.ts'

export interface RuleDeps extends AccessDeps {
  readonly now: () => Date
}

// Every process keeps all rules in memory and evaluates them for each plan.
const maxRules = 1_000

/**
 * @returns the new rule's id
 * @throws BrokerError `invalid_request` that names the field, `conflict` when there are too many
 * rules
 */
export async function createRule(
  deps: RuleDeps,
  caller: Caller,
  order: CreateVisibilityRule,
): Promise<string> {
  const values: RuleValues = {
    effect: order.effect,
    who: await resolveWho(deps, caller, order.who),
    what: await resolveWhat(deps, order.what),
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
        `There are ${maxRules} rules already, and there cannot be more. ` +
          'Rules by label or organisation name many plans and platforms at once.',
      )
    await insertRule(tx, id, values, now)
    await recordRule(tx, caller, 'visibility-rule.created', id, values, now)
  })
  return id
}

/**
 * Changes the given fields of a rule.
 * @throws BrokerError `not_found`, `invalid_request` that names the field
 */
export async function changeRule(
  deps: RuleDeps,
  caller: Caller,
  id: string,
  change: UpdateVisibilityRule,
): Promise<void> {
  const who = change.who === undefined ? undefined : await resolveWho(deps, caller, change.who)
  const what = change.what === undefined ? undefined : await resolveWhat(deps, change.what)
  const now = deps.now()
  await write(deps, now, async (tx) => {
    const rule = await requireRule(tx, id)
    const values: RuleValues = {
      effect: change.effect ?? rule.effect,
      who: who ?? rule.who,
      what: what ?? rule.what,
      reason: change.reason ?? rule.reason,
      conceal: change.conceal ?? rule.conceal,
      comment: change.comment === undefined ? rule.comment : change.comment,
    }
    await updateRule(tx, id, values, now)
    await recordRule(tx, caller, 'visibility-rule.changed', id, values, now)
  })
}

/** @throws BrokerError `not_found` */
export async function removeRule(deps: RuleDeps, caller: Caller, id: string): Promise<void> {
  const now = deps.now()
  await write(deps, now, async (tx) => {
    const rule = await requireRule(tx, id)
    await deleteRule(tx, id)
    await recordRule(tx, caller, 'visibility-rule.removed', id, rule, now)
  })
}

// The lock serializes changes of rules, too. The catalog is marked as changed last: a transaction
// that changes a platform named by the rule locks the platform before it marks the catalog, so the
// opposite order could deadlock.
async function write(deps: RuleDeps, now: Date, change: (tx: Tx) => Promise<void>): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    await lockPublication(tx)
    await change(tx)
    await markCatalogChanged(tx, now)
    await announce(tx, 'catalog')
  })
}

async function requireRule(tx: Tx, id: string): Promise<Rule> {
  const rule = isUuid(id) ? await findRule(tx, id) : undefined
  if (rule === undefined) throw new BrokerError('not_found', 'There is no such visibility rule.')
  return rule
}

async function resolveWho(
  { directory }: AccessDeps,
  { scope }: Caller,
  { platform, organisation, level }: CreateVisibilityRule['who'],
): Promise<Who> {
  return {
    platformId:
      platform === undefined
        ? null
        : (await requirePlatform(directory, scope, 'who.platform', platform)).id,
    organisationId:
      organisation === undefined
        ? null
        : (await requireOrganisation(directory, scope, 'who.organisation', organisation)).id,
    level: level ?? null,
  }
}

async function resolveWhat(deps: AccessDeps, what: CreateVisibilityRule['what']): Promise<What> {
  return { ...(await resolvePlans(deps, what, 'what.')), label: what.label ?? null }
}

async function recordRule(
  tx: Tx,
  caller: Caller,
  action: `visibility-rule.${'created' | 'changed' | 'removed'}`,
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
  // No organisation: members of the organisation that the rule names must not read its comment.
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
