import type { Db } from '../../db/database.ts'
import { readMarks, type Watched } from './store.ts'

/** Sees what changes of orders and instances, whichever process changes it. */
export interface Watcher {
  /**
   * Calls `onChange` after each change, and perhaps once more.
   * @returns ends it
   */
  watch(watched: Watched, onChange: () => void): () => void
  close(): void
}

export interface WatcherDeps {
  readonly db: Db
  /** Gets the driver's error; it looks again later. */
  readonly onError: (error: unknown) => void
  readonly everyMs: number
}

interface Target {
  readonly watched: Watched
  mark: string | undefined
  readonly listeners: Set<() => void>
}

/**
 * Looks every `everyMs`, by one statement for all that is watched, and not at all while nothing is.
 * Steps of operations send no notification: one for each would cost all orders more than the looks
 * of the few processes that people follow something at.
 */
export function createWatcher({ db, onError, everyMs }: WatcherDeps): Watcher {
  const targets = new Map<string, Target>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const look = async (): Promise<void> => {
    const looked = [...targets.values()]
    const marks = await readMarks(
      db,
      looked.map(({ watched }) => watched),
    )
    for (const [at, target] of looked.entries()) {
      if (target.mark === marks[at]) continue
      target.mark = marks[at]
      for (const onChange of target.listeners) onChange()
    }
  }
  const lookLater = (): void => {
    if (timer !== undefined || isClosed || targets.size === 0) return
    timer = setTimeout(() => {
      look()
        .catch(onError)
        .finally(() => {
          timer = undefined
          lookLater()
        })
    }, everyMs)
    timer.unref()
  }
  return {
    watch(watched, onChange) {
      const key = [watched.platformId, watched.instanceId, watched.orderId].join(' ')
      const target = targets.get(key) ?? { watched, mark: undefined, listeners: new Set() }
      targets.set(key, target)
      target.listeners.add(onChange)
      lookLater()
      return () => {
        target.listeners.delete(onChange)
        if (target.listeners.size === 0 && targets.get(key) === target) targets.delete(key)
      }
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      targets.clear()
    },
  }
}
