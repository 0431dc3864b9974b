/**
 * Lets concurrent callers share reads. One read runs at a time; calls during it share the next one,
 * because the current read may have started before the change that caused the call. An older result
 * therefore never replaces a newer one.
 */
export function coalesce(read: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const start = (): Promise<void> => {
    running = read().finally(() => {
      running = undefined
    })
    return running
  }

  return () => {
    if (next !== undefined) return next
    if (running === undefined) return start()
    next = running
      .catch(() => {})
      .then(() => {
        next = undefined
        return start()
      })
    return next
  }
}

/**
 * The same for reads of some rows: one read has what all calls since the one before it asked for.
 * @param read  of these keys; undefined: of all, also after a read that failed
 */
export function coalesceKeys(
  read: (keys: readonly string[] | undefined) => Promise<void>,
): (keys?: readonly string[]) => Promise<void> {
  let wanted = new Set<string>()
  let isAll = false
  const next = coalesce(async () => {
    const keys = isAll ? undefined : [...wanted]
    wanted = new Set()
    isAll = false
    try {
      await read(keys)
    } catch (error) {
      isAll = true
      throw error
    }
  })
  return (keys) => {
    if (keys === undefined) isAll = true
    else for (const key of keys) wanted.add(key)
    return next()
  }
}
