// Where a back end connects to and where not, with real sockets and a real name server that changes
// its answers.
import { createServer } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import t from 'tap'
import type { Backend } from '../../src/backends/backend.ts'
import { osbBackend } from '../../src/backends/osb.ts'
import { openNetworks, type Networks } from '../../src/networks.ts'
import { nameServer } from '../support/name-server.ts'
import { answer, loopback, scriptedUpstream, tlsFile } from '../support/scripted-upstream.ts'
import { order } from './orders.ts'
import type { Teardown } from '../support/teardown.ts'

const never = new AbortController().signal

function backendAt(t: Teardown, url: string, networks: Networks): Backend {
  const backend = osbBackend(
    { url, timeoutSeconds: 5, catalogTimeoutSeconds: 5, tlsCa: tlsFile('ca.pem') },
    { username: 'kontor', password: 'secret-word' },
    networks,
  )
  t.teardown(() => backend.close())
  return backend
}

const provision = (backend: Backend) => backend.provision(order.provision(), never)
const closed = {
  kind: 'refused',
  refusal: {
    reason: 'not_sent',
    description:
      'The provider could not be reached: its address is in a network that Kontor may not connect to.',
  },
}
const says = (host: string) => ({
  kind: 'failed',
  description: `${host} leads into a network that Kontor may not connect to (private, link-local, reserved or the like); an operator can allow it with KONTOR_PROVIDER_NETWORKS`,
})

void t.test('a closed address is not connected to, however it is written', async (t) => {
  const upstream = await scriptedUpstream(t, answer(200, { services: [] }))
  const { port } = upstream
  const hosts = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::1]',
    'localhost',
    '0.0.0.0',
    '[::]',
  ]
  for (const host of hosts) {
    const backend = backendAt(t, `http://${host}:${port}`, openNetworks([]))
    t.strictSame(await provision(backend), closed, host)
    const named = new URL(`http://${host}`).hostname.replaceAll(/[[\]]/g, '')
    t.strictSame(await backend.catalog(undefined, never), says(named), host)
    t.match(
      await backend.progress({ instance: order.provision() }, never),
      { kind: 'unclear', noAnswer: 'not_sent' },
      host,
    )
  }
  for (const host of [
    '169.254.169.254',
    '[fd00:ec2::254]',
    '10.0.0.1',
    '192.168.1.1',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[fe80::1]',
  ]) {
    for (const scheme of ['http', 'https'])
      t.strictSame(await provision(backendAt(t, `${scheme}://${host}`, loopback)), closed, host)
  }
  t.equal(upstream.requests.length, 0)
  for (const host of ['127.1', '[::ffff:127.0.0.1]', 'localhost'])
    t.match(
      await provision(backendAt(t, `http://${host}:${port}`, openNetworks(['127.0.0.1']))),
      { kind: 'done' },
      host,
    )
  t.equal(upstream.requests.length, 3)
})

void t.test('of the addresses of a name only the allowed ones are used', async (t) => {
  const upstream = await scriptedUpstream(t, answer(201))
  // The second address must not even be tried: TEST-NET-1 would take until the deadline.
  for (const addresses of [
    ['192.0.2.1', '127.0.0.1'],
    ['127.0.0.1', '10.0.0.1'],
  ]) {
    const { lookup } = await nameServer(t, [addresses])
    t.match(
      await provision(
        backendAt(t, `http://broker.example:${upstream.port}`, openNetworks(['127.0.0.1'], lookup)),
      ),
      { kind: 'done' },
    )
  }
  const { lookup } = await nameServer(t, [['10.0.0.1', '169.254.169.254']])
  const backend = backendAt(t, 'https://broker.example', openNetworks(['127.0.0.1'], lookup))
  t.strictSame(await provision(backend), closed)
  const read = await backend.catalog(undefined, never)
  t.strictSame(read, says('broker.example'))
  t.notMatch(JSON.stringify(read), /10\.0|169\.254/, 'the addresses of the name are not shown')
  const nowhere = await nameServer(t, [[]])
  t.match(
    await provision(backendAt(t, 'https://broker.example', openNetworks([], nowhere.lookup))),
    { kind: 'refused', refusal: { reason: 'not_sent' } },
  )
})

