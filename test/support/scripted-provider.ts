// A provider, registered in a test's Kontor, that records each request and answers every endpoint
// as the test says. An endpoint without a scripted response answers like a good synchronous broker.
import type { Endpoint, OsbCatalog } from '../../tools/simulator/types.ts'
import { catalogOf } from './catalogs.ts'
import { here, type Reply, type TestKontor } from './kontor.ts'
import { readAndConfirm } from './read-catalog.ts'
import {
  answer,
  scriptedUpstream,
  type Received,
  type Script,
  type Upstream,
} from './scripted-upstream.ts'
import type { Teardown } from './teardown.ts'

export const kinds = ['provision', 'update', 'deprovision', 'bind', 'unbind'] as const
export type Kind = (typeof kinds)[number]

/** For each endpoint one response, or several in turn of which the last is repeated. */
export type Responses = { readonly [E in Endpoint]?: Script | readonly Script[] | undefined }

export interface ProviderRequest extends Received {
  readonly endpoint: Endpoint
}

export interface PlanIds {
  readonly service_id: string
  readonly plan_id: string
}

export interface ScriptedProvider {
  readonly name: string
  readonly id: string
  /** In the management API. */
  readonly path: string
  /** The server itself; `upstream.requests` holds catalog reads too. */
  readonly upstream: Upstream
  /** The first plan of the first published offering. */
  readonly small: PlanIds
  /** The second one, or the first if there is only one. */
  readonly large: PlanIds
  /** Replaces the responses of the named endpoints; undefined restores the good response. */
  respond(responses: Responses): void
  /** Runs `act` with good responses, then restores the scripted ones. */
  withGoodResponses<T>(act: () => Promise<T>): Promise<T>
  /** The requests to the named endpoints; without names all requests but catalog reads. */
  requests(...endpoints: Endpoint[]): ProviderRequest[]
  /** Forgets all requests and restores the good responses. */
  reset(): void
  /** Has Kontor read and publish the catalog, whatever it withdraws. */
  refresh(): Promise<Reply>
  /** Orders as the platform of `kontor.call`. */
  order(kind: Kind, id: string, options?: OrderOptions): Promise<Reply>
  /** Creates what an order of this kind requires, with good responses. */
  prepare(kind: Kind, id: string): Promise<void>
}

export interface OrderOptions {
  /** Whether to send accepts_incomplete; true by default. */
  readonly ai?: boolean
  /** Fields added to the default body. */
  readonly body?: object
  /** A query that replaces `ai`, verbatim, beginning with `&`. */
  readonly query?: string
}

export interface ScriptedProviderOptions {
  readonly catalog?: OsbCatalog
  readonly settings?: Record<string, unknown>
  readonly credentials?: Record<string, unknown>
  readonly pathPrefix?: string
  readonly tls?: 'localhost' | 'elsewhere'
}

/** Time limits of a Kontor that a busy test machine does not exceed. */
export const generousLimits = {
  KONTOR_INLINE_SECONDS: '20',
  KONTOR_LEASE_SECONDS: '20',
}

export const inProgress = answer(200, { state: 'in progress' })
export const succeeded = answer(200, { state: 'succeeded' })
export const hang: Script = () => {}
export const accepted = (more: object = { operation: 'op-1' }) => answer(202, more)

const goodResponses: Record<Exclude<Endpoint, 'catalog'>, Script> = {
  inventory: answer(200, { instances: [] }),
  provision: answer(201),
  update: answer(200),
  deprovision: answer(200),
  bind: answer(201, { credentials: { user: 'u' } }),
  unbind: answer(200),
  fetch_instance: answer(200),
  fetch_binding: answer(200, { credentials: { user: 'u' } }),
  last_operation: succeeded,
  binding_last_operation: succeeded,
}

export async function scriptedProvider(
  t: Teardown,
  kontor: TestKontor,
  name: string,
  options: ScriptedProviderOptions = {},
): Promise<ScriptedProvider> {
  const { catalog = catalogOf(name), tls } = options
  const script = scriptedResponses(catalog)
  const upstream = await scriptedUpstream(t, script.answer, tls)
  const id = await register(kontor, name, upstream, options)
  const path = `/api/providers/${id}`
  const plans = await publishedPlans(kontor, name, catalog)
  const order = orderThrough(kontor, plans.small)
  return {
    name,
    id,
    path,
    upstream,
    ...plans,
    respond: script.respond,
    withGoodResponses: script.withGoodResponses,
    requests: (...endpoints) =>
      upstream.requests
        .map((request) => ({ ...request, endpoint: endpointOf(request) }))
        .filter(({ endpoint }) =>
          endpoints.length === 0 ? endpoint !== 'catalog' : endpoints.includes(endpoint),
        ),
    reset() {
      upstream.requests.length = 0
      script.reset()
    },
    async refresh() {
      const reply = await readAndConfirm(kontor.admin, path)
      await kontor.running.runtime.refresh()
      return reply
    },
    order,
    async prepare(kind, id) {
      const before: Kind[] =
        kind === 'provision' ? [] : kind === 'unbind' ? ['provision', 'bind'] : ['provision']
      await script.withGoodResponses(async () => {
        for (const each of before) {
          const { status, text } = await order(each, id, { ai: false })
          if (status !== 201) throw new Error(`${each} was answered with ${status}: ${text}`)
        }
      })
    },
  }
}

