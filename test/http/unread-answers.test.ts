// Clients that send requests and do not take the answers: what they cost, and that they cost nobody else anything.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { caller, here, startKontor, until, type Teardown } from '../support/kontor.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { createDatabase } from '../support/postgres.ts'

t.setTimeout(90_000)

const ask = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`

/** A connection that nothing is read from until somebody resumes it. */
async function unread(t: Teardown, url: string, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  // To be closed in the middle is what is tested.
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

t.test(
  'a hundred connections that read nothing are given up, and the process does not run out of memory',
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
    // Whoever does not read does not learn that he was closed: what the process holds open tells it.
    await Promise.all(
      Array.from({ length: 100 }, () => unread(t, kontor.url, ask('/openapi.json').repeat(33))),
    )
    await until(figures, ({ files }) => files >= before.files + 50, 10_000)
    let most = 0
    await until(
      async () => {
        const { files, megabytes } = await figures()
        most = Math.max(most, megabytes)
        return files
      },
      (files) => files < before.files + 10,
      30_000,
    )
    t.ok(most < 400, `${Math.round(most)} MB`)
    t.equal(kontor.child.exitCode, null)
    t.equal((await caller(kontor.url, {})('GET', '/readyz')).status, 200)
  },
)

t.test('who reads slowly gets all of it', async (t) => {
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

t.test(
  'an order that waits for its provider longer than an answer may lie there is answered',
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

t.test('more requests on a connection than anybody sends without an answer close it', async (t) => {
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
  t.match(answers.at(-1), /"openapi":"3\.1\.0"/, 'in their order')
})

t.test('the document is the same wherever it is asked for', async (t) => {
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
