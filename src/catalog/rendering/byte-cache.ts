export interface ByteCache<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
}

/**
 * Keeps what can be made again.
 * @param maxBytes  of all values; beyond it the least recently used ones are dropped. One alone may
 *   exceed it.
 */
export function createByteCache<Key, Value>(
  maxBytes: number,
  sizeOf: (value: Value) => number,
): ByteCache<Key, Value> {
  // A Map keeps the order of insertion.
  const values = new Map<Key, Value>()
  let bytes = 0
  const remove = (key: Key): void => {
    const value = values.get(key)
    if (value !== undefined && values.delete(key)) bytes -= sizeOf(value)
  }
  return {
    get(key) {
      const value = values.get(key)
      // Inserted again, it is the most recently used one.
      if (value !== undefined && values.delete(key)) values.set(key, value)
      return value
    },
    set(key, value) {
      remove(key)
      values.set(key, value)
      bytes += sizeOf(value)
      for (const oldest of values.keys()) {
        if (bytes <= maxBytes || oldest === key) break
        remove(oldest)
      }
    },
  }
}
