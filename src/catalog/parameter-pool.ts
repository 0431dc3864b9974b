// The worker threads that check parameters, and each provider's share of them. No pool from npm:
// piscina (5.3) limits neither the CPU time of a task nor the threads of a tenant, aborts a task by
// the clock, and gives a task to any thread, while a compiled schema is in one of them.
import { availableParallelism } from 'node:os'
import { createFairQueue, type FairQueue } from '../fair-queue.ts'
import { createCpuBudget, type CpuBudget } from './cpu-budget.ts'
import type { WorkerThreadLimits } from '../threads/worker-thread.ts'
import {
  checkWith,
  createParameterThread,
  type Check,
  type Checked,
  type CheckTimes,
  type ParameterThread,
} from './parameter-thread.ts'
import { createSharedCpuBudget, type SharedCpuBudget } from './shared-cpu-budget.ts'

export interface PoolLimits extends CheckTimes, WorkerThreadLimits {
  /** Besides the isolated one; at least two. One provider uses half of them at a time. */
  readonly threads: number
  /** A check that cannot begin within this time is refused. */
  readonly waitMs: number
  /** How many checks of one platform may wait at a provider. */
  readonly maxWaiting: number
  /** How long a provider whose schema broke a thread has to use the isolated one. */
  readonly isolationMs: number
  /**
   * CPU time that a provider may use at once, besides a quarter of a CPU on average; each of the
   * platforms that use it has an equal part.
   */
  readonly burstMs: number
  /** CPU time that a platform may use at once at a provider for checks without end. */
  readonly endlessBurstMs: number
}

// A schema of the full 64 kB compiles in one or two seconds.
export const usualLimits: PoolLimits = {
  threads: Math.min(4, Math.max(2, availableParallelism())),
  startMs: 10_000,
  compileMs: 3_000,
  runMs: 250,
  waitMs: 10_000,
  maxWaiting: 100,
  idleMs: 60_000,
  isolationMs: 600_000,
  burstMs: 20_000,
  endlessBurstMs: 2_000,
  megabytes: 96,
}

export interface CheckOrder extends Check {
  /** Whose order it is for. */
  readonly platformId: string
}

export interface ParameterPool {
  check(order: CheckOrder): Promise<Checked>
  /** Refuses the checks that wait, and all later ones: the process stops. */
  endWaits(): void
  close(): Promise<void>
}

interface Job {
  readonly order: CheckOrder
  readonly platform: string
  /** Its thread broke when it compiled the schema: the isolated one is started for it anew. */
  readonly isRetry: boolean
  readonly expiry: NodeJS.Timeout
  resolve(checked: Checked): void
}

interface Share {
  /** By platform. */
  readonly waiting: FairQueue<Job>
  running: number
}

interface PoolThread {
  readonly worker: ParameterThread
  isBusy: boolean
}

const maxRemembered = 1_000

class SharedParameterPool implements ParameterPool {
  readonly #limits: PoolLimits
  readonly #onError: (error: Error) => void
  readonly #shared: readonly PoolThread[]
  /**
   * For providers whose schemas break threads, and so cost the other providers of that thread their
   * compiled schemas.
   */
  readonly #isolated: PoolThread
  readonly #isolatedUntil = new Map<string, number>()
  /** Providers with checks that wait or run, the one whose turn it is first. */
  readonly #shares = new Map<string, Share>()
  /** The thread that checked last for a provider and so has its schemas. */
  readonly #lastThreadOf = new Map<string, PoolThread>()
  readonly #budget: SharedCpuBudget
  /** Of a platform at a provider, for checks without end. */
  readonly #endlessBudget: CpuBudget
  #isStopping = false

  constructor(limits: PoolLimits, onError: (error: Error) => void) {
    this.#limits = limits
    this.#onError = onError
    this.#budget = createSharedCpuBudget({ share: 0.25, burstMs: limits.burstMs })
    this.#endlessBudget = createCpuBudget({ share: 0.05, burstMs: limits.endlessBurstMs })
    const create = (): PoolThread => ({ worker: createParameterThread(limits), isBusy: false })
    this.#shared = Array.from({ length: limits.threads }, create)
    this.#isolated = create()
  }

