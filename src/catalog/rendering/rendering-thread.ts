import { BrokerError } from '../../errors.ts'
import {
  createWorkerThread,
  entryBeside,
  type WorkerThread,
  type WorkerThreadLimits,
} from '../../threads/worker-thread.ts'
import {
  buffersOf,
  pack,
  results,
  unpack,
  type RenderingAnswer,
  type RenderingTask,
  type Result,
} from './task.ts'

export interface RenderingLimits extends WorkerThreadLimits {
  /** CPU time of one batch of plans. */
  readonly cpuMs: number
}

const usualLimits: RenderingLimits = {
  cpuMs: 5_000,
  startMs: 15_000,
  megabytes: 128,
  idleMs: 60_000,
}

export interface WrittenPlan {
  readonly result: Result
  /** Empty if it is the same, or not written. */
  readonly text: Buffer
}

export interface WrittenBatch {
  /** In the order of the texts. */
  readonly plans: readonly WrittenPlan[]
  /** CPU time that the schemas took, in milliseconds. */
  readonly cpuMs: number
}

/** A worker thread that writes plans for Cloud Foundry, one batch after the other. */
export class RenderingThread {
  readonly #limits: RenderingLimits
  readonly #thread: WorkerThread<RenderingTask, RenderingAnswer>
  #turn: Promise<unknown> = Promise.resolve()

  constructor(limits: Partial<RenderingLimits> = {}) {
    this.#limits = { ...usualLimits, ...limits }
    this.#thread = createWorkerThread(
      entryBeside(import.meta.url, 'rendering-worker'),
      this.#limits,
    )
  }

  /**
   * Writes plans of one provider, without their parameter schemas if these take too long.
   * @param texts  as the standard dialect writes them
   * @param maxMs  CPU time for the schemas, in milliseconds, if it is less than that of any batch;
   *   none is left at 0 and below
   * @throws BrokerError `unavailable` when the thread does not start, or gets no processor time
   */
  write(texts: readonly Buffer[], maxMs: number): Promise<WrittenBatch> {
    const writing = this.#turn.then(() => this.#write(texts, maxMs))
    this.#turn = writing.catch(() => {})
    return writing
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  async #write(texts: readonly Buffer[], maxMs: number): Promise<WrittenBatch> {
    const cpuMs = Math.min(this.#limits.cpuMs, maxMs)
    const whole = cpuMs > 0 ? await this.#ask(texts, false, cpuMs) : undefined
    if (whole?.plans !== undefined) return { plans: whole.plans, cpuMs: whole.cpuMs }
    const { plans } = await this.#ask(texts, true, this.#limits.cpuMs)
    return {
      plans: plans ?? texts.map(() => ({ result: 'not written', text: Buffer.alloc(0) })),
      cpuMs: whole?.cpuMs ?? 0,
    }
  }

  /** @returns no plans when to write them takes too long, or ends two threads */
  async #ask(
    texts: readonly Buffer[],
    omitsSchemas: boolean,
    limitMs: number,
    isRepeat = false,
  ): Promise<{ readonly plans?: readonly WrittenPlan[]; readonly cpuMs: number }> {
    const plans = pack(texts)
    const task = { plans, omitsSchemas }
    const { reply, cpuMs } = await this.#thread.ask(task, limitMs, buffersOf(plans))
    switch (reply.kind) {
      case 'rendered':
        return { plans: writtenOf(reply), cpuMs }
      case 'overran':
        return { cpuMs }
      case 'died':
        // What ended the thread may have had nothing to do with these plans.
        return isRepeat ? { cpuMs } : this.#ask(texts, omitsSchemas, limitMs, true)
      default:
        throw new BrokerError('unavailable', `The catalog cannot be written now: ${reply.kind}.`, {
          retryAfterSeconds: 5,
        })
    }
  }
}

function writtenOf({ plans, results: indexes }: RenderingAnswer): WrittenPlan[] {
  return unpack(plans).map((text, at) => ({
    result: results[indexes[at] ?? results.length] ?? 'not written',
    // A copy: the text of one plan must not keep those of all plans of its batch in memory.
    text: Buffer.from(text),
  }))
}
