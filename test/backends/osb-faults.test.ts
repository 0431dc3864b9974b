// Network faults, with real sockets: was the call sent, and does it end within its limits of time
// and size?
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Backend } from '../../src/backends/backend.ts'
import { osbBackend } from '../../src/backends/osb.ts'
import { ownPieces } from '../../src/threads/own-pieces.ts'
import type { OsbSettings } from '../../src/types.gen.ts'
import {
  answer,
  freePort,
  inBytes,
  loopback,
  rawUpstream,
  scriptedUpstream,
  tlsFile,
} from '../support/scripted-upstream.ts'
import { longestStep } from '../support/longest-step.ts'
import { order } from './orders.ts'
import type { Teardown } from '../support/teardown.ts'

const never = new AbortController().signal
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'

function backendAt(t: Teardown, url: string, settings: Partial<OsbSettings> = {}): Backend {
  const backend = osbBackend(
    { url, timeoutSeconds: 5, catalogTimeoutSeconds: 5, ...settings },
    { username: 'kontor', password: 'secret-word' },
    loopback,
  )
  t.teardown(() => backend.close())
  return backend
}

const provision = (backend: Backend, signal = never) => backend.provision(order.provision(), signal)
const notSent = (why: string) => ({
  kind: 'refused',
  refusal: { reason: 'not_sent', description: `The provider could not be reached: ${why}.` },
})
const lost = { kind: 'unknown', doubt: 'connection_lost' }
const timedOut = { kind: 'unknown', doubt: 'timeout' }

/**
 * Accepts connections, hands each whole request to `reply`, and counts the requests that arrived.
 */
async function countingUpstream(t: Teardown, reply: (socket: Socket, nth: number) => void) {
  const counted = { requests: 0, connections: 0 }
  const upstream = await rawUpstream(t, (socket) => {
    counted.connections++
    let seen = ''
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1')
      const length = /content-length: (\d+)/i.exec(seen)?.[1] ?? '0'
      const end = seen.indexOf('\r\n\r\n')
      if (end < 0 || seen.length < end + 4 + Number(length)) return
      seen = ''
      reply(socket, ++counted.requests)
    })
  })
  return { ...upstream, counted }
}

