/** Items wait in order of arrival under the key of their sender; the keys take turns. */
export interface FairQueue<T> {
  /** How many items wait. A field, because each call at a provider looks at it. */
  readonly size: number
  countOf(key: string): number
  /** The keys with items, the one whose turn it is first. */
  keys(): Iterable<string>
  push(key: string, item: T): void
  /** The oldest item of the key; it stays. */
  first(key: string): T | undefined
  /** Takes the oldest item of the key, which then is the last to have a turn again. */
  shift(key: string): T | undefined
  /** Of an item that waits no longer. */
  remove(key: string, item: T): void
}

export function createFairQueue<T>(): FairQueue<T> {
  // A Map keeps the order in which its keys were set: that is the order of turns.
  const lines = new Map<string, T[]>()
  const queue = {
    size: 0,
    countOf: (key: string) => lines.get(key)?.length ?? 0,
    keys: () => lines.keys(),
    push(key: string, item: T) {
      const line = lines.get(key)
      if (line === undefined) lines.set(key, [item])
      else line.push(item)
      queue.size++
    },
    first: (key: string) => lines.get(key)?.[0],
    shift(key: string) {
      const line = lines.get(key)
      const item = line?.shift()
      if (line === undefined || item === undefined) return undefined
      lines.delete(key)
      if (line.length > 0) lines.set(key, line)
      queue.size--
      return item
    },
    remove(key: string, item: T) {
      const line = lines.get(key)
      const at = line?.indexOf(item) ?? -1
      if (line === undefined || at < 0) return
      line.splice(at, 1)
      if (line.length === 0) lines.delete(key)
      queue.size--
    },
  }
  return queue
}
