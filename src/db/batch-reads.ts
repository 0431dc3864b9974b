import { setImmediate } from 'node:timers/promises'

/**
 * Combines single reads into batches: all keys requested in the same turn of the event loop are
 * read by one call of `read`.
 * @param read  returns the rows of the keys in any order, and leaves out those that do not exist
 * @param keyOf  the same text for a key and for its row
 * @returns a function that rejects with the error of `read`
 */
export function batchReads<Key, Row>(
  read: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (one: Key | Row) => string,
): (key: Key) => Promise<Row | undefined> {
  let waiting: Key[] = []
  let reading: Promise<Map<string, Row>> | undefined

  const readWaiting = async (): Promise<Map<string, Row>> => {
    await setImmediate()
    const keys = waiting
    waiting = []
    reading = undefined
    const rows = new Map<string, Row>()
    for (const row of await read(keys)) rows.set(keyOf(row), row)
    return rows
  }

  return async (key) => {
    waiting.push(key)
    reading ??= readWaiting()
    return (await reading).get(keyOf(key))
  }
}
