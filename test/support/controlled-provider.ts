// A provider of a Kontor that answers as a test says, endpoint by endpoint, and tells what it was asked. What is not said
// is answered as a good synchronous broker would.
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { catalogOf } from './catalogs.ts'
import type { Reply, Teardown, TestKontor } from './kontor.ts'
import { here } from './kontor.ts'
import { answer, scriptedUpstream, type Received, type Script } from './scripted-upstream.ts'

export const kinds = ['provision', 'update', 'deprovision', 'bind', 'unbind'] as const
export type Kind = (typeof kinds)[number]
export type Asked = Kind | 'fetch' | 'poll' | 'fetchBinding' | 'pollBinding' | 'catalog'

/** One answer for ever, or one after the other and then the last for ever. */
export type Answers = Partial<Record<Asked, Script | readonly Script[]>>

export interface Heard extends Received {
  readonly asked: Asked
  readonly atMs: number
}

export interface PlanIds {
  readonly service_id: string
  readonly plan_id: string
}

export interface ScriptedProvider {
  readonly name: string
  readonly small: PlanIds
  readonly large: PlanIds
  /** Replaces the answers of the endpoints that are named. */
  say(answers: Answers): void
  /** What it was asked, the catalog left out unless named. */
  heard(...asked: Asked[]): Heard[]
  /** One of the five changing calls, as the platform of `kontor.call` makes it. */
  place(kind: Kind, id: string, more?: Placing): Promise<Reply>
  /** Makes what an order of that kind needs before it, whatever is said at present. */
  prepare(kind: Kind, id: string): Promise<void>
}

export interface Placing {
  /** Default true. */
  readonly ai?: boolean
  /** In the body, over what is in it already. */
  readonly body?: object
  /** Instead of `ai`, verbatim, beginning with & */
  readonly query?: string
}

/** A Kontor whose own limits are never met, however busy the machine is. */
export const patient = {
  KONTOR_INLINE_SECONDS: '20',
  KONTOR_LEASE_SECONDS: '20',
  KONTOR_DATABASE_CONNECTIONS: '20',
}

export const inProgress = answer(200, { state: 'in progress' })
export const succeeded = answer(200, { state: 'succeeded' })
export const hang: Script = () => {}
export const accepted = (more: object = { operation: 'op-1' }) => answer(202, more)

const good: Record<Exclude<Asked, 'catalog'>, Script> = {
  provision: answer(201),
  update: answer(200),
  deprovision: answer(200),
  bind: answer(201, { credentials: { user: 'u' } }),
  unbind: answer(200),
  fetch: answer(200),
  poll: succeeded,
  fetchBinding: answer(200, { credentials: { user: 'u' } }),
  pollBinding: succeeded,
}

export async function scriptedProvider(
  t: Teardown,
  kontor: TestKontor,
  name: string,
  options: { catalog?: OsbCatalog; settings?: object } = {},
): Promise<ScriptedProvider> {
  let said: Answers = {}
  const requests: Heard[] = []
  const catalog = answer(200, options.catalog ?? catalogOf(name))
  const next = (asked: Asked): Script => {
    const script = said[asked] ?? (asked === 'catalog' ? catalog : good[asked])
    if (typeof script === 'function') return script
    const [first = answer(500), ...rest] = script
    if (rest.length > 0) said = { ...said, [asked]: rest }
    return first
  }
  const upstream = await scriptedUpstream(t, (request, response) => {
    const asked = askedBy(request)
    requests.push({ ...request, asked, atMs: Date.now() })
    next(asked)(request, response)
  })
  const registered = await kontor.admin('POST', '/api/providers', {
    name,
    backend: 'osb',
    settings: { url: upstream.url, timeoutSeconds: 20, ...options.settings },
    credentials: { username: 'kontor', password: 'not-a-secret' },
    refreshSeconds: 3600,
  })
  if (registered.status !== 201)
    throw new Error(`The provider was not registered: ${registered.text}`)
  await kontor.running.runtime.refresh()
  const [offering] = (options.catalog ?? catalogOf(name)).services
  const [first, second] = offering?.plans ?? []
  const small = await kontor.find(name, offering?.name ?? '', first?.name)
  const large = await kontor.find(name, offering?.name ?? '', second?.name ?? first?.name)

  const place: ScriptedProvider['place'] = (kind, id, { ai = true, body = {}, query } = {}) => {
    const instance = `/v2/service_instances/${id}`
    const path =
      kind === 'bind' || kind === 'unbind' ? `${instance}/service_bindings/${id}-b` : instance
    const ending = query ?? (ai ? '&accepts_incomplete=true' : '')
    switch (kind) {
      case 'provision':
        return kontor.call('PUT', `${path}?${ending}`, { ...small, ...here, ...body })
      case 'update':
        return kontor.call('PATCH', `${path}?${ending}`, {
          service_id: small.service_id,
          parameters: { changed: true },
          ...body,
        })
      case 'bind':
        return kontor.call('PUT', `${path}?${ending}`, { ...small, ...body })
      case 'deprovision':
      case 'unbind':
        return kontor.call(
          'DELETE',
          `${path}?service_id=${small.service_id}&plan_id=${small.plan_id}${ending}`,
        )
      default:
        return kind satisfies never
    }
  }
  return {
    name,
    small,
    large,
    say: (answers) => {
      said = { ...said, ...answers }
    },
    heard: (...asked) =>
      requests.filter((request) =>
        asked.length === 0 ? request.asked !== 'catalog' : asked.includes(request.asked),
      ),
    place,
    async prepare(kind, id) {
      const kept = said
      said = {}
      for (const before of kind === 'provision'
        ? []
        : kind === 'unbind'
          ? (['provision', 'bind'] as const)
          : (['provision'] as const)) {
        const { status, text } = await place(before, id, { ai: false })
        if (status !== 201) throw new Error(`${before} was answered with ${status}: ${text}`)
      }
      said = kept
    },
  }
}

/** Where the operations of a kind are polled. */
export function pathOf(kind: Kind, id: string): string {
  return `/v2/service_instances/${id}${kind === 'bind' || kind === 'unbind' ? `/service_bindings/${id}-b` : ''}`
}

function askedBy({ method, path }: Received): Asked {
  if (path === '/v2/catalog') return 'catalog'
  const ofBinding = path.includes('/service_bindings/')
  if (path.endsWith('/last_operation')) return ofBinding ? 'pollBinding' : 'poll'
  switch (method) {
    case 'PUT':
      return ofBinding ? 'bind' : 'provision'
    case 'PATCH':
      return 'update'
    case 'DELETE':
      return ofBinding ? 'unbind' : 'deprovision'
    default:
      return ofBinding ? 'fetchBinding' : 'fetch'
  }
}
