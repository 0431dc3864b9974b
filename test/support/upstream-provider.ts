// A registered provider whose every answer a test decides: without a word of the test it is a good one that works at once.
import type { Endpoint, OsbCatalog } from '../../tools/simulator/types.ts'
import { catalogOf } from './catalogs.ts'
import { finished, here, until, type Reply, type TestKontor } from './kontor.ts'
import {
  answer,
  scriptedUpstream,
  type Received,
  type Script,
  type Teardown,
  type Upstream,
} from './scripted-upstream.ts'

export interface UpstreamProvider {
  /** Where the management API has it. */
  readonly at: string
  readonly upstream: Upstream
  /** How it answers from now on, instead of well. */
  readonly answers: Partial<Record<Endpoint, Script>>
  /** What it has been asked, all or of one kind. */
  asked(endpoint?: Endpoint): Received[]
  /** Forgets what it has been asked, and answers well again. */
  reset(): void
  /** Has its catalog read and published; tells how the reading stands. */
  refresh(): Promise<Reply>
}

export interface UpstreamOptions {
  readonly catalog?: OsbCatalog
  readonly settings?: Record<string, unknown>
  readonly credentials?: Record<string, unknown>
  readonly pathPrefix?: string
  readonly tls?: 'localhost' | 'elsewhere'
}

const good: Readonly<Record<Endpoint, Script>> = {
  catalog: answer(200, { services: [] }),
  inventory: answer(200, { instances: [] }),
  provision: answer(201, {}),
  update: answer(200, {}),
  deprovision: answer(200, {}),
  bind: answer(201, { credentials: { user: 'u' } }),
  unbind: answer(200, {}),
  fetch_instance: answer(200, {}),
  fetch_binding: answer(200, { credentials: { user: 'u' } }),
  last_operation: answer(200, { state: 'succeeded' }),
  binding_last_operation: answer(200, { state: 'succeeded' }),
}

export async function addUpstream(
  t: Teardown,
  kontor: TestKontor,
  name: string,
  options: UpstreamOptions = {},
): Promise<UpstreamProvider> {
  const answers: Partial<Record<Endpoint, Script>> = {}
  const catalog = answer(200, options.catalog ?? catalogOf(name))
  const upstream = await scriptedUpstream(
    t,
    (request, response) => {
      const endpoint = endpointOf(request)
      const script = answers[endpoint] ?? (endpoint === 'catalog' ? catalog : good[endpoint])
      script(request, response)
    },
    options.tls,
  )
  const registered = await kontor.admin('POST', '/api/providers', {
    name,
    backend: 'osb',
    settings: {
      url: `${upstream.url}${options.pathPrefix ?? ''}`,
      timeoutSeconds: 5,
      catalogTimeoutSeconds: 5,
      ...options.settings,
    },
    credentials: options.credentials ?? { username: 'kontor', password: 'correct horse' },
    refreshSeconds: 3600,
  })
  if (registered.status !== 201)
    throw new Error(`The provider was not registered: ${registered.text}`)
  await kontor.running.runtime.refresh()
  const at = `/api/providers/${String(registered.body.id)}`
  return {
    at,
    upstream,
    answers,
    asked: (endpoint) =>
      upstream.requests.filter(
        (request) => endpoint === undefined || endpointOf(request) === endpoint,
      ),
    reset() {
      upstream.requests.length = 0
      for (const endpoint of Object.keys(answers) as Endpoint[]) delete answers[endpoint]
    },
    async refresh() {
      const reply = await kontor.admin('POST', `${at}/refresh`)
      await kontor.running.runtime.refresh()
      return reply
    },
  }
}

export function endpointOf({ method, path }: Pick<Received, 'method' | 'path'>): Endpoint {
  if (!path.includes('/v2/')) return 'inventory'
  const [, ...segments] = path.slice(path.indexOf('/v2/') + 1).split('/')
  if (segments[0] === 'catalog') return 'catalog'
  const ofBinding = segments[2] === 'service_bindings'
  if (segments.at(-1) === 'last_operation')
    return ofBinding ? 'binding_last_operation' : 'last_operation'
  switch (method) {
    case 'PUT':
      return ofBinding ? 'bind' : 'provision'
    case 'PATCH':
      return 'update'
    case 'DELETE':
      return ofBinding ? 'unbind' : 'deprovision'
    default:
      return ofBinding ? 'fetch_binding' : 'fetch_instance'
  }
}

/** Answers in this order, then for ever with the last. */
export function inTurn(...scripts: Script[]): Script {
  let turn = 0
  return (request, response) => {
    scripts[Math.min(turn++, scripts.length - 1)]?.(request, response)
  }
}

/**
 * Lets Kontor ask a provider everything that it ever asks: all ten endpoints, asynchronous runs, a look-up after an
 * unclear update, orphan mitigation, a refresh of the catalog.
 */
export async function everythingAsked(
  { call, find }: TestKontor,
  name: string,
  provider: UpstreamProvider,
  headers: Record<string, string> = {},
): Promise<Received[]> {
  const small = await find(name, 'db', 'small')
  const I = `/v2/service_instances/${name}-whole-life`
  const B = `${I}/service_bindings/${name}-b`
  const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}&accepts_incomplete=true`
  const through = async (path: string, reply: Reply): Promise<void> => {
    if (reply.status >= 300) throw new Error(`It did not go through: ${reply.status} ${reply.text}`)
    if (reply.status === 202) await finished(call, path, reply.body.operation)
  }
  provider.reset()
  provider.answers.provision = answer(202, { operation: 'op 1' })
  provider.answers.update = inTurn(answer(200), answer(500))
  provider.answers.bind = answer(202, { operation: 'op 2' })
  await through(
    I,
    await call('PUT', `${I}?accepts_incomplete=true`, { ...small, ...here }, headers),
  )
  for (const size of [1, 2])
    await through(
      I,
      await call(
        'PATCH',
        `${I}?accepts_incomplete=true`,
        { service_id: small.service_id, parameters: { size } },
        headers,
      ),
    )
  await through(B, await call('PUT', `${B}?accepts_incomplete=true`, small, headers))
  await through(B, await call('DELETE', `${B}?${ids}`, undefined, headers))
  await through(I, await call('DELETE', `${I}?${ids}`, undefined, headers))
  provider.answers.provision = answer(500)
  await call('PUT', `${I}-orphan`, { ...small, ...here }, headers)
  await until(
    () => provider.asked('deprovision').length,
    (deletes) => deletes === 2,
  )
  await provider.refresh()
  return provider.asked()
}
