// What really is: Kontor's rows, and what every provider holds.
import type {
  BindingRecord,
  InstanceRecord,
  SimulatorState,
} from '../../../tools/simulator/types.ts'
import type { World } from './world.ts'

export interface InstanceRow {
  id: string
  platform: string
  instance_id: string
  provider: string
  state: string
  upstream_id: string
  upstream_plan_id: string
}
export interface BindingRow {
  instance_key: string
  binding_id: string
  state: string
  upstream_id: string
}
export interface OpenRow {
  id: string
  instance_id: string
  binding_id: string | null
  kind: string
  state: string
  retries: number
  description: string | null
}

export interface Held {
  readonly provider: string
  readonly instance: InstanceRecord & { bindings: BindingRecord[] }
}

export interface ActualState {
  /** Live rows only. */
  readonly instances: readonly InstanceRow[]
  readonly bindings: readonly BindingRow[]
  /** The providers' ids of instances and bindings that will be removed. */
  readonly toBeRemoved: readonly string[]
  readonly held: readonly Held[]
  readonly states: readonly SimulatorState[]
}

/**
 * What is unfinished: operations, and removals due within `withinMs` (that of a process that died
 * may be more than a minute away). Below zero: overdue by so much.
 */
export async function readOpen({ database }: World, withinMs: number): Promise<OpenRow[]> {
  const operations = await database.read<OpenRow>(
    "select id, instance_id, binding_id, kind, state, retries, description from operations where state not in ('succeeded', 'failed')",
  )
  const orphans = await database.read<OpenRow>(
    "select id, instance_id, binding_id, 'orphan' as kind, state, retries, answer as description from orphans where state = 'open' and coalesce(lease_until, next_retry_at, now() - interval '1 hour') < now() + $1 * interval '1 ms'",
    [withinMs],
  )
  return [...operations, ...orphans]
}

/** Accounts of organisations and platforms for a plan that differ from the instances. */
export async function readMiscounted({
  database,
}: World): Promise<Array<{ holder: string; plan: string; counted: number; entered: number }>> {
  return database.read(
    `with instance as (
      select coalesce(organisation_id, platform_id) as holder, plan_id as plan, count(*) as counted
      from instances where deleted_at is null and (state <> 'failed' or may_exist) group by 1, 2),
    entry as (
      select holder, plan, sum(amount) as entered from (
        select holder, scope as plan, balance as amount from ledger_balances
        union all
        select holders[1], scopes[1], amount from ledger_unposted) as both_parts
      where holder in (select id from platforms union select id from organisations)
        and plan in (select id from plans)
      group by 1, 2)
    select holder, plan, coalesce(counted, 0)::int as counted, coalesce(entered, 0)::int as entered
    from instance full join entry using (holder, plan)
    where coalesce(counted, 0) <> coalesce(entered, 0)`,
  )
}

export async function readActualState({ database, providers }: World): Promise<ActualState> {
  const [instances, bindings, orphans, states] = await Promise.all([
    database.read<InstanceRow>(
      'select i.id, p.name as platform, i.instance_id, v.name as provider, i.state, i.upstream_id, i.upstream_plan_id from instances i join platforms p on p.id = i.platform_id join providers v on v.id = i.provider_id where i.deleted_at is null',
    ),
    database.read<BindingRow>(
      'select instance_key, binding_id, state, upstream_id from bindings where deleted_at is null',
    ),
    database.read<{ upstream: string }>(
      "select coalesce(upstream_binding_id, upstream_id) as upstream from orphans where state = 'open'",
    ),
    Promise.all(providers.map((provider) => provider.state())),
  ])
  return {
    instances,
    bindings,
    states,
    toBeRemoved: orphans.map(({ upstream }) => upstream),
    held: states.flatMap(({ provider, instances: all }) =>
      all.map((instance) => ({ provider, instance })),
    ),
  }
}
