/**
 * Lets a long computation give way to other work: call the result often and await what it returns,
 * which is undefined until the present slice is used up.
 * @param maxMs  length of a slice
 */
export function createPacer(maxMs = 3): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < maxMs) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now()
        resolve()
      })
    })
  }
}
