import type { Backend } from '../backends/backend.ts'
import { createBackend } from '../backends/registry.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Vault } from '../vault/vault.ts'
import { credentialsPlace } from './credentials.ts'
import { createPlaces } from './places.ts'
import type { Provider } from './provider.ts'
import { findCredentials, findProvider, listProviders } from './store.ts'

/** A provider with its back end ready to be called. */
export interface OpenProvider {
  readonly provider: Provider
  readonly backend: Backend
  /** The provider's name for people. */
  readonly label: string
  takePlace (): (() => void) | undefined
  /** How many places are not taken. */
  freePlaces (): number
}

const retiredMs = 120_000

export interface OpenBackends {
  /** @throws BrokerError `not_found` when there is no such provider */
  open (providerId: string): Promise<OpenProvider>
  /** How many calls each provider can be sent now; of all that are registered, those too that take no new orders. */
  freePlaces (): Promise<ReadonlyArray<{ readonly providerId: string, readonly free: number }>>
  /** Forgets what is known of a provider: its row has changed. Without an id: of all. */
  forget (providerId?: string): void
  /** Forgets those whose rows have changed, as the database tells. */
  forgetChanged (): Promise<void>
  close (): Promise<void>
}

/** Keeps one back end per provider, with its connections and its limit, and makes a new one when the row changes. */
export function keepBackends (deps: { readonly db: Db, readonly vault: Vault }): OpenBackends {
  const opened = new Map<string, Promise<OpenProvider>>()

  const retired = new Set<Promise<OpenProvider>>()

  let listed: Promise<Provider[]> | undefined
  const list = (): Promise<Provider[]> => {
    listed ??= listProviders(deps.db).catch((error: unknown) => {
      listed = undefined
      throw error
    })
    return listed
  }

  const open = (providerId: string): Promise<OpenProvider> => {
    const known = opened.get(providerId)
    if (known !== undefined) return known
    const opening = openProvider(deps, providerId)
    opened.set(providerId, opening)
    opening.catch(() => { if (opened.get(providerId) === opening) opened.delete(providerId) })
    return opening
  }

  const close = async (opening: Promise<OpenProvider>): Promise<void> => {
    retired.delete(opening)
    await opening.then(({ backend }) => backend.close()).catch(() => {})
  }

  const retire = (providerId: string): void => {
    const former = opened.get(providerId)
    if (former === undefined) return
    opened.delete(providerId)
    retired.add(former)
    // Whoever has it in hand may still be about to call; no call lasts longer than a minute.
    setTimeout(() => { void close(former) }, retiredMs).unref()
  }

  return {
    open,
    async freePlaces () {
      const providers = await list()
      return Promise.all(providers.map(async ({ id }) => ({
        providerId: id,
        // One that cannot be opened gets its orders all the same: their steps break off and are parked in the end.
        free: await open(id).then((provider) => provider.freePlaces(), () => 1)
      })))
    },
    forget (providerId) {
      listed = undefined
      for (const id of providerId === undefined ? [...opened.keys()] : [providerId]) retire(id)
    },
    async forgetChanged () {
      listed = undefined
      const revisions = new Map((await list()).map(({ id, revision }) => [id, revision]))
      for (const [id, opening] of opened) {
        const revision = await opening.then(({ provider }) => provider.revision, () => undefined)
        if (revision !== revisions.get(id)) retire(id)
      }
    },
    async close () {
      const all = [...opened.values(), ...retired]
      opened.clear()
      await Promise.all(all.map(close))
    }
  }
}

async function openProvider (deps: { readonly db: Db, readonly vault: Vault }, providerId: string): Promise<OpenProvider> {
  const provider = await findProvider(deps.db, providerId)
  const sealed = await findCredentials(deps.db, providerId)
  if (provider === undefined || sealed === null) throw new BrokerError('not_found', 'There is no such provider.')
  const backend = createBackend(provider.backend, provider.settings, deps.vault.open(sealed, credentialsPlace(provider.name)))
  const places = createPlaces(provider.concurrency)
  return { provider, backend, label: provider.displayName, takePlace: () => places.take(), freePlaces: () => places.free() }
}
