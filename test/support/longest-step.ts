/**
 * The longest step of this thread's event loop while something is done, in milliseconds of
 * processor time: a busy machine does not count.
 */
export async function longestStep(act: () => Promise<unknown>): Promise<number> {
  const usedMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let [before, longest, isOver] = [usedMs(), 0, false]
  const look = () => {
    const now = usedMs()
    longest = Math.max(longest, now - before)
    before = now
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  try {
    await act()
  } finally {
    isOver = true
  }
  return longest
}
