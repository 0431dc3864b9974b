// Client certificates towards a provider, with real TLS servers that ask for one.
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import t from 'tap'
import { osbBackend } from '../../src/backends/osb.ts'
import type { ClientCertificate, OsbCredentials } from '../../src/types.gen.ts'
import { loopback, tlsFile } from '../support/scripted-upstream.ts'
import { tokenEndpoint } from '../support/token-endpoint.ts'
import { order } from './orders.ts'
import type { Teardown } from '../support/teardown.ts'

const never = new AbortController().signal
const clientCertificate: ClientCertificate = {
  certificate: tlsFile('client.pem'),
  key: tlsFile('client.key'),
}
const server = (more: ServerOptions = {}): ServerOptions => ({
  cert: tlsFile('localhost.pem'),
  key: tlsFile('localhost.key'),
  ca: tlsFile('clients-ca.pem'),
  requestCert: true,
  rejectUnauthorized: true,
  ...more,
})

interface Seen {
  readonly name: string | undefined
  readonly authorization: string | undefined
}

/** A broker that requires a certificate of clients-ca, and records whose it was. */
async function broker(
  t: Teardown,
  options: ServerOptions = server(),
): Promise<{ readonly url: string; readonly seen: Seen[] }> {
  const seen: Seen[] = []
  const https = createServer(options, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    seen.push({
      name: subject?.CN as string | undefined,
      authorization: request.headers.authorization,
    })
    response.end('{"services":[]}')
  })
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    https.close().closeAllConnections()
  })
  return { url: `https://127.0.0.1:${(https.address() as AddressInfo).port}`, seen } // a TCP server's address is never a string
}

function backendAt(
  t: Teardown,
  url: string,
  credentials: OsbCredentials,
  tlsCa = tlsFile('ca.pem'),
) {
  const backend = osbBackend(
    { url, timeoutSeconds: 5, catalogTimeoutSeconds: 5, tlsCa },
    credentials,
    loopback,
  )
  t.teardown(() => backend.close())
  return backend
}

const provision = (t: Teardown, url: string, credentials: OsbCredentials, tlsCa?: string) =>
  backendAt(t, url, credentials, tlsCa).provision(order.provision(), never)
const notSent = (why: string) => ({
  kind: 'refused',
  refusal: { reason: 'not_sent', description: `The provider could not be reached: ${why}.` },
})

void t.test(
  'a provider whose server is old may have CBC suites, and no version before 1.2',
  async (t) => {
    const { url } = await broker(
      t,
      server({
        maxVersion: 'TLSv1.2',
        ciphers: 'ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA384',
      }),
    )
    t.match(await provision(t, url, { clientCertificate }), { kind: 'done' })
    const former = server({
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    const old = await broker(t, former)
    t.match(await provision(t, old.url, { clientCertificate }), { kind: 'refused' })
  },
)

void t.test('the certificate is shown, alone or beside other credentials', async (t) => {
  const { url, seen } = await broker(t)
  const tokens = await tokenEndpoint(t, { id: 'kontor', secret: 's3cret' }, server())
  const oauth2 = {
    tokenUrl: tokens.url,
    clientId: 'kontor',
    clientSecret: 's3cret',
    clientCertificate,
  }
  const encrypted = {
    ...clientCertificate,
    key: tlsFile('client-encrypted.key'),
    passphrase: 'open-sesame',
  }
  const all: OsbCredentials[] = [
    { clientCertificate },
    { clientCertificate: encrypted },
    { username: 'u', password: 'p', clientCertificate },
    { token: 't', clientCertificate },
    oauth2,
  ]
  for (const credentials of all) t.match(await provision(t, url, credentials), { kind: 'done' })
  t.strictSame(
    seen,
    [undefined, undefined, 'Basic dTpw', 'Bearer t', 'Bearer token-1'].map((authorization) => ({
      name: 'client',
      authorization,
    })),
  )
  t.equal(
    backendAt(t, url, { clientCertificate }).certificateExpiresAt?.toISOString(),
    '2126-01-01T00:00:00.000Z',
  )
  t.equal(backendAt(t, url, { none: true }).certificateExpiresAt, undefined)
})

// In TLS 1.3 a server checks the client certificate when Kontor has already written the call. After
// its alert the call was certainly not read; a server that closes the connection without one leaves
// the outcome unknown.
for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  void t.test(
    `who shows no certificate, or that of a stranger, is not let in (${maxVersion})`,
    async (t) => {
      const { url, seen } = await broker(t, server({ maxVersion }))
      const stranger = { certificate: tlsFile('stranger.pem'), key: tlsFile('stranger.key') }
      for (const credentials of [
        { none: true },
        { username: 'u', password: 'p' },
        { clientCertificate: stranger },
      ] as const) {
        const backend = backendAt(t, url, credentials)
        const outcome = await backend.provision(order.provision(), never)
        const inDoubt = outcome.kind === 'unknown' && outcome.doubt === 'connection_lost'
        t.ok(
          inDoubt || (outcome.kind === 'refused' && outcome.refusal.reason === 'not_sent'),
          JSON.stringify(outcome),
        )
        if (maxVersion === 'TLSv1.2' && !('clientCertificate' in credentials)) t.notOk(inDoubt)
        t.match(await backend.catalog(undefined, never), { kind: 'failed' })
      }
      t.equal(seen.length, 0)
    },
  )
}

void t.test('an expired certificate is not shown', async (t) => {
  let connections = 0
  const options = server()
  const https = createServer(options).on('connection', () => {
    connections++
  })
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    https.close().closeAllConnections()
  })
  const expired = { certificate: tlsFile('client-expired.pem'), key: tlsFile('client.key') }
  const url = `https://127.0.0.1:${(https.address() as AddressInfo).port}`
  t.strictSame(
    await provision(t, url, { clientCertificate: expired }),
    notSent('the client certificate that is registered for it has expired'),
  )
  t.equal(connections, 0)
})

void t.test("the provider's own certificate is checked as usual", async (t) => {
  const own = (name: string) =>
    broker(t, server({ cert: tlsFile(`${name}.pem`), key: tlsFile(`${name}.key`) }))
  const cases: ReadonlyArray<readonly [name: string, ca: string, why: string]> = [
    ['expired', 'clients-ca.pem', 'the certificate has expired'],
    ['elsewhere', 'ca.pem', 'the certificate is for another host'],
    ['localhost', 'other-ca.pem', 'the certificate is not from a trusted authority'],
  ]
  for (const [name, ca, why] of cases) {
    const { url, seen } = await own(name)
    t.strictSame(await provision(t, url, { clientCertificate }, tlsFile(ca)), notSent(why))
    t.equal(seen.length, 0)
  }
})

void t.test('the token endpoint gets the same certificate and trust', async (t) => {
  const { url, seen } = await broker(t)
  const client = { id: 'kontor', secret: 's3cret' }
  const credentials = (tokenUrl: string) => ({
    tokenUrl,
    clientId: client.id,
    clientSecret: client.secret,
  })
  const wanting = await tokenEndpoint(t, client, server())
  t.match(await provision(t, url, credentials(wanting.url)), {
    kind: 'refused',
    refusal: { reason: 'not_sent', description: /Kontor got no access token: / },
  })
  const untrusted = await tokenEndpoint(
    t,
    client,
    server({ cert: tlsFile('expired.pem'), key: tlsFile('expired.key') }),
  )
  t.match(await provision(t, url, { ...credentials(untrusted.url), clientCertificate }), {
    kind: 'refused',
    refusal: { description: /Kontor got no access token: the certificate / },
  })
  t.equal(untrusted.requests.length + wanting.requests.length + seen.length, 0)
})
