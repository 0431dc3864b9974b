// Limits of bytes and connections: what a client may send, how slowly, how much at once, and what
// it gets beyond that.
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { caller, startKontor, until } from '../support/kontor.ts'
import { sendRaw } from '../support/raw.ts'

const ofData = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
const security = {
  ...ofData,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

// For the tests that need no settings of their own.
const plain = await startKontor(t, { worker: false })

interface Line {
  readonly socket: Socket
  readonly ended: Promise<string>
}

/** A raw connection; `ended` resolves to all that the server sent, once it has closed. */
function open(t: Test, url: string): Line {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => {
    socket.destroy()
  })
  let text = ''
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  // The server may reset a connection that it refuses.
  socket.on('error', () => {})
  return { socket, ended: once(socket, 'close').then(() => text) }
}

t.test(
  'a connection with no request, half a head or half a body gets 408 and is closed',
  async (t) => {
    const { url, call } = await startKontor(t, {
      worker: false,
      environment: { KONTOR_REQUEST_SECONDS: '0.4' },
    })
    const silent = open(t, url)
    const half = open(t, url)
    half.socket.write('GET /v2/catalog HTTP/1.1\r\nhost: x\r\nx-a: ')
    const body = open(t, url)
    body.socket.write('PUT /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')
    // One byte at a time keeps no connection alive.
    const dripping = setInterval(() => {
      half.socket.write('a')
    }, 50)
    t.teardown(() => {
      clearInterval(dripping)
    })
    for (const [name, { ended }] of Object.entries({ silent, half })) {
      const text = await ended
      t.match(text, /^HTTP\/1\.1 408 Request Timeout\r\n/, name)
      for (const [header, value] of Object.entries(security))
        t.ok(text.includes(`${header}: ${value}\r\n`), `${name}: ${header}`)
    }
    t.match(await body.ended, /^HTTP\/1\.1 4\d\d /)
    t.equal((await call('GET', '/v2/catalog')).status, 200)
  },
)

const whole = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'
const half = '/healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n'

async function answered(t: Test, url: string): Promise<Line> {
  const line = open(t, url)
  line.socket.write(whole)
  await once(line.socket, 'data')
  return line
}

t.test(
  'for one connection too many the one that is idle longest is closed, and none on which a ' +
    'request has begun',
  async (t) => {
    const { url } = await startKontor(t, {
      worker: false,
      // A request counts as slow after 20 seconds.
      environment: { KONTOR_MAX_CONNECTIONS: '4', KONTOR_REQUEST_SECONDS: '600' },
    })
    // startKontor itself sends no request, so no connection is open.
    const [begun, oldest, newer] = [
      await answered(t, url),
      await answered(t, url),
      await answered(t, url),
    ]
    const first = open(t, url)
    await once(first.socket, 'connect')
    begun.socket.write('GET ')
    first.socket.write('GET ')
    // Its response shows that the earlier bytes have arrived too; from now on it is the newest one.
    newer.socket.write(whole)
    await once(newer.socket, 'data')
    const more = open(t, url)
    more.socket.write(`GET ${half}`)
    t.match(await oldest.ended, /^HTTP\/1\.1 200 OK/, 'the idle one made room')
    newer.socket.write('GET ')
    for (const { socket } of [begun, first, newer]) socket.write(half)
    for (const [name, line] of Object.entries({ begun, first, newer, more })) {
      line.socket.write('\r\n')
      t.match(await line.ended, /HTTP\/1\.1 200 OK[^]*connection: close/i, name)
    }
    const { text } = await caller(url, {})('GET', '/metrics')
    t.match(text, /^kontor_requests_refused_total\{reason="connections"\} 1$/m)
  },
)

t.test('clients that send slowly keep no one out', async (t) => {
  const { url } = await startKontor(t, {
    worker: false,
    environment: { KONTOR_MAX_CONNECTIONS: '20' },
  })
  const slow = Array.from({ length: 26 }, () => {
    const line = open(t, url)
    line.socket.write('GET /v2/catalog HTTP/1.1\r\nhost: x\r\nx-a: ')
    return line
  })
  await Promise.all(slow.slice(0, 6).map(({ ended }) => ended))
  const dripping = setInterval(() => {
    for (const { socket } of slow) socket.write('a')
  }, 50)
  t.teardown(() => {
    clearInterval(dripping)
  })
  for (const path of ['/healthz', '/readyz', '/healthz']) {
    const probe = open(t, url)
    probe.socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
    await once(probe.socket, 'data')
    probe.socket.destroy()
    t.match(await probe.ended, /^HTTP\/1\.1 200 OK/, path)
  }
  const rest = await Promise.race([slow.at(-1)?.ended, slow[6]?.ended.then(() => 'the oldest')])
  t.equal(rest, 'the oldest', 'each probe closes the one that has been slow for longest')
})

