// The back end that is itself an Open Service Broker: orders become OSB calls, answers become outcomes.
import type { Dispatcher } from 'undici'
import type { Networks } from '../networks.ts'
import type { OsbCredentials, OsbSettings } from '../types.gen.ts'
import { expiryOf } from './client-certificate.ts'
import type { Backend, BindingRef, InstanceRef, Listed, OrderContext, Outcome } from './backend.ts'
import { bindingFactsOf, instanceFactsOf, progressOf, unclear } from './osb/asking.ts'
import { bindBody, provisionBody, updateBody } from './osb/body.ts'
import { catalogOf, conditionalHeaders } from './osb/catalog.ts'
import { classify, classifySilence, type ChangingCall, type Reader } from './osb/classify.ts'
import type { Call, Exchanged, Limits } from './osb/exchange.ts'
import { inventoryPathOf, listedOf } from './osb/inventory.ts'
import { cleanerFor, readReply, type Reply } from './osb/reply.ts'
import { readBind, readDelete, readProvision, readUpdate } from './osb/results.ts'
import { signInAt, type Send } from './osb/sign-in.ts'
import { connectionsTo, headersOf, pathOf, prefixOf, type Query } from './osb/target.ts'
import { tokenEndpointOf } from './osb/token-request.ts'

type Silence = Exclude<Exchanged, { kind: 'answered' }>

interface Request {
  readonly method: Call['method']
  readonly segments: readonly string[]
  readonly query?: Query
  readonly body?: object
  readonly context?: { readonly originatingIdentity?: string; readonly requestIdentity?: string }
}

class OsbBackend implements Backend {
  readonly #connections: readonly Dispatcher[]
  readonly #send: Send
  readonly #prefix: string
  readonly #headersFor: ReturnType<typeof headersOf>
  readonly #clean: ReturnType<typeof cleanerFor>
  readonly #limits: Limits
  readonly #catalogLimits: Limits
  #closed: Promise<void> | undefined
  readonly listInstances?: NonNullable<Backend['listInstances']>
  readonly certificateExpiresAt?: Date
  readonly passingSecrets: () => readonly string[]

