// TLS that Kontor terminates, and platforms that sign in by certificate: valid ones, and every kind
// of invalid one.
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmod, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect, getCiphers, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { Client } from 'undici'
import { makeTemporaryFolder } from '../../scripts/temporary-folder.ts'
import { openTls } from '../../src/http/tls.ts'
import { newId } from '../../src/ids.ts'
import { createLog } from '../../src/log.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import {
  makeAuthority,
  makeCertificate,
  type Certificate,
  type Wanted,
} from '../support/certificates.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { caller, startKontor, until, type Call, type Reply } from '../support/kontor.ts'
import type { Teardown } from '../support/teardown.ts'

const serverCa = makeAuthority('Server authority')
const clientCa = makeAuthority('Client authority')
const stranger = makeAuthority('Client authority')
const local: Wanted = { cn: ['kontor'], dns: ['localhost'], ip: ['127.0.0.1'], usage: ['server'] }

/**
 * A Kontor with TLS; `write` replaces one of its files atomically, as tools that renew certificates
 * do.
 */
async function secure(t: Teardown, environment: Record<string, string> = {}) {
  const folder = await makeTemporaryFolder('tls')
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const write = async (name: string, content: string) => {
    await writeFile(join(folder, `${name}.new`), content, { mode: 0o600 })
    await rename(join(folder, `${name}.new`), join(folder, name))
  }
  const first = makeCertificate(serverCa, local)
  await write('cert.pem', first.cert)
  await write('key.pem', first.key)
  await write('ca.pem', clientCa.cert)
  const kontor = await startKontor(t, {
    worker: false,
    environment: {
      KONTOR_TLS_CERT: join(folder, 'cert.pem'),
      KONTOR_TLS_KEY: join(folder, 'key.pem'),
      KONTOR_TLS_CLIENT_CA: join(folder, 'ca.pem'),
      ...environment,
    },
  })
  return { kontor, write, first }
}

const { kontor } = await secure(t)
const { refresh } = kontor.running.runtime
const good = makeCertificate(clientCa, {
  cn: ['cf'],
  dns: ['cf.example', 'other.example'],
  uri: ['spiffe://bund.example/cf'],
  usage: ['client'],
})

/** A client with connections of its own, with or without a certificate. */
function client(
  t: Teardown,
  certificate?: Certificate,
  headers: Record<string, string> = {},
  url = kontor.url,
): Call {
  const dispatcher = new Client(url, {
    keepAliveTimeout: 60_000,
    connect: { ca: serverCa.cert, ...certificate },
  })
  t.teardown(() => dispatcher.destroy())
  return caller(url, { 'x-broker-api-version': '2.17', ...headers }, dispatcher)
}

async function allow(
  platform: string,
  certificateName: string,
  from = kontor,
): Promise<() => Promise<void>> {
  const { db: own, refresh: ownRefresh } = from.running.runtime
  const { id: platformId } = await own
    .selectFrom('platforms')
    .select('id')
    .where('name', '=', platform)
    .executeTakeFirstOrThrow()
  const id = newId(new Date())
  await own
    .insertInto('platform_credentials')
    .values({
      id,
      platform_id: platformId,
      kind: 'mtls',
      certificate_name: certificateName,
      created_at: new Date(),
    })
    .execute()
  await acceptRows(own, 'platform_credentials')
  await ownRefresh()
  return async () => {
    await own.deleteFrom('platform_credentials').where('id', '=', id).execute()
    await acceptRows(own, 'platform_credentials')
    await ownRefresh()
  }
}

// A change of the authorities breaks off handshakes, also those of this test's own requests.
const cutOff = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ECONNRESET' && error.code !== 'UND_ERR_SOCKET') throw error
}

const catalog = (call: Call, headers?: Record<string, string>) =>
  call('GET', '/v2/catalog', undefined, headers)
const seen = ({ status, headers: { date: _date, ...headers }, text }: Reply) => ({
  status,
  headers,
  text,
})
const fingerprint = (certificate: Certificate) =>
  `sha256:${new X509Certificate(certificate.cert).fingerprint256.replaceAll(':', '').toLowerCase()}`

async function basicOf(name: string): Promise<string> {
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    name,
  )
  await refresh()
  return basicAuth(username, password)
}

