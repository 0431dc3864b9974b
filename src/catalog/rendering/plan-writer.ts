import { createPacer } from '../pacer.ts'
import type { CatalogPart, CatalogPlan } from '../snapshot.ts'
import { RenderingThread, type RenderingLimits } from './rendering-thread.ts'
import type { UnwritableEffect } from './unwritable-plans.ts'

export interface PlanWriterLimits extends RenderingLimits {
  /** CPU time for the schemas of one part; what is left of it is written without them. */
  readonly partCpuMs: number
}

export interface FaultyPlans {
  /** Called for each plan that could not be written as it should, once. */
  onFaulty(plan: CatalogPlan, effect: UnwritableEffect): void
}

const usualPartCpuMs = 2_000

// Small enough that the providers take turns at the thread.
const maxBatchBytes = 131_072

const schemasKey = Buffer.from('"schemas":')

/** Writes plans for Cloud Foundry, each once; those with schemas in a worker thread. */
export class PlanWriter {
  readonly #partCpuMs: number
  readonly #faultyPlans: FaultyPlans
  readonly #thread: RenderingThread
  // One for all parts, which are begun at the same moment.
  readonly #pause = createPacer()
  readonly #texts = new WeakMap<CatalogPlan, Buffer | 'same' | 'not written'>()
  readonly #effects = new WeakMap<CatalogPlan, UnwritableEffect>()

  constructor(limits: Partial<PlanWriterLimits>, faultyPlans: FaultyPlans) {
    this.#partCpuMs = limits.partCpuMs ?? usualPartCpuMs
    this.#faultyPlans = faultyPlans
    this.#thread = new RenderingThread(limits)
  }

  /** @returns undefined for a plan that is not written, or cannot be */
  textOf(plan: CatalogPlan): Buffer | undefined {
    const text = this.#texts.get(plan)
    if (text === 'same') return plan.text
    return text === 'not written' ? undefined : text
  }

  /** The plans of a written part that could not be written as they should. */
  faultyOf({ plans }: CatalogPart): Map<CatalogPlan, UnwritableEffect> {
    const faulty = new Map<CatalogPlan, UnwritableEffect>()
    for (const plan of plans.values()) {
      const effect = this.#effects.get(plan)
      if (effect !== undefined) faulty.set(plan, effect)
    }
    return faulty
  }

  /**
   * @param isCurrent  false: a later part has replaced this one, so that writing it can end
   * @returns whether the part is written
   * @throws BrokerError `unavailable`
   */
  async write(part: CatalogPart, isCurrent: () => boolean): Promise<boolean> {
    let batch: CatalogPlan[] = []
    let bytes = 0
    let leftMs = this.#partCpuMs
    for (const plan of part.plans.values()) {
      if (!plan.isPublished || this.#texts.has(plan)) continue
      if (!plan.text.includes(schemasKey)) this.#texts.set(plan, 'same')
      else {
        if (bytes > 0 && bytes + plan.text.length > maxBatchBytes) {
          leftMs -= await this.#writeBatch(batch, leftMs)
          if (!isCurrent()) return false
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
    if (!isCurrent()) return false
    if (batch.length > 0) await this.#writeBatch(batch, leftMs)
    return true
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  /** @returns the CPU time that the schemas took */
  async #writeBatch(batch: readonly CatalogPlan[], leftMs: number): Promise<number> {
    const texts = batch.map(({ text }) => text)
    const { plans, cpuMs } = await this.#thread.write(texts, leftMs)
    for (const [at, plan] of batch.entries()) {
      const { result, text } = plans[at] ?? { result: 'not written', text: plan.text }
      this.#texts.set(plan, result === 'same' || result === 'not written' ? result : text)
      if (result !== 'schemas omitted' && result !== 'not written') continue
      this.#effects.set(plan, result)
      this.#faultyPlans.onFaulty(plan, result)
    }
    return cpuMs
  }
}
