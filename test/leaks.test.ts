// Known secrets go in by every entry point; then they are looked for wherever they must not be.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import t, { type Test } from 'tap'
import { startSimulator } from '../tools/simulator/start.ts'
import { basicAuth } from './support/basic-auth.ts'
import { catalogOf } from './support/catalogs.ts'
import { startIssuer, type TestIssuer } from './support/issuer.ts'
import { caller, finished, here, until, type Call, type Reply } from './support/kontor.ts'
import { serveKontor, spawnKontor } from './support/kontor-process.ts'
import { dumpDatabase, found, newMarker, newPlainMarker } from './support/leaks.ts'
import { writeOidcFile } from './support/oidc-file.ts'
import { createDatabase } from './support/postgres.ts'
import {
  rawUpstream,
  scriptedUpstream,
  tlsFile,
  type Received,
} from './support/scripted-upstream.ts'
import { tokenEndpoint } from './support/token-endpoint.ts'

t.setTimeout(110_000)

const keyLine = (pem: string): string => pem.split('\n')[2] ?? ''

// What is sent, by the way it goes in. A new kind of secret is one more line, and its way in below.
const secrets = {
  key: randomBytes(32).toString('base64'),
  adminToken: randomBytes(32).toString('hex'),
  wrongAdminToken: newPlainMarker(),
  wrongPlatformPassword: newMarker(),
  providerPassword: newMarker(),
  changedProviderPassword: newMarker(),
  providerToken: newPlainMarker(),
  clientSecret: newPlainMarker(),
  accessToken: newPlainMarker(),
  clientKey: keyLine(tlsFile('client-encrypted.key')),
  clientKeyPassphrase: 'open-sesame',
  otherClientKey: keyLine(tlsFile('stranger.key')),
  brokenClientKey: newPlainMarker(),
  personToken: newPlainMarker(),
  wrongPersonToken: newPlainMarker(),
  refusedCredentials: newMarker(),
  passwordInUrl: newPlainMarker(),
  secretInQuery: newPlainMarker(),
  provisionParameter: newMarker(),
  updateParameter: newMarker(),
  bindParameter: newMarker(),
  differentParameter: newMarker(),
  invalidParameter: newMarker(),
  repeatedParameter: newMarker(),
  brokenBody: newPlainMarker(),
  wrongBody: newMarker(),
}
/**
 * Made by others on the way: credentials of bindings, passwords of platforms, signatures of tokens.
 */
const made: Record<string, string> = {}
// Not a secret, and kept because it goes with each call to the provider; it belongs into no log and
// no answer.
const originatingIdentity = Buffer.from(JSON.stringify({ user_id: newPlainMarker() })).toString(
  'base64',
)

/**
 * A provider that repeats what it is sent in whatever it says; `mode` of the parameters chooses
 * how.
 */
function echo(password: () => string) {
  const ordered = new Map<string, string>()
  const catalog = catalogOf('echo')
  return (request: Received) => {
    if (request.path === '/v2/catalog') return { status: 200, body: catalog }
    const { authorization } = request.headers
    const all = `You sent ${authorization} (${password()}) and ${JSON.stringify(request.body)} ${JSON.stringify(request.headers)}`
    const encoded = `Not at ?password=${encodeURIComponent(password())}&token=${authorization?.split(' ')[1]?.slice(0, -2)}`
    if (request.path.endsWith('/last_operation'))
      return {
        status: 200,
        body: {
          state: 'failed',
          description: `Could not set ${ordered.get(request.path.split('/')[3] ?? '')}`,
        },
      }
    const { mode, secret } =
      (request.body as { parameters?: { mode?: string; secret?: string } } | undefined)
        ?.parameters ?? {}
    ordered.set(request.path.split('/')[3] ?? '', secret ?? '')
    switch (mode) {
      case 'all':
        return { status: 400, body: { description: all } }
      case 'encoded':
        return { status: 400, body: { description: encoded } }
      case 'doubt':
        return { status: 500, body: { description: encoded } }
      case 'parameters':
        return {
          status: 400,
          body: { description: `The value ${JSON.stringify(secret)} is not allowed.` },
        }
      case 'cut':
        return { status: 400, body: { description: `${'x'.repeat(235)} ${secret}` } }
      case 'slow':
        return {
          status: 202,
          body: { operation: 'op', unknown: { field: [authorization, password()] } },
        }
      default:
        return { status: 200, body: { description: all } }
    }
  }
}

