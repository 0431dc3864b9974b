import type { CatalogCaps } from '../../config.ts'
import type { ReadingAnswer, ReadingTask, Refreshed } from './task.ts'
import { HeldReadings } from './held-readings.ts'
import { Rests, usualRest, type RestLimits } from './rest.ts'
import { Turns } from './turns.ts'
import {
  createReadingThread,
  readWith,
  type ReadingLimits,
  type ReadingThread,
} from './reading-thread.ts'

export interface ReaderLimits extends ReadingLimits {
  readonly threads: number
  /**
   * A provider whose last reading took more CPU time is slow: at most one slow one is read at a
   * time.
   */
  readonly slowMs: number
  /** From the request to the publication, by the clock. */
  readonly readMs: number
  readonly rest: RestLimits
}

// A catalog of the default limits takes about a second and 150 MB.
const usualLimits: Omit<ReaderLimits, 'megabytes'> = {
  threads: 2,
  cpuMs: 5_000,
  startMs: 15_000,
  idleMs: 60_000,
  slowMs: 1_000,
  // The back end has a shorter timeout of its own.
  readMs: 60_000,
  rest: usualRest,
}

/** Reads catalogs in worker threads, so that none blocks the event loop. */
export interface CatalogReader {
  /** One reading of each provider at a time, from the request to the publication. */
  readonly turns: Turns<Refreshed>
  readonly heldReadings: HeldReadings
  readonly caps: CatalogCaps
  /** Of a provider, from the end of a reading to the next one. */
  readonly rests: Rests
  /** @see ReaderLimits */
  readonly readMs: number
  /**
   * Reads one catalog; one of a provider at a time. The bytes are transferred to the thread.
   * @returns `stopped` when the signal aborts before the thread began, or the reader is closed
   */
  read(
    providerId: string,
    task: Omit<ReadingTask, 'caps'>,
    signal: AbortSignal,
  ): Promise<ReadingAnswer | { readonly kind: 'stopped' }>
  close(): Promise<void>
}

interface Job {
  readonly providerId: string
  readonly task: ReadingTask
  readonly signal: AbortSignal
  readonly done: PromiseWithResolvers<ReadingAnswer | { readonly kind: 'stopped' }>
}

class ThreadPool implements CatalogReader {
  readonly turns = new Turns<Refreshed>()
  readonly heldReadings = new HeldReadings()
  readonly caps: CatalogCaps
  readonly rests: Rests
  readonly readMs: number
  readonly #limits: ReaderLimits
  readonly #idle: ReadingThread[] = []
  readonly #slow = new Set<string>()
  readonly #running = new Set<string>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #busy = new Set<ReadingThread>()
  #waiting: Job[] = []
  #isClosed = false

  constructor(caps: CatalogCaps, limits: ReaderLimits) {
    this.caps = caps
    this.rests = new Rests(limits.rest)
    this.readMs = limits.readMs
    this.#limits = limits
  }

  read(...[providerId, task, signal]: Parameters<CatalogReader['read']>) {
    const done: Job['done'] = Promise.withResolvers()
    this.#waiting.push({ providerId, task: { ...task, caps: this.caps }, signal, done })
    this.#begin()
    return done.promise
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.turns.endRests()
    this.#begin()
    await Promise.all([...this.#idle, ...this.#busy].map((thread) => thread.close()))
    await Promise.all(this.#underWay)
  }

  #begin(): void {
    const isStopped = ({ signal }: Job) => this.#isClosed || signal.aborted
    for (const { done } of this.#waiting.filter(isStopped)) done.resolve({ kind: 'stopped' })
    this.#waiting = this.#waiting.filter((job) => !isStopped(job))
    while (this.#running.size < this.#limits.threads) {
      const job = this.#waiting.find(({ providerId }) => this.#mayRun(providerId))
      if (job === undefined) return
      this.#waiting = this.#waiting.filter((each) => each !== job)
      const running = this.#run(job).finally(() => {
        this.#underWay.delete(running)
        this.#begin()
      })
      this.#underWay.add(running)
    }
  }

  // One thread stays free of the providers whose catalogs take long.
  #mayRun(providerId: string): boolean {
    if (this.#running.has(providerId)) return false
    return !this.#slow.has(providerId) || [...this.#running].every((id) => !this.#slow.has(id))
  }

  async #run({ providerId, task, done }: Job): Promise<void> {
    this.#running.add(providerId)
    const thread = this.#idle.pop() ?? createReadingThread(this.#limits)
    this.#busy.add(thread)
    try {
      const { answer, cpuMs } = await readWith(thread, task, this.#limits.cpuMs)
      if (cpuMs > this.#limits.slowMs) this.#slow.add(providerId)
      else this.#slow.delete(providerId)
      done.resolve(this.#isClosed ? { kind: 'stopped' } : answer)
    } catch {
      done.resolve({ kind: 'unusable', description: 'Kontor could not start a thread to read it' })
    } finally {
      this.#running.delete(providerId)
      this.#busy.delete(thread)
      this.#idle.push(thread)
    }
  }
}

/** The threads start when they are needed. */
export function createCatalogReader(
  caps: CatalogCaps,
  limits: Partial<ReaderLimits> = {},
): CatalogReader {
  const megabytes = 192 + Math.ceil((caps.bytes * 8) / 1_048_576)
  return new ThreadPool(caps, { ...usualLimits, megabytes, ...limits })
}
