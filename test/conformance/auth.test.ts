// AUTH: sign-in of platforms at Kontor, and of Kontor at providers.
import t from 'tap'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { everyCall } from '../support/every-call.ts'
import { caller, here, startKontor, until } from '../support/kontor.ts'
import { answer, tlsFile } from '../support/scripted-upstream.ts'
import { scriptedProvider, endpointOf } from '../support/scripted-provider.ts'
import { exerciseEveryEndpoint } from '../support/exercise-every-endpoint.ts'
import { traces } from '../support/witness.ts'

const kontor = await startKontor(t)
const {
  call,
  admin,
  url,
  running: { runtime },
} = kontor
const provider = await scriptedProvider(t, kontor, 'nord')
const small = await kontor.find('nord', 'db', 'small')
const calls = everyCall(small, 'kept', 'kept-b')
await call('PUT', '/v2/service_instances/kept', { ...small, ...here })
await call('PUT', '/v2/service_instances/kept/service_bindings/kept-b', small)
const { username, password } = await createPlatform(runtime, commandLineCaller('test'), 'known')
await runtime.refresh()

const version = { 'x-broker-api-version': '2.17' }

t.test('AUTH-01 every request to a provider signs in with HTTP Basic', async (t) => {
  const requests = await exerciseEveryEndpoint(kontor, provider)
  t.equal(new Set(requests.map(endpointOf)).size, 10)
  t.strictSame(
    [...new Set(requests.map(({ headers }) => headers.authorization))],
    [basicAuth('kontor', 'correct horse')],
  )
})

t.test(
  'AUTH-02 missing, malformed and wrong credentials are 401 everywhere below /v2',
  async (t) => {
    t.equal(
      (
        await caller(url, { ...version, authorization: basicAuth(username, password) })(
          'GET',
          '/v2/catalog',
        )
      ).status,
      200,
      'the right ones are let in',
    )
    const before = await traces(runtime.db)
    provider.reset()
    const wrong = {
      none: '',
      'no scheme': 'x',
      'no value': 'Basic',
      'another scheme': `Bearer ${password}`,
      'not Base64': 'Basic ***',
      'no colon': basicAuth(username),
      'no user': basicAuth('', password),
      'no password': basicAuth(username, ''),
      'a wrong password': basicAuth(username, `${password}x`),
      'a user that is not known': basicAuth('unknown', password),
      'the password of another': basicAuth('first', password),
      'the admin token': basicAuth('admin', kontor.environment['KONTOR_ADMIN_TOKEN']),
    }
    for (const [name, authorization] of Object.entries(wrong)) {
      for (const { method, path, body } of [
        ...calls,
        { method: 'GET', path: '/v2', body: undefined },
        { method: 'GET', path: '/v2/none', body: undefined },
        { method: 'POST', path: '/v2/catalog', body: {} },
      ]) {
        const reply = await caller(url, { ...version, authorization })(method, path, body)
        t.equal(reply.status, 401, `${name}: ${method} ${path}`)
      }
    }
    t.strictSame(await traces(runtime.db), before)
    t.strictSame(provider.upstream.requests, [])
  },
)