async function build(t: Test) {
  const { url: databaseUrl } = await createDatabase(t)
  const issuer = await startIssuer(t)
  const trust = {
    issuer: issuer.url,
    alias: 'test',
    audience: 'kontor',
    rolesClaim: 'roles',
    roles: { operator: 'operator', agency: 'agency' },
  }
  const environment = {
    DATABASE_URL: databaseUrl,
    KONTOR_KEYS: `k1:${secrets.key}`,
    KONTOR_ADMIN_TOKEN: secrets.adminToken,
    LOG_LEVEL: 'trace',
    KONTOR_POLL_SECONDS: '0.1',
    KONTOR_IN_DOUBT_SECONDS: '0.2',
    KONTOR_INLINE_SECONDS: '1',
    KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8',
    KONTOR_OIDC_FILE: await writeOidcFile(t, trust),
  }
  const served = await serveKontor(t, environment)
  const platform = JSON.parse(
    (await spawnKontor(t, ['platform', 'create', 'first'], environment).ended()).stdout,
  ) as { username: string; password: string }
  made['platformPassword'] = platform.password
  const replies: string[] = []
  const watch =
    (call: Call): Call =>
    async (...order) => {
      const reply = await call(...order)
      replies.push(
        `${order[0]} ${order[1].split('?')[0]}: ${reply.status} ${JSON.stringify(reply.headers)} ${reply.text}`,
      )
      return reply
    }
  const osb = {
    'x-broker-api-version': '2.17',
    'x-broker-api-originating-identity': `kubernetes ${originatingIdentity}`,
  }
  const rightful = caller(served.url, {
    ...osb,
    authorization: basicAuth(platform.username, platform.password),
  })
  return {
    databaseUrl,
    environment,
    served,
    replies,
    issuer,
    as: (authorization: string) => watch(caller(served.url, { ...osb, authorization })),
    /** Its answers may hold what it has asked for. */
    rightfulAdmin: caller(served.url, { authorization: `Bearer ${secrets.adminToken}` }),
    /** Answers that may hold what this platform is entitled to. */
    rightful,
    platform: watch(rightful),
    wrongPlatform: watch(
      caller(served.url, {
        ...osb,
        authorization: basicAuth(platform.username, secrets.wrongPlatformPassword),
      }),
    ),
    admin: watch(caller(served.url, { authorization: `Bearer ${secrets.adminToken}` })),
    wrongAdmin: watch(caller(served.url, { authorization: `Bearer ${secrets.wrongAdminToken}` })),
    nobody: watch(caller(served.url, {})),
  }
}

type Runtime = Awaited<ReturnType<typeof build>>

async function idsOf(
  { rightful }: Runtime,
  name: string,
): Promise<{ service_id: string; plan_id: string }> {
  const { body } = await rightful('GET', '/v2/catalog')
  const service = (
    body.services as Array<{ id: string; name: string; plans: Array<{ id: string }> }>
  ).find((each) => each.name === name)
  return { service_id: service?.id ?? '', plan_id: service?.plans[0]?.id ?? '' }
}

function keep(name: string, reply: Reply): void {
  if (reply.body?.credentials === undefined)
    throw new Error(`No credentials: ${reply.status} ${reply.text}`)
  for (const field of ['password', 'username', 'api_key']) {
    const value = reply.body.credentials[field] as unknown
    if (typeof value === 'string') made[`${name}.${field}`] = value
  }
}