void t.test('certainly not sent', async (t) => {
  await t.test('connection refused', async (t) => {
    const backend = backendAt(t, `http://127.0.0.1:${await freePort()}`)
    t.strictSame(await provision(backend), notSent('connection refused'))
    t.match(await backend.progress({ instance: order.provision() }, never), {
      kind: 'unclear',
      description: /connection refused/,
    })
    t.strictSame(await backend.catalog(undefined, never), {
      kind: 'failed',
      description: 'connection refused',
    })
  })

  await t.test('connection refused on every address of a name', async (t) => {
    t.strictSame(
      await provision(backendAt(t, `http://localhost:${await freePort()}`)),
      notSent('connection refused'),
    )
  })

  await t.test('no such host, and its name is not shown', async (t) => {
    const outcome = await provision(backendAt(t, 'http://nowhere.invalid'))
    t.match(outcome, { kind: 'refused', refusal: { reason: 'not_sent' } })
    t.notMatch(JSON.stringify(outcome), /nowhere/)
  })

  await t.test('the deadline passes while connecting, and nothing is sent later', async (t) => {
    // TLS to a server that sends nothing: connected, but the handshake does not end.
    let bytesAfterHello = 0
    const { port } = await rawUpstream(t, (socket) => {
      socket.once('data', () =>
        socket.on('data', (chunk) => {
          bytesAfterHello += chunk.length
        }),
      )
    })
    t.strictSame(
      await provision(
        backendAt(t, `https://127.0.0.1:${port}`, {
          timeoutSeconds: 0.2,
          catalogTimeoutSeconds: 0.2,
        }),
      ),
      notSent('no answer within 0.2 s'),
    )
    t.equal(bytesAfterHello, 0)
  })

  await t.test('a call cancelled while connecting is not sent once connected', async (t) => {
    const { promise: authenticate, resolve: open } = Promise.withResolvers<undefined>()
    const upstream = await scriptedUpstream(t, answer(200), 'localhost')
    const proxy = await rawUpstream(
      t,
      (socket) =>
        void authenticate.then(async () => {
          const { connect } = await import('node:net')
          const onward = connect(upstream.port, '127.0.0.1').on('error', () => {})
          socket.pipe(onward).pipe(socket)
        }),
    )
    const backend = backendAt(t, `https://127.0.0.1:${proxy.port}`, { tlsCa: tlsFile('ca.pem') })
    const giveUp = new AbortController()
    const given = provision(backend, giveUp.signal)
    giveUp.abort()
    t.strictSame(await given, notSent('cancelled'))
    open(undefined)
    t.match(await backend.update(order.update(), never), { kind: 'done' })
    t.strictSame(
      upstream.requests.map(({ method }) => method),
      ['PATCH'],
    )
  })

  await t.test('a signal that was aborted before', async (t) => {
    const upstream = await scriptedUpstream(t, answer(201))
    t.strictSame(
      await provision(backendAt(t, upstream.url), AbortSignal.abort()),
      notSent('cancelled'),
    )
    t.equal(upstream.requests.length, 0)
  })

  await t.test('a header that cannot be sent', async (t) => {
    const upstream = await scriptedUpstream(t, answer(201))
    const outcome = await backendAt(t, upstream.url).provision(
      order.provision({ originatingIdentity: 'x\r\ninjected: 1' }),
      never,
    )
    t.strictSame(outcome, notSent('a header or path cannot be sent'))
    t.equal(upstream.requests.length, 0)
  })

  await t.test('a closed back end', async (t) => {
    const upstream = await scriptedUpstream(t, answer(201))
    const backend = backendAt(t, upstream.url)
    await backend.close()
    t.strictSame(await provision(backend), notSent('the back end is closed'))
  })
})

void t.test('TLS', async (t) => {
  await t.test("AUTH-05: the provider's own authority is trusted, alone", async (t) => {
    const upstream = await scriptedUpstream(t, answer(201), 'localhost')
    t.match(await provision(backendAt(t, upstream.url, { tlsCa: tlsFile('ca.pem') })), {
      kind: 'done',
    })
    t.match(
      await provision(
        backendAt(t, upstream.url.replace('127.0.0.1', 'localhost'), { tlsCa: tlsFile('ca.pem') }),
      ),
      { kind: 'done' },
    )
    const untrusted = notSent('the certificate is not from a trusted authority')
    t.strictSame(
      await provision(backendAt(t, upstream.url, { tlsCa: tlsFile('other-ca.pem') })),
      untrusted,
    )
    t.strictSame(await provision(backendAt(t, upstream.url)), untrusted)
    t.equal(upstream.requests.length, 2)
  })

  await t.test('a certificate for another host is refused', async (t) => {
    const upstream = await scriptedUpstream(t, answer(201), 'elsewhere')
    for (const url of [upstream.url, upstream.url.replace('127.0.0.1', 'localhost')]) {
      t.strictSame(
        await provision(backendAt(t, url, { tlsCa: tlsFile('ca.pem') })),
        notSent('the certificate is for another host'),
      )
    }
    t.equal(upstream.requests.length, 0)
  })

  await t.test('a server that speaks no TLS', async (t) => {
    const upstream = await scriptedUpstream(t, answer(201))
    const backend = backendAt(t, upstream.url.replace('http', 'https'))
    t.strictSame(await provision(backend), notSent('TLS could not be agreed on'))
    t.match(await backend.catalog(undefined, never), {
      kind: 'failed',
      description: /called with https, but does not speak TLS at this port: it may be an http port/,
    })
  })
})