t.test('AUTH-03 401 comes before every other check and names the scheme', async (t) => {
  const before = await traces(runtime.db)
  const stranger = caller(url, { authorization: basicAuth(username, 'no') })
  const bodies = new Set<string>()
  const requests = [
    ...calls.map(({ method, path, body }) => [method, path, body] as const),
    ['PUT', '/v2/service_instances/new', '{'],
    ['PUT', '/v2/service_instances/new', []],
    ['PUT', '/v2/service_instances/kept', { ...small, ...here, space_guid: 'other' }],
    ['GET', '/v2/service_instances/none'],
    ['DELETE', '/v2/service_instances/none'],
    ['GET', '/v2/service_instances/%zz'],
    ['GET', '/v2/service_instances/a%00'],
    ['PUT', '/v2/service_instances/new', { a: 'x'.repeat(1_100_000) }],
  ] as const
  for (const [method, path, body] of requests) {
    // No version header either.
    const reply = await stranger(method, path, body, { 'if-none-match': '*' })
    t.equal(reply.status, 401, `${method} ${path}`)
    t.match(reply.headers['www-authenticate'], /^Basic realm="/)
    bodies.add(reply.text)
  }
  t.equal(bodies.size, 1, 'the same body for all: it does not show which ids exist')
  t.strictSame(await traces(runtime.db), before)
})

t.test('AUTH-04 each provider has its own way of sign-in, set at its registration', async (t) => {
  const bearing = await scriptedProvider(t, kontor, 'bearer', { credentials: { token: 'a.b-c' } })
  const open = await scriptedProvider(t, kontor, 'open', { credentials: { none: true } })
  t.strictSame(
    [
      ...new Set(
        (await exerciseEveryEndpoint(kontor, bearing)).map(({ headers }) => headers.authorization),
      ),
    ],
    ['Bearer a.b-c'],
  )
  t.strictSame(
    [...new Set(open.upstream.requests.map(({ headers }) => headers.authorization))],
    [undefined],
  )
})

t.test(
  "AUTH-05 a provider is reached by TLS, trusted by its own authority or the system's",
  async (t) => {
    const trusted = await scriptedProvider(t, kontor, 'trusted', {
      tls: 'localhost',
      settings: { tlsCa: tlsFile('ca.pem') },
    })
    t.match(trusted.upstream.url, /^https:/)
    t.match((await admin('GET', trusted.path)).body.catalog, { offerings: 2, error: null })
    t.equal(
      (
        await call('PUT', '/v2/service_instances/by-tls', {
          ...(await kontor.find('trusted', 'db', 'small')),
          ...here,
        })
      ).status,
      201,
    )
    for (const [name, settings] of [
      ['self-signed', {}],
      ['other-ca', { tlsCa: tlsFile('other-ca.pem') }],
    ] as const) {
      const distrusted = await scriptedProvider(t, kontor, name, { tls: 'localhost', settings })
      t.match(
        (await admin('GET', distrusted.path)).body.catalog,
        { offerings: 0, stale: true, error: /certificate|TLS/i },
        name,
      )
      t.strictSame(distrusted.upstream.requests, [], 'nothing was sent')
    }
  },
)

t.test('AUTH-06 several platforms are served, distinguished by their credentials', async (t) => {
  provider.reset()
  const platforms = await Promise.all(['cf', 'k8s'].map((name) => kontor.newPlatform(name)))
  const I = '/v2/service_instances/same-id'
  for (const platform of platforms)
    t.equal((await platform('PUT', I, { ...small, ...here })).status, 201)
  t.equal(provider.requests('provision').length, 2, 'the same id of two platforms is two instances')
  const [cf, k8s] = platforms
  t.equal(
    (await cf?.('DELETE', `${I}?service_id=${small.service_id}&plan_id=${small.plan_id}`))?.status,
    200,
  )
  t.equal((await cf?.('GET', I))?.status, 404)
  t.equal((await k8s?.('GET', I))?.status, 200, 'that of the other is still there')
})

t.test(
  'AUTH-07 a prefix, a trailing slash and an extra /v2 result in exactly one /v2',
  async (t) => {
    const expected = {
      '': '/v2/',
      '/': '/v2/',
      '/a/b': '/a/b/v2/',
      '/a/b/': '/a/b/v2/',
      '/a//': '/a/v2/',
      '/v2': '/v2/',
      '/a/v2/': '/a/v2/',
    }
    for (const [at, [pathPrefix, start]] of Object.entries(expected).entries()) {
      const prefixed = await scriptedProvider(t, kontor, `prefix-${at}x`, { pathPrefix })
      await call('PUT', `/v2/service_instances/prefixed-${at}`, {
        ...(await kontor.find(`prefix-${at}x`, 'db', 'small')),
        ...here,
      })
      const paths = prefixed.upstream.requests.map(({ path }) => path)
      t.equal(paths[0], `${start}catalog`)
      t.match(paths[1], new RegExp(`^${start}service_instances/[0-9a-f-]{36}$`))
    }
  },
)

t.test(
  'AUTH-08 401 and 403 of a provider are a rejection: no delete, and the operator sees the reason',
  async (t) => {
    for (const status of [401, 403]) {
      provider.reset()
      const refusal = answer(status, { description: 'kontor:correct horse is wrong' })
      provider.respond({ provision: refusal, bind: refusal, catalog: refusal })
      const I = `/v2/service_instances/refused-${status}`
      const replies = [
        await call('PUT', I, { ...small, ...here }),
        await call('PUT', '/v2/service_instances/kept/service_bindings/refused', small),
      ]
      for (const reply of replies) {
        t.equal(reply.status, 502, 'for the platform it is no 401: its own credentials are good')
        t.notMatch(reply.text, /correct horse/)
      }
      await until(
        () => admin('GET', provider.path),
        ({ body }) => /wrong credentials/.test(String(body.catalog.error)),
      )
      t.strictSame([...provider.requests('deprovision'), ...provider.requests('unbind')], [])
      t.equal(provider.requests('provision').length, 1, 'no second try')
      t.equal((await call('GET', I)).status, 404)
      provider.reset()
      await provider.refresh()
    }
  },
)
