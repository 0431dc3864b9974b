// Clients that send requests and do not read the responses: what they cost, and that other clients
// do not notice.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { Client } from 'undici'
import { caller, here, startKontor, until } from '../support/kontor.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { createDatabase } from '../support/postgres.ts'
import type { Teardown } from '../support/teardown.ts'

t.setTimeout(90_000)

const ask = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`

/** A connection that reads nothing until the test resumes it. */
async function unread(t: Teardown, url: string, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  // The server closing it is what the tests expect.
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

t.test(
  'a hundred connections that read nothing are closed, and the process does not run out of memory',
  async (t) => {
    const { url: databaseUrl } = await createDatabase(t)
    const kontor = await serveKontor(t, {
      DATABASE_URL: databaseUrl,
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
      NODE_OPTIONS: '--max-old-space-size=128',
      KONTOR_REQUEST_SECONDS: '3',
      KONTOR_REQUEST_RATE: '0',
      KONTOR_MAX_MEMORY_PERCENT: '0',
      KONTOR_MAX_LOOP_DELAY_SECONDS: '0',
    })
    const figures = async () => {
      const { text } = await caller(kontor.url, {})('GET', '/metrics')
      const of = (name: string) =>
        Number(new RegExp(`^kontor_process_${name} (\\d+)$`, 'm').exec(text)?.[1])
      return { files: of('open_fds'), megabytes: of('resident_memory_bytes') / 2 ** 20 }
    }
    const before = await figures()
    // A client that does not read does not see the close; the open files of the process show it.
    await Promise.all(
      Array.from({ length: 100 }, () => unread(t, kontor.url, ask('/openapi.json').repeat(33))),
    )
    await until(figures, ({ files }) => files >= before.files + 50, 10_000)
    let maxMegabytes = 0
    await until(
      async () => {
        const { files, megabytes } = await figures()
        maxMegabytes = Math.max(maxMegabytes, megabytes)
        return files
      },
      (files) => files < before.files + 10,
      30_000,
    )
    t.ok(maxMegabytes < 400, `${Math.round(maxMegabytes)} MB`)
    t.equal(kontor.child.exitCode, null)
    t.equal((await caller(kontor.url, {})('GET', '/readyz')).status, 200)
  },
)

t.test('a client that reads slowly gets the whole response', async (t) => {
  const { url } = await startKontor(t, {
    worker: false,
    environment: { KONTOR_REQUEST_SECONDS: '1' },
  })
  const socket = await unread(
    t,
    url,
    ask('/openapi.json').repeat(32) + ask('/openapi.json', 'connection: close\r\n'),
  )
  let bytes = 0
  const startedAt = performance.now()
  while (!socket.readableEnded) {
    const chunk = (socket.read(400_000) as Buffer | null) ?? (socket.read() as Buffer | null)
    bytes += chunk?.length ?? 0
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  const { text } = await caller(url, {})('GET', '/openapi.json')
  t.ok(
    bytes > 33 * Buffer.byteLength(text),
    `${bytes} bytes in ${Math.round(performance.now() - startedAt)} ms`,
  )
})

t.test('clients that read slowly keep no one out', async (t) => {
  const { url, call } = await startKontor(t, {
    worker: false,
    // An answer counts as unread after 200 ms, and is closed after 6 s without any progress.
    environment: { KONTOR_MAX_CONNECTIONS: '20', KONTOR_REQUEST_SECONDS: '6' },
  })
  const total = 33 * (await call('GET', '/openapi.json')).text.length
  const steady = await unread(
    t,
    url,
    ask('/openapi.json').repeat(32) + ask('/openapi.json', 'connection: close\r\n'),
  )
  await once(steady, 'readable')
  let steadyBytes = 0
  const steadily = setInterval(() => {
    const chunk = (steady.read(60_000) as Buffer | null) ?? (steady.read() as Buffer | null)
    steadyBytes += chunk?.length ?? 0
  }, 10)
  t.teardown(() => {
    clearInterval(steadily)
  })
  const slow: Socket[] = []
  for (let n = 0; n < 19; n++) slow.push(await unread(t, url, ask('/openapi.json').repeat(33)))
  const reading = setInterval(() => {
    for (const socket of slow) socket.read(500)
  }, 50)
  t.teardown(() => {
    clearInterval(reading)
  })
  await Promise.all(slow.map(async (socket) => once(socket, 'readable')))
  const fresh = () => caller(url, {}, new Client(url))
  // More than what the kernel keeps of its answers, so that the server has seen it read.
  await until(
    () => steadyBytes,
    (bytes) => bytes > total / 2,
  )
  await until(
    async () =>
      fresh()('GET', '/healthz').then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
    3_000,
  )
  for (const path of ['/healthz', '/readyz', '/healthz'])
    t.equal((await fresh()('GET', path)).status, 200, path)
  t.equal((await call('GET', '/v2/catalog')).status, 200)
  await until(
    () => steady.readableEnded || steady.closed,
    (isOver) => isOver,
  )
  t.ok(steadyBytes > total, `a steady reader got ${steadyBytes} bytes`)
})

t.test(
  'an order that waits for its provider longer than a response may stay unread is answered',
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_REQUEST_SECONDS: '0.3' } })
    const { simulator } = await kontor.addProvider('nord')
    const small = await kontor.find('nord', 'db', 'small')
    simulator.faults.add({ on: 'provision', do: { delayMs: 1_200 } })
    t.equal(
      (await kontor.call('PUT', '/v2/service_instances/slow', { ...small, ...here })).status,
      201,
    )
  },
)

t.test('too many pipelined requests close their connection', async (t) => {
  const { url } = await startKontor(t, { worker: false })
  const many = await unread(t, url, ask('/healthz').repeat(500))
  const text = Buffer.concat((await many.toArray().catch(() => [])) as Buffer[]).toString()
  t.ok((text.match(/HTTP\/1\.1 200/g) ?? []).length < 40)
  t.match(
    (await caller(url, {})('GET', '/metrics')).text,
    /^kontor_requests_refused_total\{reason="connections"\} 1$/m,
  )
  const few = await unread(
    t,
    url,
    ask('/healthz').repeat(30) + ask('/openapi.json', 'connection: close\r\n'),
  )
  const [, ...answers] = Buffer.concat((await few.toArray()) as Buffer[])
    .toString()
    .split('HTTP/1.1 200 OK')
  t.equal(answers.length, 31)
  t.match(answers.at(-1), /"openapi":"3\.1\.0"/, 'in the order of the requests')
})

t.test('the OpenAPI document is the same at all of its addresses', async (t) => {
  const { url } = await startKontor(t, { worker: false })
  const get = caller(url, {})
  const [document, inDocs, yaml] = [
    await get('GET', '/openapi.json'),
    await get('GET', '/docs/json'),
    await get('GET', '/docs/yaml'),
  ]
  t.match(
    [document, inDocs],
    [
      { status: 200, body: { openapi: '3.1.0' } },
      { status: 200, headers: { 'content-type': /^application\/json/ } },
    ],
  )
  t.equal(inDocs.text, document.text)
  t.match(yaml, { status: 200, text: /^openapi: 3\.1\.0/ })
})