t.test('Kontor speaks TLS, and only that', async (t) => {
  t.match(kontor.url, /^https:\/\/127\.0\.0\.1:/)
  t.equal((await client(t)('GET', '/readyz')).status, 200)
  t.equal(
    (await catalog(client(t, undefined, { authorization: await basicOf('by-password') }))).status,
    200,
    'a password needs no certificate',
  )
  await t.rejects(caller(kontor.url.replace('https', 'http'), {})('GET', '/readyz'))
  const { port } = new URL(kontor.url)
  const handshake = (options: ConnectionOptions) =>
    new Promise<{ protocol: string | null; suite: string }>((resolve, reject) => {
      const socket: TLSSocket = connect(
        { port: Number(port), host: '127.0.0.1', ca: serverCa.cert, ...options },
        () => {
          resolve({ protocol: socket.getProtocol(), suite: socket.getCipher().name })
          socket.destroy()
        },
      ).on('error', reject)
    })
  const [old, middle] = ['TLSv1.1', 'TLSv1.2'] as const
  t.equal((await handshake({ maxVersion: middle })).protocol, middle)
  t.equal((await handshake({})).protocol, 'TLSv1.3')
  await t.rejects(handshake({ minVersion: old, maxVersion: old, ciphers: 'DEFAULT@SECLEVEL=0' }), {
    code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  })
  // Those that a server with this kind of certificate could have.
  const suites = getCiphers().filter((name) => name.startsWith('ecdhe-ecdsa-'))
  const made = await Promise.all(
    suites.map((suite) =>
      handshake({ maxVersion: middle, ciphers: suite.toUpperCase() }).then(
        () => [suite],
        () => [],
      ),
    ),
  )
  t.ok(suites.length > 3)
  t.strictSame(made.flat().toSorted(), [
    'ecdhe-ecdsa-aes128-gcm-sha256',
    'ecdhe-ecdsa-aes256-gcm-sha384',
    'ecdhe-ecdsa-chacha20-poly1305',
  ])
})

t.test('connections without a handshake or a request keep no one out', async (t) => {
  const limits = { KONTOR_MAX_CONNECTIONS: '4', KONTOR_REQUEST_SECONDS: '9' }
  const { kontor: own } = await secure(t, limits)
  const { port } = new URL(own.url)
  const closed: string[] = []
  const note = (name: string) => () => {
    closed.push(name)
  }
  for (const name of ['first', 'second']) {
    const socket = connectTcp(Number(port), '127.0.0.1')
      .on('close', note(name))
      .on('error', () => {})
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
  }
  for (const name of ['third', 'fourth']) {
    const socket = connect({ port: Number(port), host: '127.0.0.1', ca: serverCa.cert })
      .on('close', note(name))
      .on('error', () => {})
    t.teardown(() => socket.destroy())
    await once(socket, 'secureConnect')
  }
  // All four are slow then, by the server's own clock: after a thirtieth of the time that a request
  // may take.
  const sinceMs = performance.now()
  await until(
    () => performance.now() - sinceMs,
    (ms) => ms >= 300,
  )
  for (let times = 0; times < 4; times++)
    t.equal((await client(t, undefined, {}, own.url)('GET', '/readyz')).status, 200)
  await until(
    () => closed,
    (names) => names.length >= 4,
  )
  t.strictSame(closed, ['first', 'second', 'third', 'fourth'])
})

t.test('a certificate signs in by each of its names that belongs to a credential', async (t) => {
  const call = client(t, good)
  t.equal((await catalog(call)).status, 401, 'a good certificate alone is no platform')
  const colons = fingerprint(good)
    .slice(7)
    .toUpperCase()
    .replaceAll(/(..)(?=.)/g, '$1:')
  for (const name of [
    'dns:cf.example',
    'dns:other.example',
    'CF.example',
    'uri:spiffe://bund.example/cf',
    'cn:cf',
    fingerprint(good),
    `sha256:${colons}`,
  ]) {
    const revoke = await allow('first', name)
    t.equal((await catalog(call)).status, 200, name)
    await revoke()
    t.equal((await catalog(call)).status, 401, `${name}: taken back while the connection is open`)
  }
})

