// Registers the providers, and finds what both processes then offer of them.
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import type { Broker } from './broker.ts'
import type { Offer, Plan } from './lifecycle.ts'
import type { Provider } from './providers.ts'

interface Service {
  readonly id: string
  readonly name: string
  readonly plans: ReadonlyArray<{ readonly id: string; readonly name: string }>
}

const limitMs = 30_000

/** @throws Error when a provider is refused, or a process does not offer all of them in time */
export async function register(
  brokers: readonly Broker[],
  providers: readonly Provider[],
  adminToken: string,
  authorization: string,
): Promise<Offer[]> {
  const [first] = brokers
  for (const { registration } of providers) {
    const reply = await request(`${first?.url ?? ''}/api/providers`, {
      method: 'POST',
      body: JSON.stringify(registration),
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    })
    const text = await reply.body.text()
    if (reply.statusCode !== 201) throw new Error(`A provider was not registered: ${text}`)
  }
  const [services = []] = await Promise.all(
    brokers.map((broker) => readCatalog(broker, providers.length, authorization)),
  )
  return providers.map((provider) => {
    const offering = services.find(({ name }) => name === `${provider.name}-db`)
    const planOf = (name: string): Plan => ({
      service_id: offering?.id ?? '',
      plan_id: offering?.plans.find((plan) => plan.name === name)?.id ?? '',
    })
    return { provider, small: planOf('small'), large: planOf('large') }
  })
}

// The other process loads a new catalog a moment later.
async function readCatalog(
  { name, url }: Broker,
  size: number,
  authorization: string,
): Promise<Service[]> {
  for (const endMs = performance.now() + limitMs; performance.now() < endMs;) {
    const reply = await request(`${url}/v2/catalog`, {
      headers: { authorization, 'x-broker-api-version': '2.17' },
    })
    const { services } = (await reply.body.json()) as { services: Service[] }
    if (services.length === size) return services
    await delay(100)
  }
  throw new Error(`${name} does not offer all that was registered.`)
}
