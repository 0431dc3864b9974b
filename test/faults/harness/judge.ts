// Compares what each platform was answered, what Kontor's rows say and what each provider holds,
// once all is settled.
import { isDeepStrictEqual } from 'node:util'
import type { Lifecycle } from './lifecycle.ts'
import { platformOf, type Platform } from './platform.ts'
import { randomOf } from './random.ts'
import type { Traffic } from './traffic.ts'
import {
  readOpen,
  readActualState,
  readMiscounted,
  type BindingRow,
  type Held,
  type InstanceRow,
  type ActualState,
} from './invariants.ts'
import type { World } from './world.ts'

/**
 *  - `lost`        a platform was answered that a resource exists, and it does not, or differs
 *  - `duplicated`  one order made more than one resource
 *  - `orphaned`    a provider or a row holds a resource that no platform has
 *  - `stuck`       an operation or lifecycle did not end
 *  - `miscounted`  an account of the ledger differs from the instances
 *  - `illegal`     an answer that the specification does not allow
 *  - `crashed`     a process ended by itself
 */
export const violations = [
  'lost',
  'duplicated',
  'orphaned',
  'stuck',
  'miscounted',
  'illegal',
  'crashed',
] as const

export interface Violation {
  readonly kind: (typeof violations)[number]
  readonly what: string
  readonly lifecycle?: Lifecycle | undefined
  /** Ids to search rows, journals and logs for. */
  readonly ids: readonly string[]
}

export interface Judgement {
  readonly violations: readonly Violation[]
  /** Instances with an update that failed for the platform but is in force at the provider. */
  readonly drifted: readonly string[]
  /** How many removals are still to come and not overdue. */
  readonly toBeRemoved: number
}

// A removal overdue by so much counts as stuck.
const overdueMs = 15_000

export async function judge(world: World, traffic: Traffic): Promise<Judgement> {
  const open = await readOpen(world, -overdueMs)
  const actual = await readActualState(world)
  const found: Violation[] = []
  const drifted = new Set<string>()
  for (const row of open)
    found.push({
      kind: 'stuck',
      what: `${row.kind} of ${row.binding_id ?? row.instance_id} is ${row.state}: ${row.description ?? ''}`,
      ids: [row.id],
      lifecycle: traffic.lifecycles.find(({ id }) => id === row.instance_id),
    })
  for (const name of world.crashes)
    found.push({ kind: 'crashed', what: `${name} ended by itself`, ids: [] })
  for (const { provider, duplicates } of actual.states) {
    for (const twice of duplicates)
      found.push({
        kind: 'duplicated',
        what: `${provider} made ${twice.kind} ${twice.binding_id ?? twice.instance_id} twice`,
        ids: [twice.instance_id],
      })
  }
  const over = new AbortController()
  for (const lifecycle of traffic.lifecycles) {
    const name = traffic.platformOf.get(lifecycle)
    const platform = platformOf({
      name: name ?? '',
      authorization: world.platforms.find((each) => each.name === name)?.authorization ?? '',
      brokers: world.brokers,
      random: randomOf(1),
      over: over.signal,
    })
    for (const what of lifecycle.illegal) found.push({ kind: 'illegal', what, lifecycle, ids: [] })
    if (lifecycle.isOver)
      found.push(...(await judgeLife(world, actual, lifecycle, platform, drifted)))
    else
      found.push({
        kind: 'stuck',
        what: 'the lifecycle did not come to its end',
        lifecycle,
        ids: [],
      })
  }
  over.abort()
  found.push(...findOrphans(actual, traffic))
  for (const { holder, plan, counted, entered } of await readMiscounted(world))
    found.push({
      kind: 'miscounted',
      what: `${holder} has ${counted} instances of plan ${plan}, in the ledger ${entered}`,
      ids: [],
    })
  return { violations: found, drifted: [...drifted], toBeRemoved: actual.toBeRemoved.length }
}

async function judgeLife(
  world: World,
  actual: ActualState,
  lifecycle: Lifecycle,
  platform: Platform,
  drifted: Set<string>,
): Promise<Violation[]> {
  const found: Violation[] = []
  const row = actual.instances.find(({ instance_id: id }) => id === lifecycle.id)
  const held = actual.held.filter(
    ({ instance }) =>
      instance.parameters['lifecycle'] === lifecycle.id &&
      !actual.toBeRemoved.includes(instance.instance_id),
  )
  const report = (kind: Violation['kind'], what: string) => {
    found.push({
      kind,
      what,
      lifecycle,
      ids: [row?.id, row?.upstream_id, ...held.map(({ instance }) => instance.instance_id)].filter(
        (id) => id !== undefined,
      ),
    })
  }
  if (held.length > 1) report('duplicated', `${held.length} instances at the provider`)
  if (lifecycle.reported.instance === 'none') {
    if (row !== undefined)
      report('orphaned', `the platform has deleted its instance, Kontor's row is ${row.state}`)
    return found
  }
  const own = held.find(({ instance }) => instance.instance_id === row?.upstream_id)
  if (row?.state !== 'ready' || own === undefined) {
    report(
      'lost',
      `for the platform its instance exists; Kontor's row is ${row?.state ?? 'missing'}, the provider's ${own?.instance.state ?? 'missing'}`,
    )
    return found
  }
  for (const broker of world.brokers) {
    for (const what of await compareInstance(
      lifecycle,
      row,
      own,
      (path) => platform.send({ method: 'GET', path }, lifecycle.history, broker),
      drifted,
    ))
      report('lost', `${broker.name}: ${what}`)
    for (const what of await compareBindings(lifecycle, actual, row, own, (path) =>
      platform.send({ method: 'GET', path }, lifecycle.history, broker),
    ))
      report('lost', `${broker.name}: ${what}`)
  }
  return found
}