t.test(
  'an invalid certificate counts as a failed sign-in by certificate, and is not limited',
  async (t) => {
    const { kontor: own } = await secure(t, { KONTOR_FAILED_SIGN_INS_PER_MINUTE: '1' })
    const failed = async (kind: string) =>
      Number(
        new RegExp(`kind="${kind}"\\} (\\d+)`).exec(
          (await client(t, undefined, {}, own.url)('GET', '/metrics')).text,
        )?.[1] ?? 0,
      )
    const foreign = makeCertificate(stranger, { dns: ['cf.example'], usage: ['client'] })
    for (const certificate of [good, foreign]) {
      const call = client(t, certificate, {}, own.url)
      for (let times = 0; times < 2; times++)
        t.match(await catalog(call), { status: 401, headers: { 'www-authenticate': /^Basic / } })
      t.equal((await call('GET', '/api/providers')).status, 401)
    }
    t.equal((await catalog(client(t, undefined, {}, own.url))).status, 401)
    t.strictSame([await failed('certificate'), await failed('missing')], [4, 3])
  },
)

t.test('a certificate with names of two platforms signs in neither', async (t) => {
  await basicOf('claims')
  const call = client(t, good)
  const first = [await allow('first', 'dns:cf.example'), await allow('first', 'cn:cf')]
  t.equal((await catalog(call)).status, 200, 'several names of one platform')
  for (const name of [fingerprint(good), 'cf.example', 'uri:spiffe://bund.example/cf']) {
    const revoke = await allow('claims', name)
    t.equal((await catalog(call)).status, 401, name)
    await revoke()
    t.equal((await catalog(call)).status, 200)
  }
  for (const revoke of first) await revoke()
})

t.test('an invalid certificate is the same as none', async (t) => {
  for (const name of ['dns:cf.example', 'cn:cf']) t.teardown(await allow('first', name))
  t.equal((await catalog(client(t, good))).status, 200)
  const none = seen(await catalog(client(t)))
  t.match(none, {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="kontor", charset="UTF-8"' },
  })
  const usage = ['client'] as const
  const hour = 3_600_000
  const wrong: Record<string, Certificate> = {
    expired: makeCertificate(clientCa, {
      dns: ['cf.example'],
      usage,
      from: new Date(Date.now() - 2 * hour),
      to: new Date(Date.now() - hour),
    }),
    'not valid yet': makeCertificate(clientCa, {
      dns: ['cf.example'],
      usage,
      from: new Date(Date.now() + hour),
      to: new Date(Date.now() + 2 * hour),
    }),
    'another authority of the same name': makeCertificate(stranger, { dns: ['cf.example'], usage }),
    'signed by itself': makeCertificate(undefined, { cn: ['cf'], dns: ['cf.example'], usage }),
    'by an authority of servers': makeCertificate(serverCa, { dns: ['cf.example'], usage }),
    'another name': makeCertificate(clientCa, {
      cn: ['cf2'],
      dns: ['cf.example.evil.example', 'xcf.example', '*.example'],
      usage,
    }),
    'the DNS name as common name': makeCertificate(clientCa, { cn: ['cf.example'], usage }),
    'the common name as DNS name': makeCertificate(clientCa, { dns: ['cf'], usage }),
    'two common names': makeCertificate(clientCa, { cn: ['cf', 'other'], usage }),
    'the name within another': makeCertificate(clientCa, {
      uri: ['http://x.example/, DNS:cf.example'],
      usage,
    }),
    'the name within another DNS name': makeCertificate(clientCa, {
      dns: ['x.example, DNS:cf.example'],
      usage,
    }),
    'only for servers': makeCertificate(clientCa, { dns: ['cf.example'], usage: ['server'] }),
  }
  for (const [name, certificate] of Object.entries(wrong))
    t.strictSame(seen(await catalog(client(t, certificate))), none, name)
  t.equal(
    (await catalog(client(t, makeCertificate(clientCa, { dns: ['CF.Example'] })))).status,
    200,
    'for every purpose, and in capitals',
  )
  t.equal((await client(t, good)('GET', '/api/providers')).status, 401, 'platforms only')
})

t.test('with a certificate and a header the header decides', async (t) => {
  t.teardown(await allow('first', 'dns:cf.example'))
  const other = await basicOf('other')
  const call = client(t, good)
  t.equal((await catalog(call)).status, 200)
  for (const authorization of ['Basic !!!', basicAuth('first', 'wrong'), 'Bearer x', 'x'])
    t.equal((await catalog(call, { authorization })).status, 401, authorization)
  t.equal((await catalog(call, { authorization: other })).status, 200)
  t.equal((await catalog(call)).status, 200, 'and the same connection without it')
})

