// A way to Postgres that counts the round trips of its clients.
import type { Teardown } from './teardown.ts'
import { openWay } from './way-to-postgres.ts'

const sync = 0x53
const simpleQuery = 0x51

/**
 * Each statement ends with one Sync, or is one simple Query; Kontor waits for the answer to each.
 * @returns the URL of the same database by that way, and how many there were so far
 */
export async function countRoundTrips(
  t: Teardown,
  databaseUrl: string,
): Promise<{ readonly url: string; count(): number }> {
  let count = 0
  const url = await openWay(t, databaseUrl, () => (type) => {
    if (type === sync || type === simpleQuery) count++
  })
  return { url, count: () => count }
}
