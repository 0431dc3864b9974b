// One life of an instance, as a platform leads it: ordered, polled, bound, changed, unbound, deleted or kept. It notes what
// the platform was told last; the judge compares that with what is there.
import { isToRepeat, type Exchange, type Platform, type Reply } from './platform.ts'
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

/** What the platform was told of a binding. */
export interface ToldBinding {
  state: 'none' | 'there' | 'unknown'
  credentials?: unknown
}

/** What the platform was told of its instance. A list of plans or sizes: it was told an error, so either may hold. */
export interface Told {
  instance: 'none' | 'there' | 'unknown'
  plans: readonly string[]
  sizes: ReadonlyArray<number | undefined>
  readonly bindings: Map<string, ToldBinding>
}

export interface Lifecycle {
  readonly id: string
  readonly offer: Offer
  readonly told: Told
  readonly history: Exchange[]
  /** Answers that the specification does not allow there. */
  readonly illegal: Set<string>
  isOver: boolean
}

export interface LifecycleDeps {
  readonly platform: Platform
  readonly random: Random
}

type Step = (deps: LifecycleDeps, life: Lifecycle) => Promise<void>

export function newLifecycle(id: string, offer: Offer): Lifecycle {
  return {
    id,
    offer,
    told: { instance: 'none', plans: [], sizes: [], bindings: new Map() },
    history: [],
    illegal: new Set(),
    isOver: false,
  }
}

/** @throws GivenUp when the run ends before the life does */
export async function live(deps: LifecycleDeps, life: Lifecycle): Promise<void> {
  const { random, platform } = deps
  const isKept = random.chance(0.35)
  await provision(deps, life)
  if (life.told.instance === 'there') {
    const steps: Step[] = [
      bind,
      ...(random.chance(0.5) ? [bind] : []),
      ...(random.chance(0.7) ? [update] : []),
      ...(random.chance(0.5) ? [unbindOne, bind] : []),
    ]
    for (const step of steps) {
      await step(deps, life)
      if (random.chance(0.3)) await platform.pause(random.below(500))
    }
    if (!isKept) await end(deps, life)
  }
  life.isOver = true
}

const at = (life: Lifecycle, binding?: string) =>
  `/v2/service_instances/${life.id}${binding === undefined ? '' : `/service_bindings/${binding}`}`
// Whoever cannot wait may always ask so first; most can.
const waiting = (random: Random) => random.chance(0.75)
const query = (waits: boolean, more = '') => `?accepts_incomplete=${waits}${more}`
const idsOf = ({ service_id: service, plan_id: plan }: Plan) =>
  `&service_id=${service}&plan_id=${plan}`

async function provision(deps: LifecycleDeps, life: Lifecycle): Promise<void> {
  const { random } = deps
  const { offer, told } = life
  const size = random.below(100)
  const body = {
    ...offer.small,
    organization_guid: 'org',
    space_guid: 'space',
    parameters: { lifecycle: life.id, size },
  }
  told.instance = 'unknown'
  // Some platforms repeat an order whose end they do not know, some delete it at once.
  const reply = await order(deps, life, 'PUT', at(life), body, random.chance(0.7) ? Infinity : 1)
  const isThere = reply.status === 200 || reply.status === 201
  const isMade =
    isThere ||
    (reply.status === 202 &&
      !random.chance(0.08) &&
      (await poll(deps, life, at(life), reply.body.operation)) === 'succeeded')
  if (isMade)
    Object.assign(told, { instance: 'there', plans: [offer.small.plan_id], sizes: [size] })
  else await deleteInstance(deps, life)
}

async function bind(deps: LifecycleDeps, life: Lifecycle): Promise<void> {
  const { told } = life
  const id = `${life.id}-b${told.bindings.size}`
  const binding: ToldBinding = { state: 'unknown' }
  told.bindings.set(id, binding)
  const reply = await order(
    deps,
    life,
    'PUT',
    at(life, id),
    { ...planOf(life), parameters: { lifecycle: life.id, binding: id } },
    deps.random.chance(0.7) ? Infinity : 1,
  )
  if (reply.status === 200 || reply.status === 201)
    Object.assign(binding, { state: 'there', credentials: reply.body.credentials })
  else if (
    reply.status === 202 &&
    (await poll(deps, life, at(life, id), reply.body.operation)) === 'succeeded'
  ) {
    const fetched = await deps.platform.insist({ method: 'GET', path: at(life, id) }, life.history)
    if (fetched.status !== 200) note(life, 'a binding that was made cannot be fetched', fetched)
    Object.assign(binding, { state: 'there', credentials: fetched.body?.credentials })
  } else await unbind(deps, life, id)
}