t.test('a certificate that expires while its connection is open no longer signs in', async (t) => {
  t.teardown(await allow('first', 'dns:short.example'))
  const to = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000)
  const call = client(t, makeCertificate(clientCa, { dns: ['short.example'], to }))
  t.equal((await catalog(call)).status, 200)
  await until(
    () => catalog(call),
    ({ status }) => status === 401,
    10_000,
  )
  t.ok(Date.now() >= to.getTime() - 100, 'not before')
})

t.test('without client authorities Kontor requests no certificate', async (t) => {
  const { kontor: own } = await secure(t, { KONTOR_TLS_CLIENT_CA: '' })
  await allow('first', 'dns:cf.example', own)
  t.equal((await catalog(client(t, good, {}, own.url))).status, 401)
  t.equal((await client(t, undefined, {}, own.url)('GET', '/readyz')).status, 200)
})

t.test('changed files are loaded without a restart, and unusable ones are ignored', async (t) => {
  const { kontor: own, write, first } = await secure(t)
  await allow('first', 'dns:cf.example', own)
  const serialOf = () =>
    new Promise<string>((resolve, reject) => {
      const { port } = new URL(own.url)
      const socket: TLSSocket = connect(
        { port: Number(port), host: '127.0.0.1', ca: serverCa.cert },
        () => {
          resolve(socket.getPeerCertificate().serialNumber)
          socket.destroy()
        },
      ).on('error', reject)
    })
  const serial = ({ cert }: Certificate) => new X509Certificate(cert).serialNumber
  t.equal(await serialOf(), serial(first))
  const kept = client(t, good, {}, own.url)
  t.equal((await catalog(kept)).status, 200)

  const second = makeCertificate(serverCa, local)
  // After the first of two files they do not match.
  await write('cert.pem', second.cert)
  await write('key.pem', second.key)
  await until(serialOf, (now) => now === serial(second), 10_000)
  t.equal((await catalog(kept)).status, 200, 'an open connection goes on')

  await write('key.pem', '-----BEGIN PRIVATE KEY-----\nhalf')
  const newCa = makeAuthority('New client authority')
  const next = makeCertificate(newCa, { dns: ['cf.example'], usage: ['client'] })
  await write('ca.pem', newCa.cert + clientCa.cert)
  t.equal(await serialOf(), serial(second))
  t.equal((await catalog(client(t, next, {}, own.url))).status, 401)

  await write('key.pem', second.key)
  const isKnown = (certificate: Certificate) => async () => {
    const scope: Array<() => unknown> = []
    const status = await catalog(
      client(
        {
          teardown: (fn) => {
            scope.push(fn)
          },
        },
        certificate,
        {},
        own.url,
      ),
    ).then((reply) => reply.status, cutOff)
    for (const close of scope) await close()
    return status
  }
  await until(isKnown(next), (status) => status === 200, 10_000)
  t.equal(await isKnown(good)(), 200, 'both authorities count')

  // The first response may end a connection from before; the second comes over a new one, which is
  // idle then.
  for (let times = 0; times < 2; times++) t.equal((await catalog(kept)).status, 200)
  await write('ca.pem', newCa.cert)
  await until(isKnown(good), (status) => status === 401, 10_000)
  t.equal((await catalog(kept)).status, 401, 'nor does a connection that was there before go on')
  t.equal(await isKnown(next)(), 200)
})

