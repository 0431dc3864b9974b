// Parked operations of each kind: the provider's registration cannot be read, as after the loss of
// a key, so that each step fails.
import type { Simulator } from '../../tools/simulator/types.ts'
import { writeAsKontor } from '../support/accept-rows.ts'
import { finished, here, until, type Reply, type TestKontor } from '../support/kontor.ts'

const ai = 'accepts_incomplete=true'
const hour = 3_600

export interface Site {
  readonly simulator: Simulator
  readonly providerId: string
  /** Kontor's password there. */
  readonly password: string
  readonly ids: { service_id: string; plan_id: string }
  /** Of the instance and its binding. */
  readonly at: string
  readonly bindingAt: string
  readonly query: string
  /** Lets two hours pass at the provider, so that everything ends there. */
  pass(): void
  /** Sends an order and waits for its end, letting the time pass that it takes. */
  through(method: string, path: string, body?: unknown): Promise<void>
  loseKey(): Promise<void>
  findKey(): Promise<void>
}

/** A provider at which everything takes an hour of its own time. */
export async function slowSite(kontor: TestKontor, name: string): Promise<Site> {
  let passedMs = 0
  const behaviour = {
    mode: 'async',
    asyncBinding: true,
    provisionSeconds: hour,
    updateSeconds: hour,
    deprovisionSeconds: hour,
    bindSeconds: hour,
    unbindSeconds: hour,
  } as const
  const { simulator, view, password } = await kontor.addProvider(name, {
    behaviours: { '*': behaviour },
    now: () => Date.now() + passedMs,
  })
  const ids = await kontor.find(name, 'db', 'small')
  const at = `/v2/service_instances/${name}`
  const { db, refresh } = kontor.running.runtime
  const { credentials } = await db
    .selectFrom('providers')
    .select('credentials')
    .where('id', '=', view.id)
    .executeTakeFirstOrThrow()
  const seal = async (bytes: Buffer | null) => {
    await writeAsKontor(db, 'providers', { id: view.id }, (tx) =>
      tx
        .updateTable('providers')
        .set((set) => ({ credentials: bytes, revision: set('revision', '+', 1) }))
        .where('id', '=', view.id)
        .execute(),
    )
    await refresh([{ channel: 'providers' }])
  }
  const pass = () => {
    passedMs += 2 * hour * 1_000
  }
  return {
    simulator,
    providerId: view.id,
    password,
    ids,
    at,
    bindingAt: `${at}/service_bindings/${name}`,
    query: `?${ai}&service_id=${ids.service_id}&plan_id=${ids.plan_id}`,
    pass,
    async through(method, path, body) {
      const reply = await kontor.call(method, path, body)
      if (reply.status !== 202) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
      pass()
      const end = await finished(kontor.call, path.split('?')[0] ?? '', reply.body.operation)
      if (end.body?.state !== 'succeeded' && end.status !== 410)
        throw new Error(`${method} ${path}: ${end.text}`)
    },
    loseKey: () => seal(Buffer.concat([Buffer.of(3, 4), Buffer.from('lost'), Buffer.alloc(99)])),
    findKey: () => seal(credentials),
  }
}

/** What a platform sends to order each kind, and what it orders first. */
function ordersOf({ ids, at, bindingAt, query }: Site) {
  const request = (method: string, path: string, body?: unknown) => [method, path, body] as const
  const provision = request('PUT', `${at}?${ai}`, { ...ids, ...here })
  const bind = request('PUT', `${bindingAt}?${ai}`, ids)
  const change = { service_id: ids.service_id, parameters: { changed: true } }
  return {
    provision: { before: [], order: provision },
    update: { before: [provision], order: request('PATCH', `${at}?${ai}`, change) },
    deprovision: { before: [provision], order: request('DELETE', `${at}${query}`) },
    bind: { before: [provision], order: bind },
    unbind: { before: [provision, bind], order: request('DELETE', `${bindingAt}${query}`) },
  }
}

export type ParkedKind = keyof ReturnType<typeof ordersOf>

/** Starts an operation of this kind at the provider. @returns its id */
export async function begin(kontor: TestKontor, site: Site, kind: ParkedKind): Promise<string> {
  const { before, order } = ordersOf(site)[kind]
  for (const each of before) await site.through(...each)
  const reply = await kontor.call(...order)
  if (reply.status !== 202) throw new Error(`${kind}: ${reply.status} ${reply.text}`)
  return reply.body.operation as string
}

/** A parked operation of this kind. @returns its id */
export async function park(kontor: TestKontor, site: Site, kind: ParkedKind): Promise<string> {
  const id = await begin(kontor, site, kind)
  await site.loseKey()
  await stateOf(kontor, id, 'parked')
  return id
}

/** Waits until an operation is in this state. */
export function stateOf(
  kontor: Pick<TestKontor, 'admin'>,
  id: string,
  state: string,
): Promise<Reply> {
  return until(
    () => kontor.admin('GET', `/api/operations/${id}`),
    ({ body }) => body.state === state,
  )
}
