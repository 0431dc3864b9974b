// A DNS server on a free UDP port of this machine that answers each query for an IPv4 address as a
// test says, and a look-up that uses only this server.
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Teardown } from './teardown.ts'

/** @param answers  the addresses of the first, second, ... answer; the last one is repeated */
export async function nameServer(
  t: Teardown,
  answers: ReadonlyArray<readonly string[]>,
): Promise<{ readonly lookup: LookupFunction; asked(): number }> {
  let asked = 0
  const socket = createSocket('udp4')
  socket.on('message', (question, { port }) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? []
    socket.send(answerTo(question, addresses), port, '127.0.0.1')
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  t.teardown(() => {
    socket.close()
  })
  const resolver = new Resolver({ timeout: 2_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  const lookup: LookupFunction = (hostname, _options, done) => {
    resolver.resolve4(hostname, (error, addresses) => {
      done(error, error === null ? addresses.map((address) => ({ address, family: 4 })) : [])
    })
  }
  return { lookup, asked: () => asked }
}

// RFC 1035, section 4: the query, followed by one A record with a TTL of 0 for each address.
function answerTo(question: Buffer, addresses: readonly string[]): Buffer {
  const endOfName = question.indexOf(0, 12)
  const asked = question.subarray(12, endOfName + 5)
  const header = Buffer.from([
    question[0] ?? 0,
    question[1] ?? 0,
    0x81,
    0x80,
    0,
    1,
    0,
    addresses.length,
    0,
    0,
    0,
    0,
  ])
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([header, asked, ...records])
}
