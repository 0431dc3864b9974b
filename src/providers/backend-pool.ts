import type { Backend } from '../backends/backend.ts'
import { createBackend } from '../backends/registry.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Networks } from '../networks.ts'
import type { Vault } from '../vault/vault.ts'
import { credentialsAad } from './credentials.ts'
import { discreetBackend } from './discreet-backend.ts'
import type { GuardFigures } from './guard.ts'
import { createProviderGuards, type ProviderGuards } from './provider-guards.ts'
import { mitigationOf, type Mitigation } from './mitigation.ts'
import type { Slot, SlotUse } from './bulkhead.ts'
import type { Provider } from './provider.ts'
import { recordCircuits } from './record-circuits.ts'
import { findCredentials, findProvider, listProviders } from './store.ts'
import { watchBackend, watchQuestions, type Questions } from './watched-backend.ts'

/** A provider with its back end ready to be called. */
export interface OpenProvider {
  readonly provider: Provider
  readonly backend: Backend
  /** For those who ask without an order behind it. */
  readonly questions: Questions
  /** The provider's name for people. */
  readonly label: string
  /** Of the certificate that we show it, if there is one. */
  readonly certificateExpiresAt: Date | undefined
  /** What becomes of what an order may have left there. */
  readonly mitigation: Mitigation
  acquireSlot(use: SlotUse): Slot
  /** How many steps could begin now. */
  freeSlots(): number
  /** Undefined while its circuit is closed; else in how many ms the next call may be tried. */
  outageMs(): number | undefined
}

// A step may be a delete of many bindings, one after the other.
const retiredMs = 900_000
const failedMs = 2_000

export interface BackendPool {
  /** @throws BrokerError `not_found` when there is no such provider */
  open(providerId: string): Promise<OpenProvider>
  /**
   * How many steps could begin now at each provider, of all that are registered, those too that take no new orders. None
   * while its circuit is open, at most one while that is half-open; places kept for orders that somebody waits for are
   * not among them.
   */
  freeSlots(): Promise<ReadonlyArray<{ readonly providerId: string; readonly free: number }>>
  /** Forgets those whose rows have changed, as the database tells. */
  forgetChanged(): Promise<void>
  /** Of the providers that this process has called. */
  figures(): ReadonlyArray<GuardFigures & { readonly provider: string }>
  /** When the client certificates end of those providers that this process has opened. */
  certificates(): ReadonlyArray<{ readonly provider: string; readonly expiresAt: Date }>
  close(): Promise<void>
}

export interface BackendPoolDeps {
  readonly db: Db
  readonly vault: Vault
  readonly now: () => Date
  readonly log: Log
  /** What somebody is told to wait who finds all places taken. */
  readonly busyMs: number
  /** Which addresses providers may have. */
  readonly networks: Networks
}

/** Keeps one back end per provider, with its connections, and makes a new one when the row changes. */
export function createBackendPool(deps: BackendPoolDeps): BackendPool {
  const records = recordCircuits(deps)
  const guards = createProviderGuards({ ...deps, records })
  const opened = new Map<string, Promise<OpenProvider>>()
  const certificates = new Map<string, { readonly provider: string; readonly expiresAt: Date }>()

  const retired = new Set<Promise<OpenProvider>>()

  let listed: Promise<Provider[]> | undefined
  const list = (): Promise<Provider[]> => {
    listed ??= listProviders(deps.db, 'all').catch((error: unknown) => {
      listed = undefined
      throw error
    })
    return listed
  }

  const open = (providerId: string): Promise<OpenProvider> => {
    const known = opened.get(providerId)
    if (known !== undefined) return known
    const opening = openProvider(deps, guards, providerId)
    opened.set(providerId, opening)
    opening.then(
      ({ provider: { name }, certificateExpiresAt: expiresAt }) => {
        if (expiresAt === undefined) certificates.delete(providerId)
        else certificates.set(providerId, { provider: name, expiresAt })
      },
      () => {},
    )
    // Not again at every look, several times a second.
    opening.catch(() => {
      setTimeout(() => {
        if (opened.get(providerId) === opening) opened.delete(providerId)
      }, failedMs).unref()
    })
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
    // Whoever has it in hand may still be about to call.
    setTimeout(() => {
      void close(former)
    }, retiredMs).unref()
  }

  return {
    open,
    async freeSlots() {
      const providers = await list()
      return Promise.all(
        providers.map(async ({ id }) => ({
          providerId: id,
          // One that cannot be opened gets its orders all the same: their steps break off and are parked in the end.
          free: await open(id).then(
            (provider) => provider.freeSlots(),
            () => 1,
          ),
        })),
      )
    },
    async forgetChanged() {
      listed = undefined
      const revisions = new Map((await list()).map(({ id, revision }) => [id, revision]))
      guards.keepOnly(new Set(revisions.keys()))
      for (const id of certificates.keys()) if (!revisions.has(id)) certificates.delete(id)
      for (const [id, opening] of opened) {
        const revision = await opening.then(
          ({ provider }) => provider.revision,
          () => undefined,
        )
        if (revision !== revisions.get(id)) retire(id)
      }
    },
    async close() {
      const all = [...opened.values(), ...retired]
      opened.clear()
      await Promise.all(all.map(close))
      await records.close()
    },
    figures: () => guards.figures(),
    certificates: () => [...certificates.values()],
  }
}

async function openProvider(
  deps: BackendPoolDeps,
  guards: ProviderGuards,
  providerId: string,
): Promise<OpenProvider> {
  const provider = await findProvider(deps.db, providerId)
  const sealed = await findCredentials(deps.db, providerId)
  if (provider === undefined || sealed === null)
    throw new BrokerError('not_found', 'There is no such provider.')
  const guard = guards.of(provider)
  const { circuit } = guard
  const credentials = deps.vault.open(sealed, credentialsAad(provider.name))
  const backend = discreetBackend(
    createBackend(provider.backend, provider.settings, credentials, deps.networks),
    credentials,
  )
  return {
    provider,
    backend: watchBackend(backend, circuit),
    questions: watchQuestions(backend, circuit),
    label: provider.displayName,
    certificateExpiresAt: backend.certificateExpiresAt,
    mitigation: mitigationOf(provider),
    acquireSlot: (use) => guard.acquireSlot(use),
    freeSlots: () => guard.free(),
    outageMs: () => circuit.waitMs(),
  }
}
