import { createPacer } from '../pacer.ts'
import type { CatalogPart, CatalogPlan } from '../snapshot.ts'
import type { Dialect } from './dialect.ts'
import { PlanWriter, type FaultyPlans, type PlanWriterLimits } from './plan-writer.ts'
import type { UnwritableEffect } from './unwritable-plans.ts'
import { waitForCatalog } from './wait-for-catalog.ts'

export interface CloudFoundryOptions extends FaultyPlans {
  readonly limits?: Partial<CloudFoundryLimits>
  /**
   * Called when a part is written that holds such plans, those of before included, and whenever
   * the catalog may have changed while the part is the latest one.
   */
  onFaultyPart(providerId: string, faulty: ReadonlyMap<CatalogPlan, UnwritableEffect>): void
  /** Called once for each part in whose place the provider's part of before is served. */
  onOutdated(providerId: string): void
  /** Called when plans could not be written and will be tried again. */
  onError(error: unknown): void
}

export interface CloudFoundryLimits extends PlanWriterLimits {
  /** How long a request waits for a changed part, before it gets the one of before. */
  readonly waitMs: number
  /** How long it waits for a provider that has none, before it fails. */
  readonly firstWaitMs: number
  /** How long after a request changed parts are written without another one. */
  readonly aheadMs: number
}

// Cloud Foundry waits for a catalog for 60 s by default, and does not ask again: it reads one only
// when an operator registers or updates the broker.
const usualLimits = {
  waitMs: 25_000,
  firstWaitMs: 30_000,
  aheadMs: 3_600_000,
}

interface Writing {
  readonly part: CatalogPart
  /** The provider's latest part at the end; undefined if the provider was removed meanwhile. */
  readonly done: Promise<CatalogPart | undefined>
}

/**
 * The dialect of Cloud Foundry, which refuses a catalog for one parameter schema of a later draft.
 * Plans with schemas are written in a worker thread, once each.
 */
export class CloudFoundryDialect implements Dialect {
  readonly name = 'cloudfoundry'
  readonly #options: CloudFoundryOptions
  readonly #limits: typeof usualLimits
  readonly #writer: PlanWriter
  readonly #pause = createPacer()
  /** Of parts that were written: their plans that could not be. */
  readonly #faulty = new WeakMap<CatalogPart, ReadonlyMap<CatalogPlan, UnwritableEffect>>()
  readonly #outdated = new WeakSet<CatalogPart>()
  /** By provider, as all below. */
  #latest: ReadonlyMap<string, CatalogPart> = new Map()
  readonly #writing = new Map<string, Writing>()
  /** The latest parts that are written. */
  readonly #written = new Map<string, CatalogPart>()
  #askedAtMs = -Infinity
  #isClosed = false

  constructor(options: CloudFoundryOptions) {
    this.#options = options
    this.#limits = { ...usualLimits, ...options.limits }
    this.#writer = new PlanWriter(options.limits ?? {}, options)
  }

  planText(plan: CatalogPlan): Buffer | undefined {
    return this.#writer.textOf(plan)
  }

  async writable(parts: readonly CatalogPart[]): Promise<readonly CatalogPart[]> {
    this.#askedAtMs = performance.now()
    this.#follow(parts)
    const writable: Array<Promise<CatalogPart | undefined>> = []
    for (const { providerId } of parts) {
      const each = this.#writableOf(providerId)
      // Awaited below.
      each.catch(() => {})
      writable.push(each)
      await this.#pause()
    }
    return (await Promise.all(writable)).filter((part) => part !== undefined)
  }

  /** @see Dialects.prepare */
  async prepare(parts: readonly CatalogPart[]): Promise<void> {
    for (const part of parts) if (this.#written.get(part.providerId) === part) this.#report(part)
    if (performance.now() - this.#askedAtMs > this.#limits.aheadMs) return
    this.#follow(parts)
    for (const { providerId } of parts) {
      // onError has it; the next request tries again.
      this.#latestOf(providerId).catch(() => {})
      await this.#pause()
    }
  }

  close(): Promise<void> {
    this.#isClosed = true
    return this.#writer.close()
  }

  // At once, before anything is waited for: so the parts of a later snapshot are always later.
  #follow(parts: readonly CatalogPart[]): void {
    this.#latest = new Map(parts.map((part) => [part.providerId, part]))
    for (const id of this.#written.keys()) if (!this.#latest.has(id)) this.#written.delete(id)
  }

  async #writableOf(providerId: string): Promise<CatalogPart | undefined> {
    const before = this.#written.get(providerId)
    if (before !== undefined && this.#isLatest(before)) return before
    const latest = this.#latestOf(providerId)
    const { waitMs, firstWaitMs } = this.#limits
    // Without its plans Cloud Foundry would take them as withdrawn.
    if (before === undefined) return waitForCatalog(firstWaitMs, latest)
    try {
      return await waitForCatalog(waitMs, latest)
    } catch {
      this.#reportOutdated(providerId)
      return this.#written.get(providerId)
    }
  }

  #reportOutdated(providerId: string): void {
    const part = this.#latest.get(providerId)
    if (part === undefined || this.#outdated.has(part)) return
    this.#outdated.add(part)
    if (!this.#isClosed) this.#options.onOutdated(providerId)
  }

  /** The latest part of a provider, when it is written. */
  async #latestOf(providerId: string): Promise<CatalogPart | undefined> {
    const part = this.#latest.get(providerId)
    if (part === undefined || this.#written.get(providerId) === part) return part
    const writing = this.#writing.get(providerId)
    return (writing?.part === part ? writing : this.#begin(part)).done
  }

  #begin(part: CatalogPart): Writing {
    const { providerId } = part
    const write = async (): Promise<CatalogPart | undefined> => {
      try {
        const isLatest = () => this.#isLatest(part)
        if ((await this.#writer.write(part, isLatest)) && isLatest()) {
          this.#written.set(providerId, part)
          this.#faulty.set(part, this.#writer.faultyOf(part))
          this.#report(part)
        }
      } catch (error) {
        if (!this.#isClosed) this.#options.onError(error)
        throw error
      } finally {
        if (this.#writing.get(providerId)?.part === part) this.#writing.delete(providerId)
      }
      return this.#latestOf(providerId)
    }
    const writing = { part, done: write() }
    this.#writing.set(providerId, writing)
    return writing
  }

  #report(part: CatalogPart): void {
    const faulty = this.#faulty.get(part)
    if (faulty === undefined || faulty.size === 0 || this.#isClosed) return
    this.#options.onFaultyPart(part.providerId, faulty)
  }

  #isLatest(part: CatalogPart): boolean {
    return this.#latest.get(part.providerId) === part
  }
}
