import type { Log } from '../log.ts'
import { readSealed } from '../vault/sealed-rows/read-sealed.ts'
import type { GuardFigures } from './guard.ts'
import { openProvider, type OpenProvider, type OpenProviderDeps } from './open-provider.ts'
import { createProviderGuards, type ProviderGuards } from './provider-guards.ts'
import { recordCircuits, type CircuitRecords } from './circuits/record-circuits.ts'
import { openRegistered, type RegisteredProviders } from './registered.ts'
import { readRegistration } from './registration.ts'

export interface BackendPool {
  /** @throws BrokerError `not_found` when there is no such provider */
  open(providerId: string): Promise<OpenProvider>
  /**
   * The same, as the row is now: a registration may have changed a moment ago, here, in another
   * process or by something other than Kontor.
   */
  openCurrent(providerId: string): Promise<OpenProvider>
  /**
   * How many steps could begin now at each registered provider, including those that accept no new
   * orders: none while its circuit is open, at most one while it is half-open. Slots reserved for
   * orders that a platform waits for do not count.
   */
  freeSlots(): Promise<ReadonlyArray<{ readonly providerId: string; readonly free: number }>>
  /**
   * Drops the back ends of providers whose rows have changed in the database.
   * @param ids  the only ones that may have changed; default: any
   */
  forgetChanged(ids?: readonly string[]): Promise<void>
  /** Refuses the orders that wait for a slot, now and later: the process stops. */
  endWaits(): void
  /** Of the providers that this process has called. */
  figures(): ReadonlyArray<GuardFigures & { readonly provider: string }>
  /** When the client certificates expire of the providers that this process has opened. */
  certificates(): readonly CertificateExpiry[]
  /** Whether the credentials open of the providers that this process has opened. */
  registrations(): readonly RegistrationState[]
  close(): Promise<void>
}

interface CertificateExpiry {
  readonly provider: string
  readonly expiresAt: Date
}

interface RegistrationState {
  readonly provider: string
  readonly isUsable: boolean
}

export interface BackendPoolDeps extends OpenProviderDeps {
  readonly now: () => Date
  readonly log: Log
  /** How long a caller is asked to wait when all slots are taken. */
  readonly busyMs: number
}

// A caller that holds a replaced back end may be in a long step: a delete of many bindings makes
// its calls one after the other.
const retiredMs = 900_000
// The engine asks several times a second; a provider that cannot be opened is not read again each
// time.
const failedMs = 2_000

class ProviderBackendPool implements BackendPool {
  readonly #deps: BackendPoolDeps
  readonly #records: CircuitRecords
  readonly #guards: ProviderGuards
  readonly #opened = new Map<string, Promise<OpenProvider>>()
  readonly #retired = new Set<Promise<OpenProvider>>()
  readonly #states = new Map<string, OpenProvider>()
  readonly #registered: RegisteredProviders

  constructor(deps: BackendPoolDeps) {
    this.#deps = deps
    this.#records = recordCircuits(deps)
    this.#registered = openRegistered(deps.db)
    this.#guards = createProviderGuards({ ...deps, records: this.#records })
  }

  open(providerId: string): Promise<OpenProvider> {
    const known = this.#opened.get(providerId)
    if (known !== undefined) return known
    const opening = openProvider(this.#deps, this.#guards, providerId, this.#trusted(providerId))
    this.#opened.set(providerId, opening)
    opening.then(
      (open) => {
        logProblem(this.#deps.log, this.#states.get(providerId), open)
        this.#states.set(providerId, open)
      },
      () => {
        setTimeout(() => {
          if (this.#opened.get(providerId) === opening) this.#opened.delete(providerId)
        }, failedMs).unref()
      },
    )
    return opening
  }

  async openCurrent(providerId: string): Promise<OpenProvider> {
    const { provider, problem } = await readRegistration(
      this.#deps.db,
      this.#deps.vault,
      providerId,
      this.#trusted(providerId),
    )
    // A failure to open an earlier registration is remembered for a moment.
    const open = await this.open(providerId).catch(() => undefined)
    const isSame = (open?.problem === undefined) === (problem === undefined)
    if (open?.provider.revision === provider.revision && isSame) return open
    await this.forgetChanged([providerId])
    this.#retire(providerId)
    return this.open(providerId)
  }

  async freeSlots() {
    const ids = [...(await this.#registered.revisions()).keys()]
    return Promise.all(
      ids.map(async (id) => ({
        providerId: id,
        // The steps of a provider that cannot be opened must run too: they fail, and Kontor parks
        // their operations in the end.
        free: await this.open(id).then(
          ({ guard }) => guard.free(),
          () => 1,
        ),
      })),
    )
  }

  async forgetChanged(ids?: readonly string[]): Promise<void> {
    // Each row is checked when its provider is opened; this reports all that are wrong.
    if (ids === undefined) await readSealed(this.#deps.db, ['providers'], async () => {})
    const revisions = await this.#registered.reload(ids)
    const used = [this.#opened.keys(), this.#guards.ids(), this.#states.keys()]
    for (const id of ids ?? new Set(used.flatMap((each) => [...each]))) {
      if (!revisions.has(id)) {
        this.#guards.drop(id)
        this.#states.delete(id)
      }
      const open = await this.#opened.get(id)?.catch(() => undefined)
      // What was wrong with a row may be mended without another revision.
      if (open?.problem !== undefined || open?.provider.revision !== revisions.get(id))
        this.#retire(id)
    }
  }

  endWaits(): void {
    this.#guards.endWaits()
  }

  figures() {
    return this.#guards.figures()
  }

  certificates() {
    return [...this.#states.values()].flatMap(
      ({ provider: { name }, certificateExpiresAt: expiresAt }) =>
        expiresAt === undefined ? [] : [{ provider: name, expiresAt }],
    )
  }

  registrations() {
    return [...this.#states.values()].map(({ provider, problem }) => ({
      provider: provider.name,
      isUsable: problem === undefined,
    }))
  }

  async close(): Promise<void> {
    const all = [...this.#opened.values(), ...this.#retired]
    this.#opened.clear()
    await Promise.all(all.map((opening) => this.#closeOne(opening)))
    await this.#records.close()
  }

  /** The revision at which this process has last opened a provider whose row it could trust. */
  #trusted(providerId: string): number | undefined {
    const state = this.#states.get(providerId)
    return state?.problem === undefined ? state?.provider.revision : undefined
  }

  #retire(providerId: string): void {
    const opening = this.#opened.get(providerId)
    if (opening === undefined) return
    this.#opened.delete(providerId)
    this.#retired.add(opening)
    setTimeout(() => {
      void this.#closeOne(opening)
    }, retiredMs).unref()
  }

  async #closeOne(opening: Promise<OpenProvider>): Promise<void> {
    this.#retired.delete(opening)
    await opening.then(({ backend }) => backend.close()).catch(() => {})
  }
}

/** One line when a registration becomes unusable, and one when it can be used again. */
function logProblem(
  log: Log,
  before: OpenProvider | undefined,
  { provider, problem }: OpenProvider,
) {
  if ((before?.problem === undefined) === (problem === undefined)) return
  const about = { providerId: provider.id, provider: provider.name }
  if (problem === undefined) log.info(about, 'the registration of a provider can be used again')
  else log.error({ ...about, problem }, 'the registration of a provider is unusable')
}

/** Keeps one back end per provider with its connections, and a new one when the row changes. */
export function createBackendPool(deps: BackendPoolDeps): BackendPool {
  return new ProviderBackendPool(deps)
}