async function orderAtNorth(runtime: Runtime, schema: boolean): Promise<void> {
  const { rightful, platform } = runtime
  const ids = await idsOf(runtime, schema ? 'north-app' : 'north-db')
  const I = '/v2/service_instances/north'
  const B = `${I}/service_bindings/north`
  if (schema) {
    await platform('PUT', '/v2/service_instances/checked', {
      ...ids,
      ...here,
      parameters: { pin: secrets.invalidParameter },
    })
    return
  }
  await platform('PUT', I, { ...ids, ...here, parameters: { secret: secrets.provisionParameter } })
  await platform('PUT', I, { ...ids, ...here, parameters: { secret: secrets.differentParameter } })
  await platform('PATCH', I, {
    service_id: ids.service_id,
    parameters: { secret: secrets.updateParameter },
  })
  keep(
    'binding',
    await rightful('PUT', B, { ...ids, parameters: { secret: secrets.bindParameter } }),
  )
  keep(
    'binding again',
    await rightful('PUT', B, { ...ids, parameters: { secret: secrets.bindParameter } }),
  )
  keep('binding fetched', await rightful('GET', B))
  await platform('PUT', B, { ...ids, parameters: { secret: secrets.differentParameter } })
  keep(
    'rotated',
    await rightful('PUT', `${I}/service_bindings/next`, {
      ...ids,
      predecessor_binding_id: 'north',
    }),
  )
  await platform('DELETE', `${I}/service_bindings/next?${new URLSearchParams(ids).toString()}`)
  await rightful('GET', I)
}

async function orderAtEcho(runtime: Runtime): Promise<void> {
  const { platform, rightful, admin } = runtime
  const ids = await idsOf(runtime, 'echo-db')
  for (const name of ['all', 'encoded', 'doubt', 'parameters', 'cut', 'slow']) {
    const I = `/v2/service_instances/${name}`
    // After a 202 it is kept as failed until it is deleted.
    await platform(
      'DELETE',
      `${I}?${new URLSearchParams({ ...ids, accepts_incomplete: 'true' }).toString()}`,
    )
    await finished(rightful, I)
    await platform('PUT', `${I}?accepts_incomplete=true`, {
      ...ids,
      ...here,
      parameters: { mode: name, secret: secrets.repeatedParameter },
    })
    runtime.replies.push(`last_operation of ${name}: ${(await finished(rightful, I)).text}`)
  }
  runtime.replies.push((await admin('GET', '/api/operations?limit=100')).text)
}

// A token as a whole, or any part of it: the marker is in its claims, in base64, and its signature
// is nowhere else.
async function signInByTokens({ issuer, as, admin }: Runtime, t: Test): Promise<void> {
  const sign = async (name: string, claims: Parameters<TestIssuer['sign']>[0]) => {
    const token = await issuer.sign(claims)
    made[`${name}.signature`] = token.split('.')[2] ?? ''
    return token
  }
  const token = await sign('personToken', {
    sub: 'person',
    roles: ['operator'],
    jti: secrets.personToken,
  })
  const person = as(`Bearer ${token}`)
  t.equal((await person('GET', '/api/providers')).status, 200)
  t.equal((await person('PATCH', '/api/platforms/first', { displayName: 'First' })).status, 200)
  t.equal((await person('GET', '/v2/catalog')).status, 401)
  t.equal(
    (
      await admin('POST', '/api/platforms/first/credentials', {
        kind: 'bearer',
        issuer: issuer.url,
        subject: 'person',
      })
    ).status,
    201,
  )
  t.equal((await person('GET', '/v2/catalog')).status, 200)
  await person('PUT', '/v2/service_instances/by-token', { service_id: [] })
  await as(`Basic ${token}`)('GET', '/v2/catalog')
  const agency = as(
    `Bearer ${await sign('agencyToken', { sub: 'agency', roles: ['agency'], jti: secrets.personToken })}`,
  )
  t.equal((await agency('POST', '/api/providers', {})).status, 403)
  for (const wrong of [
    { exp: 1 },
    { aud: 'other' },
    { iss: 'https://other.example' },
    { typ: 'ID' },
  ]) {
    const text = await sign(`wrongPersonToken.${Object.keys(wrong).join()}`, {
      sub: 'person',
      roles: ['operator'],
      jti: secrets.wrongPersonToken,
      ...wrong,
    })
    for (const sent of [text, `${text.slice(0, -8)}AAAAAAAA`, `${text}.x`])
      for (const path of ['/api/providers', '/v2/catalog', '/v2/service_instances/%zz'])
        await as(`Bearer ${sent}`)('GET', path)
  }
}

