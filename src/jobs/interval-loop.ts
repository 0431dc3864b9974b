import { setTimeout as pause } from 'node:timers/promises'

export interface IntervalLoop {
  /** Begins the next round now, or right after the one under way. */
  wake(): void
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>
}

export interface LoopOptions {
  /** @returns how many milliseconds to wait before the next round */
  round(): Promise<number>
  /** Logs what a round threw. @returns as `round` */
  onError(error: unknown): number
  /**
   * The shortest pause between two rounds, `wake` or not: what falls due together is claimed
   * together.
   */
  readonly minPauseMs?: number
}

/** Runs rounds one after another until it is stopped; the first begins at once. */
export function startLoop({ round, onError, minPauseMs = 0 }: LoopOptions): IntervalLoop {
  let isStopped = false
  let isWoken = false
  let endSleep = (): void => {}

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      endSleep = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const wake = (): void => {
    isWoken = true
    endSleep()
  }
  const run = async (): Promise<void> => {
    while (!isStopped) {
      isWoken = false
      const waitMs = await round().catch(onError)
      if (minPauseMs > 0) await pause(minPauseMs)
      if (!isStopped && !isWoken && waitMs > minPauseMs) await sleep(waitMs - minPauseMs)
    }
  }
  const running = run()
  return {
    wake,
    async stop() {
      isStopped = true
      wake()
      await running
    },
  }
}
