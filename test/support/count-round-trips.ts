// A way to Postgres that counts the round trips of its clients.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Teardown } from './teardown.ts'

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
  const database = new URL(databaseUrl)
  let count = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(database.port), database.hostname)
    const read = readTypes((type) => {
      if (type === sync || type === simpleQuery) count++
    })
    client.on('data', read)
    client.pipe(upstream).pipe(client)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, count: () => count }
}

/** Types of the messages of one client. Only the first, which starts the session, has none. */
function readTypes(found: (type: number) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let hasStarted = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = hasStarted ? 1 : 0
      if (rest.length < head + 4) return
      const end = head + rest.readInt32BE(head)
      if (rest.length < end) return
      if (hasStarted) found(rest[0] ?? 0)
      hasStarted = true
      rest = rest.subarray(end)
    }
  }
}