void t.test('sent, and then', async (t) => {
  const cases: [string, (socket: Socket) => unknown][] = [
    ['closed without an answer', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
    ['closed amid the headers', (socket) => socket.end('HTTP/1.1 201 Created\r\ncontent-le')],
    [
      'closed amid the body',
      (socket) => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 50\r\n\r\n{"a'),
    ],
    [
      'closed amid a chunk',
      (socket) => socket.end('HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a'),
    ],
    [
      'reset amid the body of a rejection',
      (socket) =>
        socket.write('HTTP/1.1 400 Bad Request\r\ncontent-length: 50\r\n\r\n{"a', () =>
          socket.resetAndDestroy(),
        ),
    ],
    ['not HTTP at all', (socket) => socket.end('SSH-2.0-OpenSSH_9\r\n')],
    [
      'headers without end',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`),
    ],
    [
      'an upgrade that Kontor did not request',
      (socket) =>
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
        ),
    ],
  ]
  for (const [name, reply] of cases) {
    await t.test(`${name}: unknown, and sent once`, async (t) => {
      const upstream = await countingUpstream(t, reply)
      t.match(await provision(backendAt(t, upstream.url)), lost)
      t.match(await backendAt(t, upstream.url).deprovision(order.deprovision(), never), lost)
      t.strictSame(upstream.counted, { requests: 2, connections: 2 })
    })
  }

  await t.test('an answer that comes byte by byte ends at the deadline', async (t) => {
    const upstream = await countingUpstream(t, (socket) => {
      socket.write('HTTP/1.1 201 Created\r\ncontent-length: 100000\r\n\r\n')
      const drip = setInterval(() => socket.write(' '), 20)
      socket.once('close', () => clearInterval(drip))
    })
    const startedAt = performance.now()
    t.match(await provision(backendAt(t, upstream.url, { timeoutSeconds: 0.3 })), timedOut)
    t.ok(performance.now() - startedAt < 2000)
  })

  await t.test('1xx answers are ignored', async (t) => {
    const upstream = await countingUpstream(t, (socket) =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok}`),
    )
    t.match(await provision(backendAt(t, upstream.url)), { kind: 'done' })
  })

  await t.test("the caller's signal ends it, and the connection", async (t) => {
    const giveUp = new AbortController()
    const closed = Promise.withResolvers<undefined>()
    const upstream = await countingUpstream(t, (socket) => {
      socket.once('close', () => closed.resolve(undefined))
      giveUp.abort()
    })
    t.match(await provision(backendAt(t, upstream.url), giveUp.signal), timedOut)
    await closed.promise
  })
})

void t.test('reused connections', async (t) => {
  await t.test(
    'a connection that the provider has closed is replaced, and the call is sent once',
    async (t) => {
      const upstream = await countingUpstream(t, (socket, nth) =>
        nth === 1 ? socket.end(ok) : socket.write(ok),
      )
      const backend = backendAt(t, upstream.url)
      for (let nth = 0; nth < 3; nth++) t.match(await provision(backend), { kind: 'done' })
      t.equal(upstream.counted.requests, 3)
      t.ok(upstream.counted.connections >= 2)
    },
  )

  for (const end of ['end', 'resetAndDestroy'] as const) {
    await t.test(
      `one that dies under the second call (${end}): unknown, and never sent again`,
      async (t) => {
        const upstream = await countingUpstream(t, (socket, nth) =>
          nth === 2 ? socket[end]() : socket.write(ok),
        )
        const backend = backendAt(t, upstream.url)
        for (const send of [
          () => provision(backend),
          () => backend.deprovision(order.deprovision(), never),
          () => provision(backend),
        ]) {
          const nth = upstream.counted.requests + 1
          t.match(await send(), nth === 2 ? lost : { kind: 'done' })
        }
        t.equal(upstream.counted.requests, 3)
      },
    )
  }

  await t.test(
    'concurrent calls on connections that break at random are each sent at most once',
    async (t) => {
      const upstream = await countingUpstream(t, (socket, nth) => {
        if (nth % 3 === 0) socket.resetAndDestroy()
        else if (nth % 3 === 1) socket.end(ok)
        else socket.write(ok)
      })
      const backend = backendAt(t, upstream.url)
      const outcomes = (
        await Promise.all(
          Array.from({ length: 8 }, async () => {
            const seen = []
            for (let nth = 0; nth < 15; nth++) seen.push(await provision(backend))
            return seen
          }),
        )
      ).flat()
      const count = (kind: string) => outcomes.filter((outcome) => outcome.kind === kind).length
      const refusedReasons = new Set(
        outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome.refusal.reason] : [])),
      )
      t.equal(outcomes.length, 120)
      t.ok(
        upstream.counted.requests <= count('done') + count('unknown'),
        'nothing arrived twice, and nothing that is called not sent',
      )
      t.ok([...refusedReasons].every((reason) => reason === 'not_sent'))
      t.ok(count('unknown') >= Math.floor(upstream.counted.requests / 3))
    },
  )

  await t.test('close waits for calls under way and leaves no connection', async (t) => {
    const upstream = await countingUpstream(t, (socket) => setTimeout(() => socket.write(ok), 50))
    const backend = backendAt(t, upstream.url)
    const under = provision(backend)
    await backend.close()
    t.match(await under, { kind: 'done' })
  })
})

