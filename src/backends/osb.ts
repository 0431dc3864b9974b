// The back end for providers that are Open Service Brokers themselves: orders become OSB calls, and
// answers become outcomes.
import type { Networks } from '../networks.ts'
import type { OsbCredentials, OsbSettings } from '../types.gen.ts'
import type { Backend, Outcome } from './backend.ts'
import { bindingFactsOf, instanceFactsOf, progressOf, unclear } from './osb/asking.ts'
import { catalogOf, conditionalHeaders } from './osb/catalog.ts'
import { classify, classifyUnanswered, type ChangingCall, type Reader } from './osb/classify.ts'
import { createOsbClient, type OsbClient } from './osb/client.ts'
import { InventoryThread } from './osb/inventory-thread.ts'
import { inventoryPathOf, listedOf } from './osb/inventory.ts'
import {
  bindRequest,
  deprovisionRequest,
  fetchBindingRequest,
  fetchInstanceRequest,
  progressRequest,
  provisionRequest,
  readBind,
  readDelete,
  readInstance,
  unbindRequest,
  updateRequest,
  type OsbRequest,
} from './osb/messages.ts'
import { pathOf } from './osb/target.ts'

class OsbBackend implements Backend {
  readonly #client: OsbClient
  readonly #inventory?: InventoryThread
  readonly listInstances?: NonNullable<Backend['listInstances']>
  readonly certificateExpiresAt?: Date
  readonly passingSecrets?: () => readonly string[]

  constructor(settings: OsbSettings, credentials: OsbCredentials, networks: Networks) {
    const client = createOsbClient(settings, credentials, networks)
    this.#client = client
    if (client.passingSecrets !== undefined) this.passingSecrets = client.passingSecrets
    if (client.certificateExpiresAt !== undefined)
      this.certificateExpiresAt = client.certificateExpiresAt
    const { inventoryPath } = settings
    if (inventoryPath === undefined) return
    const thread = new InventoryThread(client.listLimits.maxBytes)
    this.#inventory = thread
    this.listInstances = async (page, signal) => {
      const path = inventoryPathOf(client.prefix, inventoryPath, page)
      return listedOf(await client.readList(path, {}, signal), client.listLimits, thread)
    }
  }

  async catalog(...[known, signal]: Parameters<Backend['catalog']>) {
    const { prefix, listLimits } = this.#client
    const conditional = conditionalHeaders(known)
    const exchanged = await this.#client.readList(pathOf(prefix, ['catalog']), conditional, signal)
    return catalogOf(exchanged, Object.keys(conditional).length > 0, listLimits)
  }

  provision(...[order, signal]: Parameters<Backend['provision']>) {
    return this.#change('provision', provisionRequest(order), order, readInstance, {}, signal)
  }

  update(...[order, signal]: Parameters<Backend['update']>) {
    return this.#change('update', updateRequest(order), order, readInstance, {}, signal)
  }

  deprovision(...[order, signal]: Parameters<Backend['deprovision']>) {
    return this.#change('deprovision', deprovisionRequest(order), order, readDelete, {}, signal)
  }

  bind(...[order, signal]: Parameters<Backend['bind']>) {
    return this.#change('bind', bindRequest(order), order, readBind(order.requires), {}, signal)
  }

  unbind(...[order, signal]: Parameters<Backend['unbind']>) {
    return this.#change('unbind', unbindRequest(order), order, readDelete, {}, signal)
  }

  async progress(...[query, signal]: Parameters<Backend['progress']>) {
    const reply = await this.#client.ask(progressRequest(query), signal)
    return 'kind' in reply ? unclear(reply) : progressOf(reply)
  }

  async fetchInstance(...[instance, signal]: Parameters<Backend['fetchInstance']>) {
    const reply = await this.#client.ask(fetchInstanceRequest(instance), signal)
    return 'kind' in reply ? unclear(reply) : instanceFactsOf(reply)
  }

  async fetchBinding(...[binding, signal]: Parameters<Backend['fetchBinding']>) {
    const reply = await this.#client.ask(fetchBindingRequest(binding), signal)
    return 'kind' in reply ? unclear(reply) : bindingFactsOf(reply, binding.requires)
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#inventory?.close()])
  }

  /** @param nothing  the result of a removal that finds nothing to remove */
  async #change<Result>(
    call: ChangingCall,
    request: OsbRequest,
    { acceptsIncomplete }: { readonly acceptsIncomplete: boolean },
    read: Reader<Result>,
    nothing: Result,
    signal: AbortSignal,
  ): Promise<Outcome<Result>> {
    const reply = await this.#client.ask(request, signal)
    return 'kind' in reply
      ? classifyUnanswered(reply)
      : classify(call, acceptsIncomplete, reply, read, nothing)
  }
}

/** Fills in the defaults of the settings. */
export function osbBackend(
  settings: OsbSettings,
  credentials: OsbCredentials,
  networks: Networks,
): Backend {
  return new OsbBackend(settings, credentials, networks)
}