// Both ends are in this process.
const maxOpenFiles = Number(
  /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1],
)
const skip = maxOpenFiles < 11_000 && `${maxOpenFiles} open files are too few`

t.test('5,200 connections that send slowly leave probes answered', { skip }, async (t) => {
  const { url } = await startKontor(t, { worker: false })
  const { hostname, port } = new URL(url)
  const flood: Socket[] = []
  t.teardown(() => {
    for (const socket of flood) socket.destroy()
  })
  const grow = async (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const socket = connect(Number(port), hostname).on('error', () => {})
        flood.push(socket)
        await once(socket, 'connect')
        socket.write('GET /v2/catalog HTTP/1.1\r\nhost: x\r\nx-a: ')
      }),
    )
  const get = caller(url, {})
  for (let n = 0; n < 26; n++) {
    await grow(200)
    if (n > 22)
      for (const path of ['/healthz', '/readyz']) t.equal((await get('GET', path)).status, 200)
  }
})

t.test('who owes the rest of a request goes before who is idle', async (t) => {
  const { url } = await startKontor(t, {
    worker: false,
    environment: { KONTOR_MAX_CONNECTIONS: '3', KONTOR_REQUEST_SECONDS: '3' },
  })
  // By the server's own clock: a thirtieth of the time that a request may take.
  const untilSlow = (sinceMs: number) =>
    until(
      () => performance.now() - sinceMs,
      (ms) => ms >= 100,
    )
  const idle = await answered(t, url)
  const isServed = async () => {
    idle.socket.write(whole)
    await once(idle.socket, 'data')
  }
  const body = open(t, url)
  body.socket.write(
    'PUT /v2/service_instances/i HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
      'content-length: 100\r\n\r\n{',
  )
  await once(body.socket, 'data')
  const next = await answered(t, url)
  next.socket.write('GET ')
  // Its response shows that the earlier bytes have arrived too.
  await isServed()
  await untilSlow(performance.now())
  // The next one makes the server see that a part of a request has arrived.
  await answered(t, url)
  t.match(await body.ended, /^HTTP\/1\.1 401 /, 'its answer was sent, its body was not')
  await untilSlow(performance.now())
  await answered(t, url)
  t.match(await next.ended, /^HTTP\/1\.1 200 OK/, 'a part of its second request was sent')
  await isServed()
})