void t.test('size', async (t) => {
  await t.test('DEC-48: reading stops at the limit and the connection goes', async (t) => {
    const closed = Promise.withResolvers<number>()
    const upstream = await countingUpstream(t, (socket) => {
      socket.write('HTTP/1.1 201 Created\r\ncontent-length: 1000000000\r\n\r\n')
      const chunk = Buffer.alloc(65_536, ' ')
      const pour = () => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', pour).once('close', () => closed.resolve(socket.bytesWritten))
      pour()
    })
    t.match(await provision(backendAt(t, upstream.url, { maxResponseBytes: 2048 })), {
      kind: 'unknown',
      doubt: 'malformed',
      status: 201,
      description: /too long/,
    })
    t.ok((await closed.promise) < 100_000_000)
  })

  await t.test('ERR-15: the status decides about a rejection that is too long', async (t) => {
    const upstream = await scriptedUpstream(
      t,
      answer(400, JSON.stringify({ description: 'x'.repeat(5000) })),
    )
    t.match(await provision(backendAt(t, upstream.url, { maxResponseBytes: 1024 })), {
      kind: 'refused',
      refusal: { reason: 'rejected', description: 'The provider rejected the request.' },
    })
  })

  await t.test('an answer of exactly the limit is accepted', async (t) => {
    const body = JSON.stringify({ pad: 'x'.repeat(1024 - 10) })
    const upstream = await scriptedUpstream(t, answer(201, body))
    t.equal(body.length, 1024)
    t.match(await provision(backendAt(t, upstream.url, { maxResponseBytes: 1024 })), {
      kind: 'done',
    })
    t.match(await provision(backendAt(t, upstream.url, { maxResponseBytes: 1023 })), {
      kind: 'unknown',
      doubt: 'malformed',
    })
  })

  await t.test('an answer of many values or levels is not parsed', async (t) => {
    const keys = Array.from({ length: 80_000 }, (_, at) => `"k${at}":0`).join(',')
    for (const [name, body, problem] of [
      ['keys', `{"credentials":{${keys}}}`, 'holds more than 10000 values'],
      ['objects', `{"a":[${'{},'.repeat(349_000)}{}]}`, 'holds more than 10000 values'],
      ['lists', `{"credentials":${'['.repeat(1_000_000)}`, 'is nested more than 200 levels deep'],
    ] as const) {
      const upstream = await scriptedUpstream(t, answer(201, body))
      const backend = backendAt(t, upstream.url)
      const seen: unknown[] = []
      const longest = await longestStep(async () => {
        for (const outcome of [await provision(backend), await backend.bind(order.bind(), never)])
          seen.push(outcome.kind === 'unknown' ? outcome.description : outcome.kind)
      })
      const said = `The provider answered with 201: the answer ${problem}.`
      t.strictSame(seen, [said, said])
      t.ok(longest < 30, `${name}: a step took ${longest} ms`)
    }
    const many = JSON.stringify({ credentials: { keys: Array<number>(9_000).fill(1) } })
    const upstream = await scriptedUpstream(t, answer(201, many))
    t.match(await backendAt(t, upstream.url).bind(order.bind(), never), { kind: 'done' })
  })

  await t.test('between the parts of a large answer other work has its turn', async (t) => {
    const upstream = await scriptedUpstream(t, answer(200, 'x'.repeat(8_000_000)))
    const backend = backendAt(t, upstream.url)
    const turns: number[] = []
    for (let reading = 0; reading < 12; reading++) {
      let [taken, isOver] = [0, false]
      const take = () => {
        taken++
        if (!isOver) setImmediate(take)
      }
      setImmediate(take)
      const read = await backend.catalog(undefined, never)
      isOver = true
      const body = read.kind === 'changed' ? read.body : []
      t.equal(Buffer.concat(body).length, 8_000_000)
      turns.push(taken)
      t.ok(body.every(({ length }) => length > 0))
      // As when they move to a thread.
      structuredClone(null, { transfer: ownPieces(body).map(({ buffer }) => buffer) })
    }
    t.ok(Math.min(...turns) >= 30, `turns of the event loop: ${turns.join(', ')}`)
  })

  await t.test('chunks of a byte give few pieces and short turns', async (t) => {
    const text = Buffer.from('0123456789'.repeat(20_000))
    const upstream = await scriptedUpstream(t, inBytes(text))
    const backend = backendAt(t, upstream.url)
    const longest = await longestStep(async () => {
      const read = await backend.catalog(undefined, never)
      const body = read.kind === 'changed' ? read.body : []
      t.ok(Buffer.concat(body).equals(text), 'the bytes as they came')
      t.ok(body.length <= 4, `${body.length} pieces of at least 64 kB`)
      structuredClone(null, { transfer: ownPieces(body).map(({ buffer }) => buffer) })
      await nextTurn()
    })
    t.ok(longest < 50, `the longest step took ${longest} ms`)
  })

  await t.test('a gzip bomb is not decompressed', async (t) => {
    const bomb = gzipSync(JSON.stringify({ services: [], pad: 'x'.repeat(10_000_000) }))
    const upstream = await scriptedUpstream(t, answer(200, bomb, { 'content-encoding': 'gzip' }))
    const read = await backendAt(t, upstream.url).catalog(undefined, never)
    t.ok(read.kind === 'changed' && Buffer.concat(read.body).equals(bomb), 'the bytes as they came')
  })
})

