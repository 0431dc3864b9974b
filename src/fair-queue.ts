/** Items wait in order of arrival under the key of their sender; the keys take turns. */
export interface FairQueue<T> {
  size(): number
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
  let size = 0
  return {
    size: () => size,
    countOf: (key) => lines.get(key)?.length ?? 0,
    keys: () => lines.keys(),
    push(key, item) {
      const line = lines.get(key)
      if (line === undefined) lines.set(key, [item])
      else line.push(item)
      size++
    },
    first: (key) => lines.get(key)?.[0],
    shift(key) {
      const line = lines.get(key)
      const item = line?.shift()
      if (line === undefined || item === undefined) return undefined
      lines.delete(key)
      if (line.length > 0) lines.set(key, line)
      size--
      return item
    },
    remove(key, item) {
      const line = lines.get(key)
      const at = line?.indexOf(item) ?? -1
      if (line === undefined || at < 0) return
      line.splice(at, 1)
      if (line.length === 0) lines.delete(key)
      size--
    },
  }
}
