// Compares what each platform was told, what our rows say and what each provider holds, when all is over.
import { isDeepStrictEqual } from 'node:util'
import type { Lifecycle } from './lifecycle.ts'
import { platformOf, type Platform } from './platform.ts'
import { randomOf } from './random.ts'
import type { Traffic } from './traffic.ts'
import {
  readOpen,
  readTruth,
  type BindingRow,
  type Held,
  type InstanceRow,
  type Truth,
} from './invariants.ts'
import type { World } from './world.ts'

/**
 *  - `lost`        a platform was told that it is there, and it is not, or is not as it was told
 *  - `duplicated`  one order made more than one thing
 *  - `orphaned`    a provider or a row of ours holds what no platform was told to have
 *  - `stuck`       something did not come to its end
 *  - `illegal`     an answer that the specification does not allow
 *  - `unmeant`     a process ended by itself
 */
export const offences = ['lost', 'duplicated', 'orphaned', 'stuck', 'illegal', 'unmeant'] as const

export interface Offence {
  readonly kind: (typeof offences)[number]
  readonly what: string
  readonly lifecycle?: Lifecycle | undefined
  /** Ids whose traces tell the history. */
  readonly ids: readonly string[]
}

export interface Judgement {
  readonly offences: readonly Offence[]
  /** Instances whose update the platform was told to have failed, while the provider has it in force. */
  readonly drifted: readonly string[]
  /** How many removals are still to come, none of them late. */
  readonly toBeRemoved: number
}

// A removal that has been due for so long is not being looked after.
const overdueMs = 15_000

export async function judge(world: World, traffic: Traffic): Promise<Judgement> {
  const open = await readOpen(world, -overdueMs)
  const truth = await readTruth(world)
  const found: Offence[] = []
  const drifted = new Set<string>()
  for (const row of open)
    found.push({
      kind: 'stuck',
      what: `${row.kind} of ${row.binding_id ?? row.instance_id} is ${row.state}: ${row.description ?? ''}`,
      ids: [row.id],
      lifecycle: traffic.lifecycles.find(({ id }) => id === row.instance_id),
    })
  for (const name of world.crashes)
    found.push({ kind: 'unmeant', what: `${name} ended by itself`, ids: [] })
  for (const { provider, duplicates } of truth.states) {
    for (const twice of duplicates)
      found.push({
        kind: 'duplicated',
        what: `${provider} made ${twice.kind} ${twice.binding_id ?? twice.instance_id} twice`,
        ids: [twice.instance_id],
      })
  }
  const over = new AbortController()
  for (const life of traffic.lifecycles) {
    const name = traffic.platformOf.get(life)
    const platform = platformOf({
      name: name ?? '',
      authorization: world.platforms.find((each) => each.name === name)?.authorization ?? '',
      brokers: world.brokers,
      random: randomOf(1),
      over: over.signal,
    })
    for (const what of life.illegal) found.push({ kind: 'illegal', what, lifecycle: life, ids: [] })
    if (life.isOver) found.push(...(await judgeLife(world, truth, life, platform, drifted)))
    else
      found.push({
        kind: 'stuck',
        what: 'the lifecycle did not come to its end',
        lifecycle: life,
        ids: [],
      })
  }
  over.abort()
  found.push(...findOrphans(truth, traffic))
  return { offences: found, drifted: [...drifted], toBeRemoved: truth.toBeRemoved.length }
}