t.test('pipelined requests are answered in their order, and each is counted', async (t) => {
  const kontor = await startKontor(t, {
    worker: false,
    environment: { KONTOR_REQUEST_RATE: '0.2', KONTOR_RATE_BURST_SECONDS: '2000' },
  })
  const line = open(t, kontor.url)
  const one = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`
  line.socket.write(
    Array.from({ length: 30 }, () => one('/openapi.json')).join('') +
      one('/healthz', 'connection: close\r\n'),
  )
  const statuses = [...(await line.ended).matchAll(/HTTP\/1\.1 (\d\d\d) /g)].map(
    ([, status]) => status,
  )
  t.strictSame(statuses, [
    ...Array<string>(20).fill('200'),
    ...Array<string>(10).fill('429'),
    '200',
  ])
})

t.test(
  'a head of more than 16 kB is refused, and one with many headers is read to its end',
  async (t) => {
    t.match(await sendRaw(plain.url, 'GET /healthz', [`x-long: ${'a'.repeat(16_400)}`]), {
      status: 431,
      headers: security,
    })
    t.match(await sendRaw(plain.url, 'GET /healthz', ['x bad: 1']), {
      status: 400,
      headers: security,
    })
    const authorization = `authorization: Bearer ${plain.environment['KONTOR_ADMIN_TOKEN']}`
    const many = await sendRaw(plain.url, 'GET /api/providers', [
      ...Array<string>(2_500).fill('a:'),
      authorization,
    ])
    t.equal(many.status, 200, 'the last of 2,500 counts')
  },
)

t.test('bytes that are no HTTP request are refused with a sentence too', async (t) => {
  const { url } = plain
  const long = await sendRaw(url, 'GET /v2/catalog', [
    `x-broker-api-originating-identity: ${'a'.repeat(20_000)}`,
  ])
  t.strictSame(
    [long.status, long.headers['content-type'], JSON.parse(long.text)],
    [
      431,
      'application/json; charset=utf-8',
      { description: 'The address and the headers are longer than 16 kB in all.' },
    ],
  )
  const odd = await sendRaw(url, 'GET /v2/catalog', ['x broker: 1'])
  t.strictSame(
    [odd.status, JSON.parse(odd.text)],
    [400, { description: 'The request is not valid HTTP.' }],
  )
})

t.test(
  'a body that is deep or has very many values is refused and delays no other request',
  async (t) => {
    const { call } = plain
    const put = (body: string) => call('PUT', '/v2/service_instances/odd', body)
    for (const body of [
      '['.repeat(500_000) + ']'.repeat(500_000),
      '{"a":'.repeat(170_000) + '1' + '}'.repeat(170_000),
    ]) {
      t.match(await put(body), {
        status: 400,
        body: { description: 'The request body is nested more than 200 levels deep.' },
      })
    }
    t.match(await put('['.repeat(1_000_000)), {
      status: 400,
      body: { description: 'The request body is not valid JSON.' },
    })
    const keys = JSON.stringify(
      Object.fromEntries(Array.from({ length: 60_000 }, (_, each) => [`k${each}`, 0])),
    )
    for (const body of [
      `{"parameters":{"a":[${'0,'.repeat(60_000)}0]}}`,
      `{"parameters":${keys}}`,
      `{"a":[${'[[]],'.repeat(40_000)}[]]}`,
    ]) {
      t.match(await put(body), {
        status: 400,
        body: { description: 'The request body holds too many values.' },
      })
    }
    t.equal((await put(`{"a":"${'x'.repeat(1_100_000)}"}`)).status, 413)
    t.equal((await call('GET', '/v2/catalog')).status, 200)
  },
)

t.test('every response has security headers', async (t) => {
  const { url, call, admin } = plain
  const anonymous = caller(url, {})
  const below = [
    await call('GET', '/v2/service_instances/none'),
    await call('GET', '/v2/catalog', undefined, { authorization: '' }),
    await call('GET', '/v2/nothing'),
    await call('PUT', '/v2/service_instances/a', '{'),
    await call('GET', '/v2/service_instances/%zz'),
  ]
  const others = [
    await admin('GET', '/api/providers'),
    await admin('POST', '/api/providers', {}),
    await admin('GET', '/api/%zz'),
    await anonymous('GET', '/api/providers'),
    await anonymous('GET', '/healthz'),
    await anonymous('GET', '/readyz'),
    await anonymous('GET', '/metrics'),
    await anonymous('GET', '/openapi.json'),
  ]
  // Unknown paths belong to the console, whose pages load files of their own.
  const pages = [await anonymous('GET', '/nothing'), await anonymous('TRACE', '/nothing')]
  for (const { status, headers } of [...below, ...others, ...pages]) {
    t.match(headers, ofData, String(status))
    for (const name of ['server', 'x-powered-by', 'strict-transport-security'])
      t.notOk(name in headers, name)
  }
  for (const { status, headers } of others) t.match(headers, security, String(status))
  for (const { status, headers } of pages)
    t.match(
      headers,
      {
        'content-security-policy': /^default-src 'none'; .*frame-ancestors 'none'/,
        'referrer-policy': 'same-origin',
      },
      String(status),
    )
  const catalog = await call('GET', '/v2/catalog')
  for (const reply of [
    catalog,
    await call('GET', '/v2/catalog', undefined, { 'if-none-match': '*' }),
  ])
    t.match(reply.headers, { ...ofData, 'cache-control': 'private, no-cache' })
})

t.test(
  'the documentation has its own content security policy, and loads nothing from elsewhere',
  async (t) => {
    const { url } = await startKontor(t, {
      worker: false,
      environment: { KONTOR_HSTS_SECONDS: '3600' },
    })
    const get = caller(url, {})
    const page = await until(
      () => get('GET', '/docs/'),
      ({ status }) => status === 200,
    )
    const policy = String(page.headers['content-security-policy'])
    t.match(page.headers, {
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=3600; includeSubDomains',
    })
    t.match(
      policy,
      /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'/,
    )
    t.notMatch(policy, /unsafe|https:|upgrade-insecure/)
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => String(link))
    t.ok(links.length >= 6)
    for (const link of links) {
      t.match(link, /^\.\/static\//, 'from here')
      t.equal((await get('GET', `/docs/${link}`)).status, 200, link)
    }
    t.notMatch(
      page.text,
      /<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|\sstyle=/i,
      'nothing inline, which the policy would block',
    )
  },
)
