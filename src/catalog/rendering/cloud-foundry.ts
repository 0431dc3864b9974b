import { createPacer } from '../pacer.ts'
import type { CatalogPart, CatalogPlan } from '../snapshot.ts'
import type { Dialect } from './dialect.ts'
import { RenderingThread, type RenderingLimits } from './rendering-thread.ts'
import { within } from './within.ts'

export interface CloudFoundryOptions {
  readonly limits?: Partial<CloudFoundryLimits>
  /** Called for each plan that could not be written as it should, once. */
  onFaulty(plan: CatalogPlan, effect: 'schemas omitted' | 'not written'): void
  /** Called once for each part in whose place the provider's part of before is served. */
  onOutdated(providerId: string): void
  /** Called when plans could not be written and will be tried again. */
  onError(error: unknown): void
}

export interface CloudFoundryLimits extends RenderingLimits {
  /** CPU time for the schemas of one part; what is left of it is written without them. */
  readonly partCpuMs: number
  /** How long a request waits for a changed part, before it gets the one of before. */
  readonly waitMs: number
  /** How long it waits for a provider that has none, before it fails. */
  readonly firstWaitMs: number
}

// Cloud Foundry waits for a catalog for 60 s by default, and does not ask again: it reads one only
// when an operator registers or updates the broker.
const usualLimits = { partCpuMs: 2_000, waitMs: 25_000, firstWaitMs: 30_000 }

// Small enough that the providers take turns at the thread.
const maxBatchBytes = 131_072

const schemasKey = Buffer.from('"schemas":')

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
  readonly #thread: RenderingThread
  // One for all parts, which are begun at the same moment.
  readonly #pause = createPacer()
  readonly #texts = new WeakMap<CatalogPlan, Buffer | 'same' | 'not written'>()
  readonly #outdated = new WeakSet<CatalogPart>()
  /** By provider, as all below. */
  #latest: ReadonlyMap<string, CatalogPart> = new Map()
  readonly #writing = new Map<string, Writing>()
  /** The latest parts that are written. */
  readonly #written = new Map<string, CatalogPart>()
  #isClosed = false

  constructor(options: CloudFoundryOptions) {
    this.#options = options
    this.#limits = { ...usualLimits, ...options.limits }
    this.#thread = new RenderingThread(options.limits)
  }

  planText(plan: CatalogPlan): Buffer | undefined {
    const text = this.#texts.get(plan)
    if (text === 'same') return plan.text
    return text === 'not written' ? undefined : text
  }

  async writable(parts: readonly CatalogPart[]): Promise<readonly CatalogPart[]> {
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

  close(): Promise<void> {
    this.#isClosed = true
    return this.#thread.close()
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
    if (before === undefined) return within(firstWaitMs, latest)
    try {
      return await within(waitMs, latest)
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
        if ((await this.#write(part)) && this.#isLatest(part)) this.#written.set(providerId, part)
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

  #isLatest(part: CatalogPart): boolean {
    return this.#latest.get(part.providerId) === part
  }

  /** @returns false when a later part has replaced this one meanwhile */
  async #write(part: CatalogPart): Promise<boolean> {
    let batch: CatalogPlan[] = []
    let bytes = 0
    let leftMs = this.#limits.partCpuMs
    for (const plan of part.plans.values()) {
      if (!plan.isPublished || this.#texts.has(plan)) continue
      if (!plan.text.includes(schemasKey)) this.#texts.set(plan, 'same')
      else {
        if (bytes > 0 && bytes + plan.text.length > maxBatchBytes) {
          leftMs -= await this.#writeBatch(batch, leftMs)
          if (!this.#isLatest(part)) return false
          batch = []
          bytes = 0
        }
        batch.push(plan)
        bytes += plan.text.length
      }
      // Most often there is nothing to wait for.
      const pausing = this.#pause()
      if (pausing !== undefined) await pausing
    }
    if (!this.#isLatest(part)) return false
    if (batch.length > 0) await this.#writeBatch(batch, leftMs)
    return true
  }

  /** @returns the CPU time that the schemas took */
  async #writeBatch(batch: readonly CatalogPlan[], leftMs: number): Promise<number> {
    const texts = batch.map(({ text }) => text)
    const { plans, cpuMs } = await this.#thread.write(texts, leftMs)
    for (const [at, plan] of batch.entries()) {
      const { result, text } = plans[at] ?? { result: 'not written', text: plan.text }
      this.#texts.set(plan, result === 'same' || result === 'not written' ? result : text)
      if (result === 'schemas omitted' || result === 'not written')
        this.#options.onFaulty(plan, result)
    }
    return cpuMs
  }
}