async function judgeLife(
  world: World,
  truth: Truth,
  life: Lifecycle,
  platform: Platform,
  drifted: Set<string>,
): Promise<Offence[]> {
  const found: Offence[] = []
  const row = truth.instances.find(({ instance_id: id }) => id === life.id)
  const held = truth.held.filter(
    ({ instance }) =>
      instance.parameters['lifecycle'] === life.id &&
      !truth.toBeRemoved.includes(instance.instance_id),
  )
  const say = (kind: Offence['kind'], what: string) => {
    found.push({
      kind,
      what,
      lifecycle: life,
      ids: [row?.id, row?.upstream_id, ...held.map(({ instance }) => instance.instance_id)].filter(
        (id) => id !== undefined,
      ),
    })
  }
  if (held.length > 1) say('duplicated', `${held.length} instances at the provider`)
  if (life.told.instance === 'none') {
    if (row !== undefined)
      say('orphaned', `the platform was told that its instance is gone, our row is ${row.state}`)
    return found
  }
  const own = held.find(({ instance }) => instance.instance_id === row?.upstream_id)
  if (row?.state !== 'ready' || own === undefined) {
    say(
      'lost',
      `the platform was told that its instance is there; our row is ${row?.state ?? 'missing'}, the provider's ${own?.instance.state ?? 'missing'}`,
    )
    return found
  }
  for (const broker of world.brokers) {
    for (const what of await compareInstance(
      life,
      row,
      own,
      (path) => platform.ask({ method: 'GET', path }, life.history, broker),
      drifted,
    ))
      say('lost', `${broker.name}: ${what}`)
    for (const what of await compareBindings(life, truth, row, own, (path) =>
      platform.ask({ method: 'GET', path }, life.history, broker),
    ))
      say('lost', `${broker.name}: ${what}`)
  }
  return found
}

type Get = (path: string) => ReturnType<Platform['ask']>

async function compareInstance(
  life: Lifecycle,
  row: InstanceRow,
  { instance }: Held,
  get: Get,
  drifted: Set<string>,
): Promise<string[]> {
  const { told } = life
  const fetched = await get(`/v2/service_instances/${life.id}`)
  if (fetched.status !== 200)
    return [`the instance cannot be fetched: ${fetched.status} ${fetched.text}`]
  const theirs = { plan: instance.plan_id, size: instance.parameters['size'] }
  const ours = { plan: row.upstream_plan_id, size: fetched.body.parameters?.size as unknown }
  const isAsTold =
    told.plans.includes(fetched.body.plan_id as string) && told.sizes.includes(ours.size as number)
  if (!isAsTold)
    return [
      `the platform was told ${JSON.stringify([told.plans, told.sizes])}, and reads ${fetched.text}`,
    ]
  if (isDeepStrictEqual(ours, theirs)) return []
  const text = `the provider has ${JSON.stringify(theirs)}, we have ${JSON.stringify(ours)}`
  // An update whose end the platform was told is in force, or not, without doubt.
  if (told.sizes.length === 1) return [text]
  drifted.add(`${life.offer.provider.name} ${life.id}: ${text}`)
  return []
}

async function compareBindings(
  life: Lifecycle,
  truth: Truth,
  row: InstanceRow,
  { instance }: Held,
  get: Get,
): Promise<string[]> {
  const wrong: string[] = []
  for (const [id, binding] of life.told.bindings) {
    const mine = truth.bindings.find(
      (each): each is BindingRow => each.instance_key === row.id && each.binding_id === id,
    )
    if (binding.state === 'none') {
      if (mine !== undefined)
        wrong.push(`binding ${id} was told to be gone, our row is ${mine.state}`)
      continue
    }
    const theirs = instance.bindings.find(
      ({ binding_id: upstream }) => upstream === mine?.upstream_id,
    )
    const fetched = await get(`/v2/service_instances/${life.id}/service_bindings/${id}`)
    const credentials = [
      binding.credentials,
      fetched.body?.credentials,
      theirs?.data['credentials'],
    ]
    if (mine?.state !== 'ready' || theirs === undefined)
      wrong.push(
        `binding ${id} was told to be there; our row is ${mine?.state ?? 'missing'}, the provider's ${theirs?.state ?? 'missing'}`,
      )
    else if (
      !credentials.every((each) => each !== undefined && isDeepStrictEqual(each, credentials[0]))
    )
      wrong.push(`binding ${id} has other credentials than were told, or none`)
  }
  return wrong
}

// Whatever a provider holds and no live row of ours accounts for, one that says when it will be removed included.
function findOrphans(
  { instances, bindings, held, toBeRemoved }: Truth,
  { lifecycles }: Traffic,
): Offence[] {
  const found: Offence[] = []
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