  constructor(settings: OsbSettings, credentials: OsbCredentials, networks: Networks) {
    this.#limits = {
      timeoutSeconds: settings.timeoutSeconds ?? 50,
      maxBytes: settings.maxResponseBytes ?? 1_048_576,
    }
    this.#catalogLimits = {
      timeoutSeconds: settings.catalogTimeoutSeconds ?? 20,
      maxBytes: settings.maxCatalogBytes ?? 8_388_608,
    }
    const maxSeconds = Math.max(this.#limits.timeoutSeconds, this.#catalogLimits.timeoutSeconds)
    const clientCertificate =
      'clientCertificate' in credentials ? credentials.clientCertificate : undefined
    const connectTo = (url: string) =>
      connectionsTo(url, networks, { ca: settings.tlsCa, clientCertificate }, maxSeconds)
    const connections = connectTo(settings.url)
    const endpoint =
      'tokenUrl' in credentials
        ? tokenEndpointOf(credentials, connectTo(credentials.tokenUrl), maxSeconds)
        : undefined
    const signIn = signInAt(connections, credentials, endpoint)
    this.#connections = [connections, ...(endpoint === undefined ? [] : [endpoint.connections])]
    this.#send = signIn.send
    this.passingSecrets = signIn.passing
    this.#prefix = prefixOf(settings.url)
    this.#headersFor = headersOf(settings)
    this.#clean = cleanerFor(
      [settings.url, ...('tokenUrl' in credentials ? [credentials.tokenUrl] : [])],
      signIn.secrets,
    )
    if (clientCertificate !== undefined) this.certificateExpiresAt = expiryOf(clientCertificate)
    const { inventoryPath } = settings
    if (inventoryPath !== undefined)
      this.listInstances = (page, signal) => this.#list(inventoryPath, page, signal)
  }

  async catalog(...[known, signal]: Parameters<Backend['catalog']>) {
    const conditional = conditionalHeaders(known)
    const call: Call = {
      method: 'GET',
      path: pathOf(this.#prefix, ['catalog']),
      headers: { ...this.#headersFor({}), ...conditional },
    }
    const exchanged = await this.#send(call, this.#catalogLimits, signal)
    return catalogOf(exchanged, Object.keys(conditional).length > 0, this.#catalogLimits)
  }

  provision(...[order, signal]: Parameters<Backend['provision']>) {
    const request: Request = {
      method: 'PUT',
      segments: instancePath(order),
      query: incomplete(order),
      body: provisionBody(order),
      context: order,
    }
    return this.#change('provision', request, order, readProvision, {}, signal)
  }

  update(...[order, signal]: Parameters<Backend['update']>) {
    const request: Request = {
      method: 'PATCH',
      segments: instancePath(order),
      query: incomplete(order),
      body: updateBody(order),
      context: order,
    }
    return this.#change('update', request, order, readUpdate, {}, signal)
  }

  deprovision(...[order, signal]: Parameters<Backend['deprovision']>) {
    const request: Request = {
      method: 'DELETE',
      segments: instancePath(order),
      query: { ...hints(order), ...incomplete(order) },
      context: order,
    }
    return this.#change('deprovision', request, order, readDelete, {}, signal)
  }

  bind(...[order, signal]: Parameters<Backend['bind']>) {
    const request: Request = {
      method: 'PUT',
      segments: bindingPath(order),
      query: incomplete(order),
      body: bindBody(order),
      context: order,
    }
    return this.#change('bind', request, order, readBind(order.requires), {}, signal)
  }

  unbind(...[order, signal]: Parameters<Backend['unbind']>) {
    const request: Request = {
      method: 'DELETE',
      segments: bindingPath(order),
      query: { ...hints(order), ...incomplete(order) },
      context: order,
    }
    return this.#change('unbind', request, order, readDelete, {}, signal)
  }

  async progress(...[query, signal]: Parameters<Backend['progress']>) {
    const { instance, bindingId, operation } = query
    const resource =
      bindingId === undefined ? instancePath(instance) : bindingPath({ ...instance, bindingId })
    const segments = [...resource, 'last_operation']
    const reply = await this.#ask(
      { method: 'GET', segments, query: { ...hints(instance), operation }, context: query },
      signal,
    )
    return 'kind' in reply ? unclear(reply) : progressOf(reply)
  }

  async fetchInstance(...[instance, signal]: Parameters<Backend['fetchInstance']>) {
    const reply = await this.#ask(
      { method: 'GET', segments: instancePath(instance), query: hints(instance) },
      signal,
    )
    return 'kind' in reply ? unclear(reply) : instanceFactsOf(reply)
  }

  async fetchBinding(...[binding, signal]: Parameters<Backend['fetchBinding']>) {
    const reply = await this.#ask(
      { method: 'GET', segments: bindingPath(binding), query: hints(binding) },
      signal,
    )
    return 'kind' in reply ? unclear(reply) : bindingFactsOf(reply, binding.requires)
  }

  close(): Promise<void> {
    // undici calls a second close an error.
    this.#closed ??= Promise.all(this.#connections.map((each) => each.close())).then(() => {})
    return this.#closed
  }

  async #list(
    inventoryPath: string,
    page: string | undefined,
    signal: AbortSignal,
  ): Promise<Listed> {
    const call: Call = {
      method: 'GET',
      path: inventoryPathOf(this.#prefix, inventoryPath, page),
      headers: this.#headersFor({}),
    }
    return listedOf(await this.#send(call, this.#catalogLimits, signal), this.#catalogLimits)
  }

  async #change<Result>(
    call: ChangingCall,
    request: Request,
    order: OrderContext,
    read: Reader<Result>,
    nothing: Result,
    signal: AbortSignal,
  ): Promise<Outcome<Result>> {
    const reply = await this.#ask(request, signal)
    return 'kind' in reply
      ? classifySilence(reply)
      : classify(call, order.acceptsIncomplete, reply, read, nothing)
  }

  async #ask(
    { method, segments, query, body, context }: Request,
    signal: AbortSignal,
  ): Promise<Reply | Silence> {
    const call: Call = {
      method,
      path: pathOf(this.#prefix, segments, query),
      headers: {
        ...this.#headersFor(context ?? {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    const exchanged = await this.#send(call, this.#limits, signal)
    return exchanged.kind === 'answered' ? readReply(exchanged, this.#clean) : exchanged
  }
}

const instancePath = ({ instanceId }: Pick<InstanceRef, 'instanceId'>) => [
  'service_instances',
  instanceId,
]
const bindingPath = ({ instanceId, bindingId }: Pick<BindingRef, 'instanceId' | 'bindingId'>) => [
  ...instancePath({ instanceId }),
  'service_bindings',
  bindingId,
]
const hints = ({ serviceId, planId }: InstanceRef): Query => ({
  service_id: serviceId,
  plan_id: planId,
})
const incomplete = ({ acceptsIncomplete }: OrderContext): Query =>
  acceptsIncomplete ? { accepts_incomplete: 'true' } : {}

/** @see BackendFactory; defaults of the settings are filled in here. */
export function osbBackend(
  settings: OsbSettings,
  credentials: OsbCredentials,
  networks: Networks,
): Backend {
  return new OsbBackend(settings, credentials, networks)
}
