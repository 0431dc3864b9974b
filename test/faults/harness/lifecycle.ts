// The life of one instance on its platform: ordered, polled, bound, updated, unbound, deleted or
// kept. Records the last answers, which the judge compares with what exists.
import { isInconclusive, type Exchange, type Platform, type Reply } from './platform.ts'
import type { Random } from './random.ts'
import type { Provider } from './providers.ts'

export interface Plan {
  readonly service_id: string
  readonly plan_id: string
}

export interface Offer {
  readonly provider: Provider
  readonly small: Plan
  readonly large: Plan
}

/** What the platform knows of a binding from the answers. */
export interface ReportedBinding {
  state: 'none' | 'there' | 'unknown'
  credentials?: unknown
}

/**
 * What the platform knows of its instance from the answers. A list of plans or sizes: the answer
 * was an error, so either may hold.
 */
export interface Reported {
  instance: 'none' | 'there' | 'unknown'
  plans: readonly string[]
  sizes: ReadonlyArray<number | undefined>
  readonly bindings: Map<string, ReportedBinding>
}

export interface Lifecycle {
  readonly id: string
  readonly offer: Offer
  readonly reported: Reported
  readonly history: Exchange[]
  /** Answers that the specification does not allow. */
  readonly illegal: Set<string>
  isOver: boolean
}

export interface LifecycleDeps {
  readonly platform: Platform
  readonly random: Random
}

type Step = (deps: LifecycleDeps, lifecycle: Lifecycle) => Promise<void>

export function newLifecycle(id: string, offer: Offer): Lifecycle {
  return {
    id,
    offer,
    reported: { instance: 'none', plans: [], sizes: [], bindings: new Map() },
    history: [],
    illegal: new Set(),
    isOver: false,
  }
}

/** @throws RunEnded when the run ends first */
export async function runLifecycle(deps: LifecycleDeps, lifecycle: Lifecycle): Promise<void> {
  const { random, platform } = deps
  const isKept = random.chance(0.35)
  await provision(deps, lifecycle)
  if (lifecycle.reported.instance === 'there') {
    const steps: Step[] = [
      bind,
      ...(random.chance(0.5) ? [bind] : []),
      ...(random.chance(0.7) ? [update] : []),
      ...(random.chance(0.5) ? [unbindOne, bind] : []),
    ]
    for (const step of steps) {
      await step(deps, lifecycle)
      if (random.chance(0.3)) await platform.pause(random.below(500))
    }
    if (!isKept) await end(deps, lifecycle)
  }
  lifecycle.isOver = true
}

const at = (lifecycle: Lifecycle, binding?: string) =>
  `/v2/service_instances/${lifecycle.id}${binding === undefined ? '' : `/service_bindings/${binding}`}`
// Most requests send accepts_incomplete=true.
const acceptsIncomplete = (random: Random) => random.chance(0.75)
const query = (waits: boolean, more = '') => `?accepts_incomplete=${waits}${more}`
const idsOf = ({ service_id: service, plan_id: plan }: Plan) =>
  `&service_id=${service}&plan_id=${plan}`

async function provision(deps: LifecycleDeps, lifecycle: Lifecycle): Promise<void> {
  const { random } = deps
  const { offer, reported } = lifecycle
  const size = random.below(100)
  const body = {
    ...offer.small,
    organization_guid: 'org',
    space_guid: 'space',
    parameters: { lifecycle: lifecycle.id, size },
  }
  reported.instance = 'unknown'
  // Some platforms repeat an order with an unknown outcome, some delete it at once.
  const reply = await order(
    deps,
    lifecycle,
    'PUT',
    at(lifecycle),
    body,
    random.chance(0.7) ? Infinity : 1,
  )
  const isThere = reply.status === 200 || reply.status === 201
  const isMade =
    isThere ||
    (reply.status === 202 &&
      !random.chance(0.08) &&
      (await poll(deps, lifecycle, at(lifecycle), reply.body.operation)) === 'succeeded')
  if (isMade)
    Object.assign(reported, { instance: 'there', plans: [offer.small.plan_id], sizes: [size] })
  else await deleteInstance(deps, lifecycle)
}

async function bind(deps: LifecycleDeps, lifecycle: Lifecycle): Promise<void> {
  const { reported } = lifecycle
  const id = `${lifecycle.id}-b${reported.bindings.size}`
  const binding: ReportedBinding = { state: 'unknown' }
  reported.bindings.set(id, binding)
  const reply = await order(
    deps,
    lifecycle,
    'PUT',
    at(lifecycle, id),
    { ...planOf(lifecycle), parameters: { lifecycle: lifecycle.id, binding: id } },
    deps.random.chance(0.7) ? Infinity : 1,
  )
  if (reply.status === 200 || reply.status === 201)
    Object.assign(binding, { state: 'there', credentials: reply.body.credentials })
  else if (
    reply.status === 202 &&
    (await poll(deps, lifecycle, at(lifecycle, id), reply.body.operation)) === 'succeeded'
  ) {
    const fetched = await deps.platform.sendUntilAnswered(
      { method: 'GET', path: at(lifecycle, id) },
      lifecycle.history,
    )
    if (fetched.status !== 200)
      note(lifecycle, 'a binding that was made cannot be fetched', fetched)
    Object.assign(binding, { state: 'there', credentials: fetched.body?.credentials })
  } else await unbind(deps, lifecycle, id)
}