async function update(deps: LifecycleDeps, life: Lifecycle): Promise<void> {
  const { random } = deps
  const { offer, told } = life
  const size = 100 + random.below(100)
  const changesPlan = random.chance(0.5)
  const body = {
    service_id: offer.small.service_id,
    parameters: { size },
    ...(changesPlan ? { plan_id: offer.large.plan_id } : {}),
  }
  const plans = changesPlan ? [offer.large.plan_id] : told.plans
  Object.assign(told, {
    plans: [...new Set([...told.plans, ...plans])],
    sizes: [...told.sizes, size],
  })
  const reply = await order(deps, life, 'PATCH', at(life), body, random.chance(0.7) ? Infinity : 1)
  const isDone =
    reply.status === 200 ||
    (reply.status === 202 &&
      (await poll(deps, life, at(life), reply.body.operation)) === 'succeeded')
  if (isDone) Object.assign(told, { plans, sizes: [size] })
}

async function unbindOne(deps: LifecycleDeps, life: Lifecycle): Promise<void> {
  const [id] = [...life.told.bindings].find(([, { state }]) => state === 'there') ?? []
  if (id !== undefined) await unbind(deps, life, id)
}

// A platform unbinds first, but it may also leave that to us.
async function end(deps: LifecycleDeps, life: Lifecycle): Promise<void> {
  for (const [id, { state }] of deps.random.chance(0.7) ? life.told.bindings : []) {
    if (state === 'there') await unbind(deps, life, id)
  }
  await deleteInstance(deps, life)
}

async function unbind(deps: LifecycleDeps, life: Lifecycle, id: string): Promise<void> {
  const binding = life.told.bindings.get(id)
  if (binding === undefined) return
  binding.state = 'unknown'
  await remove(deps, life, at(life, id))
  binding.state = 'none'
}

async function deleteInstance(deps: LifecycleDeps, life: Lifecycle): Promise<void> {
  life.told.instance = 'unknown'
  await remove(deps, life, at(life))
  life.told.instance = 'none'
  for (const binding of life.told.bindings.values()) binding.state = 'none'
}

// Until it is gone: a delete that fails is sent again.
async function remove(deps: LifecycleDeps, life: Lifecycle, path: string): Promise<void> {
  let waits = waiting(deps.random)
  for (let retries = 1; ; retries++) {
    const reply = await deps.platform.insist(
      { method: 'DELETE', path: `${path}${query(waits, idsOf(planOf(life)))}` },
      life.history,
    )
    if (reply.status === 200 || reply.status === 410) return
    if (
      reply.status === 202 &&
      (await poll(deps, life, path, reply.body.operation, true)) === 'succeeded'
    )
      return
    if (reply.status === 422 && reply.body?.error === 'AsyncRequired') waits = true
    else if (reply.status !== 202) note(life, 'a delete', reply)
    await deps.platform.pause(Math.min(200 * retries, 2_000))
  }
}

/** An order, at first perhaps as one who cannot wait; then as one who can, if that is needed. */
async function order(
  deps: LifecycleDeps,
  life: Lifecycle,
  method: 'PUT' | 'PATCH',
  path: string,
  body: object,
  most: number,
): Promise<Reply> {
  const ask = (waits: boolean) =>
    deps.platform.insist({ method, path: `${path}${query(waits)}`, body }, life.history, most)
  const first = await ask(waiting(deps.random))
  const isAsyncRequired = first.status === 422 && first.body?.error === 'AsyncRequired'
  const second = isAsyncRequired ? await ask(true) : undefined
  const reply = second ?? first
  const doubted = first.doubted || second?.doubted === true
  // What an earlier try left behind may be in the way of the next.
  const isLegal =
    reply.status < 300 || (reply.status === 409 && doubted && method === 'PUT') || isToRepeat(reply)
  if (!isLegal) note(life, `${method} ${path}`, reply)
  return reply
}

async function poll(
  deps: LifecycleDeps,
  life: Lifecycle,
  path: string,
  operation: string | undefined,
  deletes = false,
): Promise<'succeeded' | 'failed'> {
  for (;;) {
    await deps.platform.pause(150 + deps.random.below(300))
    const reply = await deps.platform.insist(
      {
        method: 'GET',
        path: `${path}/last_operation?operation=${encodeURIComponent(operation ?? '')}`,
      },
      life.history,
    )
    if (reply.status === 410 && deletes) return 'succeeded'
    if (reply.status !== 200) {
      note(life, 'a poll', reply)
      return 'failed'
    }
    if (reply.body.state !== 'in progress') return reply.body.state as 'succeeded' | 'failed' // what else would it be, the judge would see
  }
}

// The plan that the platform believes in; after an unclear change that is still the first.
function planOf({ offer, told }: Lifecycle): Plan {
  return told.plans[0] === offer.large.plan_id ? offer.large : offer.small
}

function note(life: Lifecycle, what: string, { status, text }: Reply): void {
  life.illegal.add(`${what}: ${status} ${text.slice(0, 300)}`)
}