/** The path of the resource that an order of this kind creates, changes or deletes. */
export function pathOf(kind: Kind, id: string): string {
  const instance = `/v2/service_instances/${id}`
  return kind === 'bind' || kind === 'unbind' ? `${instance}/service_bindings/${id}-b` : instance
}

export function endpointOf({ method, path }: Pick<Received, 'method' | 'path'>): Endpoint {
  if (!path.includes('/v2/')) return 'inventory'
  const [, ...segments] = path.slice(path.indexOf('/v2/') + 1).split('/')
  if (segments[0] === 'catalog') return 'catalog'
  const isBinding = segments[2] === 'service_bindings'
  if (segments.at(-1) === 'last_operation')
    return isBinding ? 'binding_last_operation' : 'last_operation'
  switch (method) {
    case 'PUT':
      return isBinding ? 'bind' : 'provision'
    case 'PATCH':
      return 'update'
    case 'DELETE':
      return isBinding ? 'unbind' : 'deprovision'
    default:
      return isBinding ? 'fetch_binding' : 'fetch_instance'
  }
}

function scriptedResponses(catalog: OsbCatalog) {
  const good: Record<Endpoint, Script> = { ...goodResponses, catalog: answer(200, catalog) }
  let scripted: Responses = {}
  const next = (endpoint: Endpoint): Script => {
    const response = scripted[endpoint] ?? good[endpoint]
    if (typeof response === 'function') return response
    const [first = answer(500), ...rest] = response
    if (rest.length > 0) scripted = { ...scripted, [endpoint]: rest }
    return first
  }
  return {
    answer: ((request, response) => next(endpointOf(request))(request, response)) satisfies Script,
    respond: (responses: Responses) => {
      scripted = { ...scripted, ...responses }
    },
    reset: () => {
      scripted = {}
    },
    async withGoodResponses<T>(act: () => Promise<T>): Promise<T> {
      const kept = scripted
      scripted = {}
      const result = await act()
      scripted = kept
      return result
    },
  }
}

async function register(
  kontor: TestKontor,
  name: string,
  upstream: Upstream,
  { settings, credentials, pathPrefix = '' }: ScriptedProviderOptions,
): Promise<string> {
  const { status, text, body } = await kontor.admin('POST', '/api/providers', {
    name,
    backend: 'osb',
    settings: {
      url: `${upstream.url}${pathPrefix}`,
      timeoutSeconds: 20,
      catalogTimeoutSeconds: 5,
      ...settings,
    },
    credentials: credentials ?? { username: 'kontor', password: 'correct horse' },
    refreshSeconds: 3600,
  })
  if (status !== 201) throw new Error(`The provider was not registered: ${text}`)
  await kontor.running.runtime.refresh()
  return String(body.id)
}

// A catalog that Kontor refuses, or cannot read, has no published plans: there each order gets 400.
async function publishedPlans(
  kontor: TestKontor,
  provider: string,
  { services }: OsbCatalog,
): Promise<{ small: PlanIds; large: PlanIds }> {
  const { body } = await kontor.call('GET', '/v2/catalog')
  const published = body.services as OsbCatalog['services']
  const offering = published.find(({ name }) => name === `${provider}-${services[0]?.name}`)
  const idsOf = (at: number): PlanIds => ({
    service_id: offering?.id ?? 'unpublished',
    plan_id: (offering?.plans[at] ?? offering?.plans[0])?.id ?? 'unpublished',
  })
  return { small: idsOf(0), large: idsOf(1) }
}

function orderThrough({ call }: TestKontor, small: PlanIds): ScriptedProvider['order'] {
  return (kind, id, { ai = true, body = {}, query } = {}) => {
    const path = pathOf(kind, id)
    const ending = query ?? (ai ? '&accepts_incomplete=true' : '')
    const { service_id, plan_id } = small
    switch (kind) {
      case 'provision':
        return call('PUT', `${path}?${ending}`, { ...small, ...here, ...body })
      case 'update':
        return call('PATCH', `${path}?${ending}`, {
          service_id,
          parameters: { changed: true },
          ...body,
        })
      case 'bind':
        return call('PUT', `${path}?${ending}`, { ...small, ...body })
      case 'deprovision':
      case 'unbind':
        return call('DELETE', `${path}?service_id=${service_id}&plan_id=${plan_id}${ending}`)
      default:
        return kind satisfies never
    }
  }
}
