// A way to Postgres that shows what its clients send.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Teardown } from './teardown.ts'

/**
 * A message of a client. Its type is a letter's code; the first one, which has none, is left out.
 */
export type OnMessage = (type: number, content: Buffer) => void

/**
 * @param openSession  is called for each connection
 * @returns the URL of the same database by that way
 */
export async function openWay(
  t: Teardown,
  databaseUrl: string,
  openSession: () => OnMessage,
): Promise<string> {
  const database = new URL(databaseUrl)
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(database.port), database.hostname)
    client.on('data', readMessages(openSession()))
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
  return url.href
}

function readMessages(onMessage: OnMessage): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let hasStarted = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = hasStarted ? 1 : 0
      if (rest.length < head + 4) return
      const end = head + rest.readInt32BE(head)
      if (rest.length < end) return
      if (hasStarted) onMessage(rest[0] ?? 0, rest.subarray(head + 4, end))
      hasStarted = true
      rest = rest.subarray(end)
    }
  }
}