  check(order: CheckOrder): Promise<Checked> {
    if (this.#isStopping) return Promise.resolve({ kind: 'stopping' })
    const { providerId, platformId: platform } = order
    const waitMs = Math.max(
      this.#budget.waitMs(providerId, platform),
      this.#endlessBudget.waitMs(`${providerId} ${platform}`),
    )
    if (waitMs > 0) return Promise.resolve({ kind: 'busy', retryAfterMs: waitMs })
    const waiting = this.#shares.get(providerId)?.waiting.countOf(platform) ?? 0
    if (waiting >= this.#limits.maxWaiting)
      return Promise.resolve({ kind: 'busy', retryAfterMs: 2_000 })
    const { promise, resolve } = Promise.withResolvers<Checked>()
    this.#push(order, platform, false, resolve)
    return promise
  }

  endWaits(): void {
    this.#isStopping = true
    for (const { waiting } of this.#shares.values())
      for (const platform of waiting.keys())
        for (let job = waiting.shift(platform); job !== undefined; job = waiting.shift(platform))
          refuse(job, { kind: 'stopping' })
  }

  async close(): Promise<void> {
    this.endWaits()
    await Promise.all(this.#threads().map(({ worker }) => worker.close()))
  }

  #threads(): readonly PoolThread[] {
    return [...this.#shared, this.#isolated]
  }

  #push(order: CheckOrder, platform: string, isRetry: boolean, resolve: Job['resolve']): void {
    const { providerId } = order
    const share = this.#shares.get(providerId) ?? { waiting: createFairQueue(), running: 0 }
    const expiry = setTimeout(() => {
      share.waiting.remove(platform, job)
      this.#forgetIdle(providerId, share)
      refuse(job, { kind: 'busy', retryAfterMs: 5_000 })
    }, this.#limits.waitMs)
    const job: Job = { order, platform, isRetry, expiry, resolve }
    share.waiting.push(platform, job)
    this.#shares.set(providerId, share)
    this.#serve()
  }

  /** Starts checks for as long as there is one that a free thread may run. */
  #serve(): void {
    while (this.#serveNext());
  }

  #serveNext(): boolean {
    for (const [providerId, share] of this.#shares) {
      const [platform] = share.waiting.keys()
      const thread = platform === undefined ? undefined : this.#threadFor(providerId, share)
      if (platform === undefined || thread === undefined) continue
      const job = share.waiting.shift(platform)
      if (job === undefined) continue
      // The provider is the last to have a turn again.
      this.#shares.delete(providerId)
      this.#shares.set(providerId, share)
      void this.#run(thread, job, share)
      return true
    }
    return false
  }

  #threadFor(providerId: string, share: Share): PoolThread | undefined {
    if ((this.#isolatedUntil.get(providerId) ?? 0) > performance.now())
      return this.#isolated.isBusy ? undefined : this.#isolated
    if (share.running >= Math.floor(this.#limits.threads / 2)) return undefined
    const last = this.#lastThreadOf.get(providerId)
    return last?.isBusy === false ? last : this.#shared.find(({ isBusy }) => !isBusy)
  }

  async #run(thread: PoolThread, job: Job, share: Share): Promise<void> {
    const { order, platform, isRetry } = job
    const { providerId } = order
    clearTimeout(job.expiry)
    thread.isBusy = true
    share.running++
    this.#rememberThread(providerId, thread)
    let checked: Checked = { kind: 'busy', retryAfterMs: 5_000 }
    try {
      if (isRetry) await thread.worker.end()
      const timed = await checkWith(thread.worker, this.#limits, order)
      checked = timed.checked
      this.#charge(providerId, platform, checked, timed.cpuMs)
    } catch (error) {
      this.#onError(error instanceof Error ? error : new Error(String(error)))
    }
    thread.isBusy = false
    share.running--
    const { kind } = checked
    // close() ends threads at their work, which looks like a fault of the schema.
    if (this.#isStopping && (kind === 'unusable' || kind === 'endless'))
      job.resolve({ kind: 'stopping' })
    // Alone in a new thread a good schema compiles, however much of others the first one held.
    else if (kind === 'unusable' && !isRetry) this.#push(order, platform, true, job.resolve)
    else job.resolve(checked)
    this.#forgetIdle(providerId, share)
    this.#serve()
  }

  #charge(providerId: string, platform: string, { kind }: Checked, cpuMs: number): void {
    this.#budget.charge(providerId, platform, cpuMs)
    if (kind === 'endless') this.#endlessBudget.charge(`${providerId} ${platform}`, cpuMs)
    if (kind !== 'endless' && kind !== 'unusable') return
    const now = performance.now()
    for (const [id, until] of this.#isolatedUntil) if (until <= now) this.#isolatedUntil.delete(id)
    this.#isolatedUntil.set(providerId, now + this.#limits.isolationMs)
  }

  #rememberThread(providerId: string, thread: PoolThread): void {
    this.#lastThreadOf.delete(providerId)
    this.#lastThreadOf.set(providerId, thread)
    const [oldest] = this.#lastThreadOf.keys()
    if (this.#lastThreadOf.size > maxRemembered && oldest !== undefined)
      this.#lastThreadOf.delete(oldest)
  }

  #forgetIdle(providerId: string, share: Share): void {
    if (share.running === 0 && share.waiting.size === 0) this.#shares.delete(providerId)
  }
}

function refuse(job: Job, checked: Extract<Checked, { kind: 'busy' | 'stopping' }>): void {
  clearTimeout(job.expiry)
  job.resolve(checked)
}

export function createParameterPool(
  limits: PoolLimits,
  onError: (error: Error) => void,
): ParameterPool {
  return new SharedParameterPool(limits, onError)
}
