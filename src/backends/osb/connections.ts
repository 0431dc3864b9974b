import type { Dispatcher, Pool } from 'undici'

/** Connections to one origin. */
export interface Connections {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void
  /** Calls under way may still end, later ones fail. To be called once. */
  close(): Promise<void>
}

// Longer than connections without a call stay open, so that this closes none that is of use.
const usualRestMs = 10_000

/**
 * Opens a pool for the first call, and drops it when there was none for a while: with the queue
 * that each has, the pools of a thousand providers that are not called took 20 MB.
 */
export function createConnections(openPool: () => Pool, restMs = usualRestMs): Connections {
  let pool: Pool | undefined
  let isClosed = false
  const timer = setTimeout(() => {
    if (pool === undefined) return
    // Dropped, a pool with a call under way would not be waited for at the end.
    if (pool.stats.size > 0) {
      timer.refresh()
      return
    }
    void pool.close()
    pool = undefined
  }, restMs).unref()
  return {
    dispatch(options, handler) {
      pool ??= openPool()
      if (!isClosed) timer.refresh()
      pool.dispatch(options, handler)
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      // A closed pool tells later calls so.
      pool ??= openPool()
      await pool.close()
    },
  }
}
