/**
 * Makes one query of many: what is asked for in the same turn of the event loop is read by one call of `read`.
 * @param read  gives each of the things that were asked for, in any order; what is missing is simply not there
 * @param keyOf  by which an answer is told to be the one that was asked for
 * @returns a function that rejects with what `read` rejects with
 */
export function together<Asked, Found>(
  read: (asked: readonly Asked[]) => Promise<readonly Found[]>,
  keyOf: (one: Asked | Found) => string,
): (asked: Asked) => Promise<Found | undefined> {
  let waiting: Asked[] = []
  let reading: Promise<Map<string, Found>> | undefined

  const readWaiting = async (): Promise<Map<string, Found>> => {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    const asked = waiting
    waiting = []
    reading = undefined
    return new Map((await read(asked)).map((found) => [keyOf(found), found]))
  }

  return async (asked) => {
    waiting.push(asked)
    reading ??= readWaiting()
    return (await reading).get(keyOf(asked))
  }
}
