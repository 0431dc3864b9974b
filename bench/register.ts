import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'

export interface NewProvider {
  readonly name: string
  readonly url: string
  readonly credentials: { readonly username: string; readonly password: string }
  /** Absent: what Kontor takes by itself. */
  readonly concurrency?: number
}

export interface Catalog {
  readonly services: ReadonlyArray<{
    readonly id: string
    readonly bindable: boolean
    readonly plans: ReadonlyArray<{ readonly id: string }>
  }>
}

/** Registers a provider as an operator does. @throws Error when Kontor refuses it */
export async function registerProvider(
  kontorUrl: string,
  token: string,
  { url, ...provider }: NewProvider,
): Promise<void> {
  const { statusCode, body } = await request(`${kontorUrl}/api/providers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...provider,
      backend: 'osb',
      settings: { url },
      refreshSeconds: 86_400,
    }),
  })
  const text = await body.text()
  if (statusCode !== 201) throw new Error(`The provider was not registered: ${text}`)
}

/**
 * Waits until a Kontor publishes so many offerings: a process hears of a new catalog or platform a
 * moment after it is written.
 */
export async function untilPublished(
  kontorUrl: string,
  headers: Readonly<Record<string, string>>,
  offerings = 1,
): Promise<Catalog> {
  for (let retries = 0; retries < 200; retries++) {
    const { statusCode, body } = await request(`${kontorUrl}/v2/catalog`, { headers })
    const text = await body.text()
    if (statusCode === 200) {
      const catalog = JSON.parse(text) as Catalog
      if (catalog.services.length >= offerings) return catalog
    }
    await delay(50)
  }
  throw new Error('Kontor does not publish the catalog.')
}
