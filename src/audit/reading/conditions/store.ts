// Which audit events a filter finds.
import { sql, type ExpressionBuilder, type RawBuilder } from 'kysely'
import type { DB } from '../../../db/schema.gen.ts'
import { formerActionOf } from '../former-actions.ts'

export interface EventFilter {
  /** Included. */
  readonly from?: string | undefined
  /** Not included. */
  readonly to?: string | undefined
  readonly objectKind?: string | undefined
  readonly objectId?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly outcome?: string | undefined
}

/** Which events a filter finds of those that are visible. */
export function conditionsOf(
  by: ExpressionBuilder<DB, 'audit_events'>,
  organisations: readonly string[] | undefined,
  filter: EventFilter,
) {
  const { from, to, objectKind, objectId, actor, action, outcome } = filter
  return [
    isVisibleTo(organisations),
    ...(from === undefined ? [] : [by('audit_events.at', '>=', sql<Date>`${from}::timestamptz`)]),
    ...(to === undefined ? [] : [by('audit_events.at', '<', sql<Date>`${to}::timestamptz`)]),
    ...(objectKind === undefined ? [] : [by('audit_events.object_kind', '=', objectKind)]),
    ...(objectId === undefined ? [] : [by('audit_events.object_id', '=', objectId)]),
    ...(objectId === undefined || objectKind !== undefined ? [] : [isOfAnyKind]),
    ...(actor === undefined ? [] : [by('audit_events.actor', '=', actor)]),
    ...(action === undefined ? [] : [isAction(by, action)]),
    ...(outcome === undefined ? [] : [isOutcome(outcome)]),
  ]
}

// The index of objects begins with their kind, of which there are few: each is found by the one
// before it, and then the object is looked up with each of them.
const isOfAnyKind = sql<boolean>`audit_events.object_kind = any(array(
  with recursive kinds (kind) as (
    (select object_kind from audit_events order by object_kind limit 1)
    union all
    select (select object_kind from audit_events where object_kind > kinds.kind
      order by object_kind limit 1)
    from kinds where kinds.kind is not null)
  select kind from kinds where kind is not null))`

const frequentOutcomes = ['succeeded', 'accepted']

// Literals in this and the next: the planner uses the indexes of what is rare only if it sees their
// condition.
function isOutcome(outcome: string): RawBuilder<boolean> {
  const isIt = sql<boolean>`audit_events.outcome = ${outcome}`
  return frequentOutcomes.includes(outcome)
    ? isIt
    : sql<boolean>`(${isIt} and audit_events.outcome not in ('succeeded', 'accepted'))`
}

/** @param organisations  as `listFiltered` has it */
export function isVisibleTo(organisations: readonly string[] | undefined): RawBuilder<boolean> {
  if (organisations === undefined) return sql<boolean>`true`
  // With `=` the index returns the events of one organisation in order; with `any` it does not.
  return organisations.length === 1
    ? sql<boolean>`audit_events.organisation_id = ${organisations[0]}::uuid`
    : sql<boolean>`audit_events.organisation_id = any(${organisations}::uuid[])`
}

const frequentActions = ['provision', 'update', 'deprovision', 'bind', 'unbind']
const isFrequent = (action: string) =>
  frequentActions.includes(action.replace(/^(?:instance|binding)\./, ''))

function isAction(by: ExpressionBuilder<DB, 'audit_events'>, action: string) {
  const isIt = isNamed(by, action)
  return isFrequent(action)
    ? isIt
    : by.and([
        isIt,
        sql<boolean>`audit_events.action not in ('instance.provision', 'instance.update',
          'instance.deprovision', 'binding.bind', 'binding.unbind', 'provision', 'update',
          'deprovision', 'bind', 'unbind')`,
      ])
}

/** Stored events keep the action that 0.1 gave them, so a filter by a new name looks for both. */
function isNamed(by: ExpressionBuilder<DB, 'audit_events'>, action: string) {
  const isStored = by('audit_events.action', '=', action)
  const former = formerActionOf(action)
  if (former === undefined) return isStored
  const isFormer = by('audit_events.action', '=', former.action)
  return former.objectKind === undefined
    ? isStored.or(isFormer)
    : isStored.or(isFormer.and('audit_events.object_kind', '=', former.objectKind))
}
