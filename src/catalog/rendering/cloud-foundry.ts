import { setTimeout as delay } from 'node:timers/promises'
import { createPacer } from '../pacer.ts'
import type { CatalogPart, CatalogPlan } from '../snapshot.ts'
import type { Dialect } from './dialect.ts'
import { RenderingThread, type RenderingLimits } from './rendering-thread.ts'

export interface CloudFoundryOptions {
  readonly limits?: Partial<CloudFoundryLimits>
  /** Called for each plan that could not be written as it should, once. */
  onFaulty(plan: CatalogPlan, effect: 'schemas omitted' | 'not written'): void
  /** Called when plans could not be written and will be tried again. */
  onError(error: unknown): void
}

export interface CloudFoundryLimits extends RenderingLimits {
  /** CPU time for the schemas of one part; what is left of it is written without them. */
  readonly partCpuMs: number
  /** How long a changed part is waited for. */
  readonly waitMs: number
}

// Small enough that the providers take turns at the thread.
const maxBatchBytes = 131_072

const schemasKey = Buffer.from('"schemas":')

interface Writing {
  readonly startedAt: number
  readonly done: Promise<CatalogPart>
}

/**
 * The dialect of Cloud Foundry, which refuses a catalog for one parameter schema of a later draft.
 * Plans with schemas are written in a worker thread, once each.
 */
export class CloudFoundryDialect implements Dialect {
  readonly name = 'cloudfoundry'
  readonly #options: CloudFoundryOptions
  readonly #partCpuMs: number
  readonly #waitMs: number
  readonly #thread: RenderingThread
  // One for all parts, which are begun at the same moment.
  readonly #pause = createPacer()
  readonly #texts = new WeakMap<CatalogPlan, Buffer | 'same' | 'not written'>()
  readonly #writing = new WeakMap<CatalogPart, Writing>()
  /** The latest part of each provider that is written. */
  readonly #written = new Map<string, CatalogPart>()

  constructor(options: CloudFoundryOptions) {
    this.#options = options
    this.#partCpuMs = options.limits?.partCpuMs ?? 2_000
    this.#waitMs = options.limits?.waitMs ?? 2_000
    this.#thread = new RenderingThread(options.limits)
  }

  planText(plan: CatalogPlan): Buffer | undefined {
    const text = this.#texts.get(plan)
    if (text === 'same') return plan.text
    return text === 'not written' ? undefined : text
  }

  async writable(parts: readonly CatalogPart[]): Promise<readonly CatalogPart[]> {
    const writable: Array<Promise<CatalogPart>> = []
    for (const part of parts) {
      const each = this.#writableFor(part)
      // Awaited below.
      each.catch(() => {})
      writable.push(each)
      await this.#pause()
    }
    return Promise.all(writable)
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  async #writableFor(part: CatalogPart): Promise<CatalogPart> {
    const last = this.#written.get(part.providerId)
    if (last === part) return part
    const { startedAt, done } = this.#writing.get(part) ?? this.#begin(part)
    if (last === undefined) return done
    return orAfter(done, startedAt + this.#waitMs - performance.now(), last)
  }

  #begin(part: CatalogPart): Writing {
    const end = (error?: unknown) => {
      this.#writing.delete(part)
      if (error === undefined) this.#written.set(part.providerId, part)
      else this.#options.onError(error)
    }
    const done = this.#write(part).then(() => part)
    done.then(() => end(), end)
    const writing = { startedAt: performance.now(), done }
    this.#writing.set(part, writing)
    return writing
  }

  async #write({ plans }: CatalogPart): Promise<void> {
    let batch: CatalogPlan[] = []
    let bytes = 0
    let leftMs = this.#partCpuMs
    for (const plan of plans.values()) {
      if (!plan.isPublished || this.#texts.has(plan)) continue
      if (!plan.text.includes(schemasKey)) this.#texts.set(plan, 'same')
      else {
        if (bytes > 0 && bytes + plan.text.length > maxBatchBytes) {
          leftMs -= await this.#writeBatch(batch, leftMs)
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
    if (batch.length > 0) await this.#writeBatch(batch, leftMs)
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

/** The value, or `otherwise` if it takes longer or cannot be had. */
async function orAfter<Value>(
  value: Promise<Value>,
  maxMs: number,
  otherwise: Value,
): Promise<Value> {
  if (maxMs <= 0) return otherwise
  const waiting = new AbortController()
  const { signal } = waiting
  try {
    return await Promise.race([value, delay(maxMs, otherwise, { signal, ref: false })])
  } catch {
    return otherwise
  } finally {
    waiting.abort()
  }
}