async function signInByIssuedPassword(
  { as, admin, rightfulAdmin }: Runtime,
  t: Test,
): Promise<void> {
  const { status, body } = await rightfulAdmin('POST', '/api/platforms/first/credentials', {
    kind: 'basic',
  })
  t.equal(status, 201)
  made['issuedPassword'] = body.password
  const platform = as(basicAuth(body.username, body.password))
  t.equal((await platform('GET', '/v2/catalog')).status, 200)
  await admin('GET', '/api/platforms/first/credentials')
  t.equal((await admin('DELETE', `/api/platforms/first/credentials/${body.id}`)).status, 204)
  t.equal((await platform('GET', '/v2/catalog')).status, 401)
}

async function showClientCertificates(
  { admin, platform, replies }: Runtime,
  t: Test,
): Promise<void> {
  const shown: unknown[] = []
  const server = createServer(
    {
      cert: tlsFile('localhost.pem'),
      key: tlsFile('localhost.key'),
      ca: tlsFile('clients-ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      shown.push(request.url)
      response
        .writeHead(request.url === '/v2/catalog' ? 200 : 500, {
          'content-type': 'application/json',
        })
        .end(JSON.stringify(catalogOf('mutual')))
    },
  )
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.teardown(() => {
    server.close().closeAllConnections()
  })
  const settings = {
    url: `https://127.0.0.1:${(server.address() as { port: number }).port}`,
    tlsCa: tlsFile('ca.pem'),
  }
  const register = (name: string, clientCertificate: object) =>
    admin('POST', '/api/providers', {
      name,
      backend: 'osb',
      settings,
      credentials: { clientCertificate },
      reconcileSeconds: 0,
    })
  const [certificate, key, passphrase] = [
    tlsFile('client.pem'),
    tlsFile('client-encrypted.key'),
    secrets.clientKeyPassphrase,
  ]
  t.equal((await register('mutual', { certificate, key, passphrase })).status, 201)
  await until(
    async () => shown.length,
    (times) => times > 0,
  )
  const ids = (await platform('GET', '/v2/catalog')).body.services.find(
    ({ name }: { name: string }) => name === 'mutual-db',
  )
  await platform('PUT', '/v2/service_instances/mutual', {
    service_id: ids.id,
    plan_id: ids.plans[0].id,
    ...here,
  })
  const broken = `-----BEGIN PRIVATE KEY-----\n${secrets.brokenClientKey}\n-----END PRIVATE KEY-----\n`
  for (const wrong of [
    { certificate, key: tlsFile('stranger.key') },
    { certificate, key },
    { certificate, key: broken },
    { certificate: broken, key: broken },
    { certificate: tlsFile('stranger.pem'), key, passphrase: secrets.brokenClientKey },
    { key: [broken] },
  ]) {
    t.equal((await register('wrong-mutual', wrong)).status, 400)
  }
  replies.push((await admin('GET', '/api/providers')).text)
}

async function knockAtDoors({
  platform,
  wrongPlatform,
  wrongAdmin,
  nobody,
  admin,
}: Runtime): Promise<void> {
  await wrongPlatform('GET', '/v2/catalog')
  await wrongPlatform('PUT', '/v2/service_instances/x', {
    parameters: { secret: secrets.wrongBody },
  })
  await wrongAdmin('GET', '/api/providers')
  await nobody('GET', '/api/providers', undefined, {
    authorization: basicAuth('x', secrets.wrongPlatformPassword),
  })
  for (const call of [platform, admin, nobody]) {
    for (const path of [
      '/v2/service_instances/x',
      '/api/providers',
      `/v2/service_instances/x?${secrets.secretInQuery}=${secrets.secretInQuery}`,
      '/nowhere',
    ]) {
      await call('PUT', path, `{"parameters": {"secret": "${secrets.brokenBody}", }`)
      await call('POST', path, `{"secret": "${secrets.brokenBody}"`)
      await call('POST', path, {
        name: { is: secrets.wrongBody },
        credentials: secrets.wrongBody,
        service_id: [secrets.wrongBody],
        parameters: secrets.wrongBody,
        settings: secrets.wrongBody,
      })
      await call('PUT', path, {
        service_id: [secrets.wrongBody],
        plan_id: { x: secrets.wrongBody },
        parameters: secrets.wrongBody,
        context: secrets.wrongBody,
      })
    }
    await call(
      'GET',
      `/v2/service_instances/x/last_operation?operation=${secrets.secretInQuery}&service_id=${secrets.secretInQuery}`,
    )
    await call(
      'GET',
      `/api/operations?cursor=${secrets.secretInQuery}&state=${secrets.secretInQuery}`,
    )
    await call('GET', `/v2/catalog?token=${secrets.secretInQuery}`)
    await call('GET', `/%ff?token=${secrets.secretInQuery}`)
  }
  const registration = { name: 'wrong', backend: 'osb' }
  for (const credentials of [
    { username: secrets.refusedCredentials },
    { token: { is: secrets.refusedCredentials } },
    { password: secrets.refusedCredentials, none: true },
    secrets.refusedCredentials,
    [secrets.refusedCredentials],
  ]) {
    await admin('POST', '/api/providers', {
      ...registration,
      settings: { url: 'https://broker.example' },
      credentials,
    })
  }
  for (const url of [
    `https://user:${secrets.passwordInUrl}@broker.example`,
    `https://broker.example/?token=${secrets.passwordInUrl}`,
    `https://broker.example/#${secrets.passwordInUrl}`,
    `${secrets.passwordInUrl}://x`,
  ]) {
    await admin('POST', '/api/providers', {
      ...registration,
      settings: { url },
      credentials: { none: true },
    })
  }
}

t.test(
  'no secret is found in logs, errors, metrics, the database or the documentation',
  async (t) => {
    const runtime = await build(t)
    const { admin, databaseUrl, environment, served, replies } = runtime
    const catalog = catalogOf('north')
    for (const service of catalog.services)
      for (const plan of service.plans)
        if (service['name'] === 'app')
          plan['schemas'] = {
            service_instance: {
              create: {
                parameters: {
                  $schema: 'http://json-schema.org/draft-07/schema#',
                  type: 'object',
                  properties: { pin: { type: 'integer', maximum: 9999 } },
                },
              },
            },
          }
    const north = await startSimulator({
      catalog,
      provider: 'north',
      username: 'kontor',
      password: secrets.providerPassword,
      behaviours: { '*': { mode: 'sync' } },
    })
    t.teardown(() => north.stop())
    let current: string = secrets.changedProviderPassword
    const answer = echo(() => current)
    const upstream = await scriptedUpstream(t, (request, response) => {
      const { status, body } = answer(request)
      response
        .writeHead(status, { 'content-type': 'application/json', 'x-echo': 'x' })
        .end(JSON.stringify(body))
    })
    const register = (name: string, url: string, credentials: object, more = {}) =>
      admin('POST', '/api/providers', {
        name,
        backend: 'osb',
        settings: { url },
        credentials,
        reconcileSeconds: 0,
        ...more,
      })
    t.equal(
      (
        await register('north', north.url, {
          username: 'kontor',
          password: secrets.providerPassword,
        })
      ).status,
      201,
    )
    t.equal(
      (
        await register(
          'kept-nowhere',
          north.url,
          { username: 'kontor', password: secrets.providerPassword },
          { storeBindingCredentials: false },
        )
      ).status,
      201,
    )
    const echoed = await register('echo', upstream.url, { token: secrets.providerToken })
    await admin('PATCH', `/api/providers/${echoed.body.id}`, {
      credentials: { username: 'kontor', password: secrets.changedProviderPassword },
    })

    await orderAtNorth(runtime, true)
    await orderAtNorth(runtime, false)
    await orderAtEcho(runtime)
    await admin('PATCH', `/api/providers/${echoed.body.id}`, {
      credentials: { token: secrets.providerToken },
    })
    current = secrets.providerToken
    await orderAtEcho(runtime)
    // A token endpoint that repeats what it is sent, and gives no token.
    const tokens = await rawUpstream(t, (socket) =>
      socket.once('data', (bytes: Buffer) => {
        const body = JSON.stringify({
          error: 'invalid_client',
          error_description: bytes.toString(),
        })
        socket.end(
          `HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        )
      }),
    )
    t.equal(
      (
        await admin('PATCH', `/api/providers/${echoed.body.id}`, {
          credentials: {
            tokenUrl: `${tokens.url}/token`,
            clientId: 'kontor',
            clientSecret: secrets.clientSecret,
          },
        })
      ).status,
      200,
    )
    current = secrets.clientSecret
    await orderAtEcho(runtime)
    // One that gives a token, which the provider then repeats.
    const giving = await tokenEndpoint(t, { id: 'kontor', secret: secrets.clientSecret })
    giving.more = { access_token: secrets.accessToken }
    t.equal(
      (
        await admin('PATCH', `/api/providers/${echoed.body.id}`, {
          credentials: {
            tokenUrl: giving.url,
            clientId: 'kontor',
            clientSecret: secrets.clientSecret,
          },
        })
      ).status,
      200,
    )
    current = secrets.accessToken
    await orderAtEcho(runtime)
    t.ok(
      upstream.requests.some(
        ({ headers }) => headers.authorization === `Bearer ${secrets.accessToken}`,
      ),
      'the provider was sent the token',
    )
    await showClientCertificates(runtime, t)
    await signInByTokens(runtime, t)
    await signInByIssuedPassword(runtime, t)
    const ids = await idsOf(runtime, 'kept-nowhere-db')
    await runtime.platform('PUT', '/v2/service_instances/unkept', { ...ids, ...here })
    keep(
      'unkept',
      await runtime.rightful('PUT', '/v2/service_instances/unkept/service_bindings/unkept', ids),
    )
    await knockAtDoors(runtime)
    for (const { id } of (await admin('GET', '/api/providers')).body.items as Array<{
      id: string
    }>) {
      await admin('POST', `/api/providers/${id}/reconcile`)
      await until(
        () => admin('GET', `/api/providers/${id}/reconciliation`),
        ({ body }) => body.finishedAt != null,
      )
      await admin('GET', `/api/providers/${id}/findings`)
    }
    for (const path of [
      '/metrics',
      '/openapi.json',
      '/docs',
      '/healthz',
      '/readyz',
      '/api/orphans',
    ])
      await admin('GET', path)
    const rotated = await spawnKontor(t, ['key', 'rotate'], environment).ended()
    const status = await spawnKontor(t, ['key', 'status'], environment).ended()
    served.child.kill('SIGTERM')
    const ended = await served.ended()

    const all = { ...secrets, ...made }
    t.ok(Object.keys(made).length > 6, Object.keys(made).join())
    t.ok(
      upstream.requests.some(({ headers }) =>
        headers.authorization?.includes(secrets.providerToken),
      ),
      'the provider was sent what it should be',
    )
    t.ok(
      JSON.stringify(upstream.requests.map(({ body }) => body)).includes(
        JSON.stringify(secrets.repeatedParameter).slice(1, -1),
      ),
    )
    const places: Record<string, string> = {
      'the log': ended.stderr,
      'standard output': ended.stdout,
      'the keys commands': JSON.stringify([rotated, status]),
      'the database': await dumpDatabase(databaseUrl),
    }
    for (const [place, text] of Object.entries(places)) {
      t.ok(text.length > 0 || place === 'standard output')
      t.strictSame(found(text, all), [], place)
    }
    t.strictSame(found(places['the log'] ?? '', { originatingIdentity }), [])
    for (const reply of replies)
      t.strictSame(found(reply, { ...all, originatingIdentity }), [], reply.slice(0, 100))
    for (const said of [
      /Could not set \[redacted\]/,
      /The value .?"?\[redacted\]/,
      /Not at \?password=\[redacted\]/,
    ])
      t.match(replies.join('\n'), said)
  },
)

t.test('what is looked for would be found', async (t) => {
  const secret = newMarker()
  for (const form of [
    secret,
    JSON.stringify({ a: secret }),
    JSON.stringify(JSON.stringify(secret)),
    encodeURIComponent(secret),
    new URLSearchParams({ a: secret }).toString(),
    Buffer.from(secret).toString('hex').toUpperCase(),
  ])
    t.strictSame(found(form, { secret }), ['secret'], form)
  for (const before of ['', 'a', 'ab', 'abc', 'kontor:'])
    for (const encoding of ['base64', 'base64url'] as const)
      t.strictSame(
        found(Buffer.from(`${before}${secret}after`).toString(encoding), { secret }),
        ['secret'],
        `${encoding} after "${before}"`,
      )
  t.strictSame(found(newMarker(), { secret }), [])
})
