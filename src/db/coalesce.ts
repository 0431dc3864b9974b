/**
 * Lets callers share readings: one runs at a time, and calls that come meanwhile share the next
 * one, because the one under way may have read before the change that they are called for. An older
 * reading therefore never replaces a newer one.
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