t.test('a connection that began under the former authorities ends when they change', async (t) => {
  const { kontor: own, write } = await secure(t)
  await allow('first', 'dns:cf.example', own)
  const { port } = new URL(own.url)
  const head = 'GET /v2/catalog HTTP/1.1\r\nHost: x\r\nX-Broker-API-Version: 2.17\r\n'
  const open = (more: ConnectionOptions = {}) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket: TLSSocket = connect(
        {
          port: Number(port),
          host: '127.0.0.1',
          ca: serverCa.cert,
          servername: 'localhost',
          ...good,
          ...more,
        },
        () => {
          resolve(socket)
        },
      ).on('error', reject)
      t.teardown(() => socket.destroy())
    })
  const answerOf = (socket: TLSSocket) =>
    new Promise<string>((resolve) => {
      socket
        .once('data', (bytes) => {
          resolve(String(bytes))
        })
        .once('close', () => {
          resolve('closed')
        })
    })

  const early = connectTcp(Number(port), '127.0.0.1')
  t.teardown(() => early.destroy())
  await once(early, 'connect')
  const closed = once(early.resume(), 'close').then(() => 'closed')
  const half = await open()
  half.write(`${head}\r\n`)
  t.match(
    await answerOf(half),
    /^HTTP\/1.1 200 /,
    'so the server has accepted the connection before this one, too',
  )
  half.write(head)

  await write('ca.pem', stranger.cert)
  const scope: Array<() => unknown> = []
  t.teardown(() => {
    for (const close of scope) close()
  })
  await until(
    () =>
      catalog(
        client(
          {
            teardown: (fn) => {
              scope.push(fn)
            },
          },
          good,
          {},
          own.url,
        ),
      ).then(({ status }) => status, cutOff),
    (status) => status === 401,
    10_000,
  )
  const late = early.destroyed
    ? 'closed'
    : open({ socket: early }).then(
        async (socket) => {
          socket.write(`${head}\r\n`)
          return answerOf(socket)
        },
        () => 'closed',
      )
  t.equal(await Promise.race([late, closed]), 'closed', 'a connection whose handshake was not over')
  half.write('\r\n')
  t.match(
    await answerOf(half),
    /^(?:HTTP\/1.1 401 [^]*\r\nconnection: close\r\n|closed$)/,
    'nor is there one more answer for a request under way',
  )
})

t.test('a start with unusable files fails with the name of the variable', async (t: Test) => {
  const folder = await makeTemporaryFolder('tls-wrong')
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  const [one, two] = [makeCertificate(serverCa, local), makeCertificate(serverCa, local)]
  const [cert, key, otherKey, none] = [
    await file('cert.pem', one.cert),
    await file('key.pem', one.key),
    await file('other.pem', two.key),
    join(folder, 'none.pem'),
  ]
  const wrong: ReadonlyArray<readonly [environment: Record<string, string>, says: RegExp]> = [
    [{ KONTOR_TLS_CERT: cert }, /^KONTOR_TLS_CERT is set, but KONTOR_TLS_KEY is not/],
    [{ KONTOR_TLS_KEY: key }, /^KONTOR_TLS_KEY is set, but KONTOR_TLS_CERT is not/],
    [{ KONTOR_TLS_CLIENT_CA: cert }, /^KONTOR_TLS_CLIENT_CA is set, but KONTOR_TLS_CERT is not/],
    [
      { KONTOR_TLS_CERT: none, KONTOR_TLS_KEY: key },
      /^KONTOR_TLS_CERT: .*none\.pem cannot be read \(ENOENT\)/,
    ],
    [{ KONTOR_TLS_CERT: cert, KONTOR_TLS_KEY: otherKey }, /the key belongs to another certificate/],
    [
      { KONTOR_TLS_CERT: cert, KONTOR_TLS_KEY: key, KONTOR_TLS_CLIENT_CA: key },
      /^KONTOR_TLS_CLIENT_CA: .* holds no certificate/,
    ],
  ]
  for (const [environment, says] of wrong)
    await t.rejects(
      startKontor(t, { worker: false, environment }),
      { code: 'configuration', message: says },
      says.source,
    )
})

t.test('unusable files are logged once for each change', async (t) => {
  const folder = await makeTemporaryFolder('tls-logged')
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const files = {
    cert: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
    clientCa: undefined,
  }
  const { cert, key } = makeCertificate(serverCa, local)
  await writeFile(files.cert, cert, { mode: 0o600 })
  await writeFile(files.key, key, { mode: 0o600 })
  const lines: string[] = []
  const note = (fields: unknown, text?: string) => {
    lines.push(`${text}: ${JSON.stringify(fields)}`)
  }
  const tls = openTls(files, { ...createLog('silent'), info: note, warn: note })
  t.teardown(() => {
    tls.close()
  })
  await chmod(files.key, 0o660)
  await until(
    () => lines.length,
    (count) => count > 0,
  )
  // Kontor looks each second.
  await new Promise((resolve) => setTimeout(resolve, 2_100))
  await chmod(files.key, 0o600)
  await utimes(files.key, new Date(), new Date())
  await until(
    () => lines.length,
    (count) => count > 1,
  )
  t.match(lines, [/^the changed TLS files cannot be used: .* has mode 0660/, /are in use: /])
  t.equal(lines.length, 2)
})