void t.test('no answer holds a secret or an address', async (t) => {
  const upstream = await scriptedUpstream(
    t,
    answer(500, { description: 'http://127.0.0.1/x kontor:secret-word' }),
  )
  const answers = JSON.stringify([
    await provision(backendAt(t, upstream.url)),
    await provision(backendAt(t, `http://127.0.0.1:${await freePort()}`)),
  ])
  t.notMatch(answers, /secret-word|127\.0\.0\.1|http:/)
})

void t.test('nothing keeps the process alive', async (t) => {
  const upstream = await scriptedUpstream(t, answer(200))
  const { execFile } = await import('node:child_process')
  const moduleAt = (path: string) => new URL(`../../src/${path}`, import.meta.url).href
  const source = `const { osbBackend } = await import('${moduleAt('backends/osb.ts')}')
    const { openNetworks } = await import('${moduleAt('networks.ts')}')
    const order = { instanceId: 'i', serviceId: 's', planId: 'p', acceptsIncomplete: true }
    const networks = openNetworks(['127.0.0.1'])
    await osbBackend({ url: '${upstream.url}' }, { none: true }, networks)
      .deprovision(order, new AbortController().signal)`
  const child = execFile(process.execPath, ['--input-type=module', '-e', source], {
    timeout: 10_000,
  })
  const [code] = (await once(child, 'exit')) as [number | null] // the first argument of "exit"
  t.equal(code, 0)
})