void t.test(
  'a name server that changes its answer between check and connection gains nothing',
  async (t) => {
    // The same port of two addresses: one that is open, and one that is not.
    const inside = createServer((_request, response) => {
      response.end('{}')
    })
    let reached = 0
    inside.on('connection', () => {
      reached++
    })
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.2', resolve))
    t.teardown(() => {
      inside.close().closeAllConnections()
    })
    const { port } = inside.address() as AddressInfo // a TCP server's address is never a string
    const outside = createServer((_request, response) => {
      response.setHeader('connection', 'close').end('{}')
    })
    await new Promise<void>((resolve, reject) =>
      outside.once('error', reject).listen(port, '127.0.0.1', resolve),
    )
    t.teardown(() => {
      outside.close().closeAllConnections()
    })

    const { lookup, asked } = await nameServer(t, [
      ['127.0.0.1'],
      ['127.0.0.2'],
      ['127.0.0.1'],
      ['127.0.0.2', '127.0.0.1'],
      ['127.0.0.2'],
    ])
    const backend = backendAt(
      t,
      `http://rebound.example:${port}`,
      openNetworks(['127.0.0.1'], lookup),
    )
    for (const isOpen of [true, false, true, true, false])
      t.match(await provision(backend), isOpen ? { kind: 'done' } : closed)
    t.equal(asked(), 5, 'one question per connection')
    t.equal(reached, 0)
  },
)

void t.test('a slow look-up of a name ends with the call', async (t) => {
  const lookup: LookupFunction = () => {}
  const backend = osbBackend(
    { url: 'https://slow.example', timeoutSeconds: 0.2, catalogTimeoutSeconds: 0.2 },
    { none: true },
    openNetworks([], lookup),
  )
  t.match(await provision(backend), {
    kind: 'refused',
    refusal: { reason: 'not_sent', description: /no answer within 0\.2 s/ },
  })
})

void t.test('without TLS only networks that an operator has allowed are called', async (t) => {
  const upstream = await scriptedUpstream(t, answer(201), 'localhost')
  for (const host of ['8.8.8.8', '[2001:4860:4860::8888]', 'public.example']) {
    const { lookup } = await nameServer(t, [['8.8.8.8']])
    const backend = backendAt(t, `http://${host}`, openNetworks([], lookup))
    t.match(
      await provision(backend),
      {
        kind: 'refused',
        refusal: { reason: 'not_sent', description: /it may not be called without TLS/ },
      },
      host,
    )
    t.match(
      await backend.catalog(undefined, never),
      {
        kind: 'failed',
        description:
          /without TLS, which Kontor does only in networks .* KONTOR_PROVIDER_NETWORKS; use https$/,
      },
      host,
    )
  }
  t.match(await provision(backendAt(t, upstream.url, loopback)), { kind: 'done' })
})

void t.test('redirects are not followed', async (t) => {
  const trap = await scriptedUpstream(t, answer(200))
  for (const status of [301, 302, 303, 307, 308]) {
    const upstream = await scriptedUpstream(
      t,
      answer(status, '', { location: `${trap.url}/v2/catalog` }),
    )
    const backend = backendAt(t, upstream.url, loopback)
    t.match(await provision(backend), {
      kind: 'refused',
      refusal: { reason: 'protocol', status, description: /redirect, which is not followed/ },
    })
    t.match(await backend.catalog(undefined, never), {
      kind: 'failed',
      description: `answered with a redirect (${status}), which is not followed`,
    })
    t.equal(upstream.requests.length, 2)
  }
  t.equal(trap.requests.length, 0)
})