type Get = (path: string) => ReturnType<Platform['send']>

async function compareInstance(
  lifecycle: Lifecycle,
  row: InstanceRow,
  { instance }: Held,
  get: Get,
  drifted: Set<string>,
): Promise<string[]> {
  const { reported } = lifecycle
  const fetched = await get(`/v2/service_instances/${lifecycle.id}`)
  if (fetched.status !== 200)
    return [`the instance cannot be fetched: ${fetched.status} ${fetched.text}`]
  const theirs = { plan: instance.plan_id, size: instance.parameters['size'] }
  const ours = { plan: row.upstream_plan_id, size: fetched.body.parameters?.size as unknown }
  const isAsReported =
    reported.plans.includes(fetched.body.plan_id as string) &&
    reported.sizes.includes(ours.size as number)
  if (!isAsReported)
    return [
      `the platform was answered ${JSON.stringify([reported.plans, reported.sizes])}, and reads ${fetched.text}`,
    ]
  if (isDeepStrictEqual(ours, theirs)) return []
  const text = `the provider has ${JSON.stringify(theirs)}, Kontor has ${JSON.stringify(ours)}`
  // An update with a known outcome is in force, or not, without doubt.
  if (reported.sizes.length === 1) return [text]
  drifted.add(`${lifecycle.offer.provider.name} ${lifecycle.id}: ${text}`)
  return []
}

async function compareBindings(
  lifecycle: Lifecycle,
  actual: ActualState,
  row: InstanceRow,
  { instance }: Held,
  get: Get,
): Promise<string[]> {
  const wrong: string[] = []
  for (const [id, binding] of lifecycle.reported.bindings) {
    const mine = actual.bindings.find(
      (each): each is BindingRow => each.instance_key === row.id && each.binding_id === id,
    )
    if (binding.state === 'none') {
      if (mine !== undefined)
        wrong.push(`for the platform binding ${id} is gone, Kontor's row is ${mine.state}`)
      continue
    }
    const theirs = instance.bindings.find(
      ({ binding_id: upstream }) => upstream === mine?.upstream_id,
    )
    const fetched = await get(`/v2/service_instances/${lifecycle.id}/service_bindings/${id}`)
    const credentials = [
      binding.credentials,
      fetched.body?.credentials,
      theirs?.data['credentials'],
    ]
    if (mine?.state !== 'ready' || theirs === undefined)
      wrong.push(
        `for the platform binding ${id} exists; Kontor's row is ${mine?.state ?? 'missing'}, the provider's ${theirs?.state ?? 'missing'}`,
      )
    else if (
      !credentials.every((each) => each !== undefined && isDeepStrictEqual(each, credentials[0]))
    )
      wrong.push(`binding ${id} has other credentials than the platform was given, or none`)
  }
  return wrong
}

// What a provider holds without a live row and without an orphan that will remove it.
function findOrphans(
  { instances, bindings, held, toBeRemoved }: ActualState,
  { lifecycles }: Traffic,
): Violation[] {
  const found: Violation[] = []
  for (const { provider, instance } of held) {
    const row = instances.find(
      (each) => each.provider === provider && each.upstream_id === instance.instance_id,
    )
    const lifecycle = lifecycles.find(({ id }) => id === instance.parameters['lifecycle'])
    if (row === undefined && !toBeRemoved.includes(instance.instance_id))
      found.push({
        kind: 'orphaned',
        what: `${provider} holds an instance that is ${instance.state}`,
        ids: [instance.instance_id],
        lifecycle,
      })
    if (row === undefined) continue
    for (const binding of instance.bindings) {
      const mine = bindings.find(
        (each) => each.instance_key === row.id && each.upstream_id === binding.binding_id,
      )
      if (mine === undefined && !toBeRemoved.includes(binding.binding_id))
        found.push({
          kind: 'orphaned',
          what: `${provider} holds a binding that is ${binding.state}`,
          ids: [binding.binding_id, instance.instance_id],
          lifecycle,
        })
    }
  }
  return found
}
