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
   * Writes plans of one provider.
   * @param texts  as the standard dialect writes them
   * @throws BrokerError `unavailable` when the thread does not start, or gets no processor time
   */
  write(texts: readonly Buffer[]): Promise<readonly WrittenPlan[]> {
    const writing = this.#turn.then(() => this.#write(texts))
    this.#turn = writing.catch(() => {})
    return writing
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  async #write(texts: readonly Buffer[]): Promise<readonly WrittenPlan[]> {
    // The second time in another thread: whatever ended the first may have had nothing to do with
    // these plans.
    for (const omitsSchemas of [false, false, true]) {
      const plans = pack(texts)
      const { cpuMs } = this.#limits
      const { reply } = await this.#thread.ask({ plans, omitsSchemas }, cpuMs, buffersOf(plans))
      if (reply.kind === 'rendered') return writtenOf(reply)
      if (reply.kind !== 'overran' && reply.kind !== 'died')
        throw new BrokerError('unavailable', `The catalog cannot be written now: ${reply.kind}.`)
    }
    return texts.map(() => ({ result: 'not written', text: Buffer.alloc(0) }))
  }
}

function writtenOf({ plans, results: indexes }: RenderingAnswer): WrittenPlan[] {
  return unpack(plans).map((text, at) => ({
    result: results[indexes[at] ?? results.length] ?? 'not written',
    // A copy: the text of one plan must not keep those of all plans of its batch in memory.
    text: Buffer.from(text),
  }))
}