async function update(deps: LifecycleDeps, lifecycle: Lifecycle): Promise<void> {
  const { random } = deps
  const { offer, reported } = lifecycle
  const size = 100 + random.below(100)
  const changesPlan = random.chance(0.5)
  const body = {
    service_id: offer.small.service_id,
    parameters: { size },
    ...(changesPlan ? { plan_id: offer.large.plan_id } : {}),
  }
  const plans = changesPlan ? [offer.large.plan_id] : reported.plans
  Object.assign(reported, {
    plans: [...new Set([...reported.plans, ...plans])],
    sizes: [...reported.sizes, size],
  })
  const reply = await order(
    deps,
    lifecycle,
    'PATCH',
    at(lifecycle),
    body,
    random.chance(0.7) ? Infinity : 1,
  )
  const isDone =
    reply.status === 200 ||
    (reply.status === 202 &&
      (await poll(deps, lifecycle, at(lifecycle), reply.body.operation)) === 'succeeded')
  if (isDone) Object.assign(reported, { plans, sizes: [size] })
}

async function unbindOne(deps: LifecycleDeps, lifecycle: Lifecycle): Promise<void> {
  const [id] = [...lifecycle.reported.bindings].find(([, { state }]) => state === 'there') ?? []
  if (id !== undefined) await unbind(deps, lifecycle, id)
}

// A platform unbinds first, or leaves that to Kontor.
async function end(deps: LifecycleDeps, lifecycle: Lifecycle): Promise<void> {
  for (const [id, { state }] of deps.random.chance(0.7) ? lifecycle.reported.bindings : []) {
    if (state === 'there') await unbind(deps, lifecycle, id)
  }
  await deleteInstance(deps, lifecycle)
}

async function unbind(deps: LifecycleDeps, lifecycle: Lifecycle, id: string): Promise<void> {
  const binding = lifecycle.reported.bindings.get(id)
  if (binding === undefined) return
  binding.state = 'unknown'
  await remove(deps, lifecycle, at(lifecycle, id))
  binding.state = 'none'
}

async function deleteInstance(deps: LifecycleDeps, lifecycle: Lifecycle): Promise<void> {
  lifecycle.reported.instance = 'unknown'
  await remove(deps, lifecycle, at(lifecycle))
  lifecycle.reported.instance = 'none'
  for (const binding of lifecycle.reported.bindings.values()) binding.state = 'none'
}

// Repeats the delete until the resource is gone.
async function remove(deps: LifecycleDeps, lifecycle: Lifecycle, path: string): Promise<void> {
  let waits = acceptsIncomplete(deps.random)
  for (let retries = 1; ; retries++) {
    const reply = await deps.platform.sendUntilAnswered(
      { method: 'DELETE', path: `${path}${query(waits, idsOf(planOf(lifecycle)))}` },
      lifecycle.history,
    )
    if (reply.status === 200 || reply.status === 410) return
    if (
      reply.status === 202 &&
      (await poll(deps, lifecycle, path, reply.body.operation, true)) === 'succeeded'
    )
      return
    if (reply.status === 422 && reply.body?.error === 'AsyncRequired') waits = true
    else if (reply.status !== 202) note(lifecycle, 'a delete', reply)
    await deps.platform.pause(Math.min(200 * retries, 2_000))
  }
}

/**
 * Sends an order, at first perhaps without accepts_incomplete; then with it, if the provider needs
 * that.
 */
async function order(
  deps: LifecycleDeps,
  lifecycle: Lifecycle,
  method: 'PUT' | 'PATCH',
  path: string,
  body: object,
  maxTries: number,
): Promise<Reply> {
  const ask = (waits: boolean) =>
    deps.platform.sendUntilAnswered(
      { method, path: `${path}${query(waits)}`, body },
      lifecycle.history,
      maxTries,
    )
  const first = await ask(acceptsIncomplete(deps.random))
  const isAsyncRequired = first.status === 422 && first.body?.error === 'AsyncRequired'
  const second = isAsyncRequired ? await ask(true) : undefined
  const reply = second ?? first
  const isDoubtful = first.isDoubtful || second?.isDoubtful === true
  // What an earlier try left behind may conflict with the next.
  const isLegal =
    reply.status < 300 ||
    (reply.status === 409 && isDoubtful && method === 'PUT') ||
    isInconclusive(reply)
  if (!isLegal) note(lifecycle, `${method} ${path}`, reply)
  return reply
}

async function poll(
  deps: LifecycleDeps,
  lifecycle: Lifecycle,
  path: string,
  operation: string | undefined,
  deletes = false,
): Promise<'succeeded' | 'failed'> {
  for (;;) {
    await deps.platform.pause(150 + deps.random.below(300))
    const reply = await deps.platform.sendUntilAnswered(
      {
        method: 'GET',
        path: `${path}/last_operation?operation=${encodeURIComponent(operation ?? '')}`,
      },
      lifecycle.history,
    )
    if (reply.status === 410 && deletes) return 'succeeded'
    if (reply.status !== 200) {
      note(lifecycle, 'a poll', reply)
      return 'failed'
    }
    if (reply.body.state !== 'in progress') return reply.body.state as 'succeeded' | 'failed' // the judge finds any other value
  }
}

// The plan that the platform assumes; after an unclear change the old one.
function planOf({ offer, reported }: Lifecycle): Plan {
  return reported.plans[0] === offer.large.plan_id ? offer.large : offer.small
}

function note(lifecycle: Lifecycle, what: string, { status, text }: Reply): void {
  lifecycle.illegal.add(`${what}: ${status} ${text.slice(0, 300)}`)
}
