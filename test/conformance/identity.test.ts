// OID and RID: the originating identity and the request identity.
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { everyCall } from '../support/every-call.ts'
import { caller, finished, here, startKontor, until } from '../support/kontor.ts'
import { sendRaw } from '../support/raw.ts'
import { answer, type Received } from '../support/scripted-upstream.ts'
import { scriptedProvider, endpointOf } from '../support/scripted-provider.ts'
import { exerciseEveryEndpoint } from '../support/exercise-every-endpoint.ts'
import { traces } from '../support/witness.ts'

const kontor = await startKontor(t)
const {
  call,
  running: { runtime },
} = kontor
const provider = await scriptedProvider(t, kontor, 'nord')
const dropping = await scriptedProvider(t, kontor, 'drop', {
  settings: { originatingIdentity: 'drop' },
})
const small = await kontor.find('nord', 'db', 'small')
const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`

const originating = 'x-broker-api-originating-identity'
const requesting = 'x-broker-api-request-identity'
const identityOf = (platform: string, user: unknown) =>
  `${platform} ${Buffer.from(typeof user === 'string' ? user : JSON.stringify(user)).toString('base64')}`
const by = (user: string) => ({ [originating]: identityOf('cloudfoundry', { user_id: user }) })
/** The user in the originating identity of a request to the provider. */
function userOf({ headers }: Received): unknown {
  const [platform, encoded] = String(headers[originating]).split(' ')
  return { platform, ...JSON.parse(Buffer.from(encoded ?? '', 'base64').toString()) }
}

// All requests to a provider, with both headers on each request of the platform.
const requestsByAnna = await exerciseEveryEndpoint(kontor, provider, {
  ...by('anna'),
  [requesting]: 'request-7',
})
// The orphan mitigation of the failed provision.
const orphan = requestsByAnna.filter((request) => endpointOf(request) === 'provision').at(-1)?.path
const isBackground = (request: Received) =>
  request.method === 'GET' || (endpointOf(request) === 'deprovision' && request.path === orphan)

t.test('OID-01 whether identities are sent on is set for each provider', async (t) => {
  provider.reset()
  const there = await kontor.find('drop', 'db', 'small')
  t.equal(
    (await call('PUT', '/v2/service_instances/policy-1', { ...small, ...here }, by('anna'))).status,
    201,
  )
  t.equal(
    (await call('PUT', '/v2/service_instances/policy-2', { ...there, ...here }, by('anna'))).status,
    201,
  )
  t.match(provider.requests('provision').at(-1)?.headers, by('anna'))
  t.notOk(originating in (dropping.requests('provision')[0]?.headers ?? {}))
})

t.test('OID-02 every call that a user caused carries the identity, later ones too', async (t) => {
  const caused = requestsByAnna.filter((request) => !isBackground(request))
  t.strictSame([...new Set(caused.map(endpointOf))].toSorted(), [
    'bind',
    'deprovision',
    'provision',
    'unbind',
    'update',
  ])
  for (const request of caused)
    t.equal(
      request.headers[originating],
      by('anna')[originating],
      `${request.method} ${request.path}`,
    )

  // A job makes the first call, long after the request, because the provider was busy.
  provider.reset()
  provider.respond({ deprovision: answer(422, { error: 'ConcurrencyError' }) })
  await call('PUT', '/v2/service_instances/later', { ...small, ...here }, by('anna'))
  await call('PUT', '/v2/service_instances/later/service_bindings/left', small, by('anna'))
  const accepted = await call(
    'DELETE',
    `/v2/service_instances/later?${ids}&accepts_incomplete=true`,
    undefined,
    by('berta'),
  )
  t.equal(accepted.status, 202)
  await until(
    () => provider.requests('deprovision').length,
    (retries) => retries > 1,
  )
  provider.respond({ deprovision: undefined })
  t.match((await finished(call, '/v2/service_instances/later', accepted.body.operation)).body, {
    state: 'succeeded',
  })
  for (const request of [...provider.requests('deprovision'), ...provider.requests('unbind')])
    t.match(
      userOf(request),
      { user_id: 'berta' },
      'the binding that was left goes by her order too',
    )
  t.equal(provider.requests('unbind').length, 1)
})

t.test(
  'OID-03 calls that no user caused carry no identity: catalog, polls, fetches, orphan mitigation',
  async (t) => {
    const background = requestsByAnna.filter(isBackground)
    t.strictSame([...new Set(background.map(endpointOf))].toSorted(), [
      'binding_last_operation',
      'catalog',
      'deprovision',
      'fetch_binding',
      'fetch_instance',
      'last_operation',
    ])
    for (const request of background)
      t.notOk(originating in request.headers, `${request.method} ${request.path}`)
  },
)

t.test('OID-04 each change carries the user of the request that caused it', async (t) => {
  provider.reset()
  const I = '/v2/service_instances/shared'
  await call('PUT', I, { ...small, ...here }, by('anna'))
  await Promise.all(
    ['berta', 'carla', 'dora'].map((user) =>
      call('PUT', `${I}/service_bindings/of-${user}`, { ...small, parameters: { user } }, by(user)),
    ),
  )
  await call('PATCH', I, { service_id: small.service_id, parameters: { size: 2 } }, by('emma'))
  await call('PATCH', I, { service_id: small.service_id, parameters: { size: 3 } })
  await call('DELETE', `${I}?${ids}`, undefined, by('frida'))
  t.match(userOf(provider.requests('provision')[0] as Received), { user_id: 'anna' })
  for (const request of provider.requests('bind'))
    t.match(userOf(request), {
      user_id: (request.body as { parameters: { user: string } }).parameters.user,
    })
  const [first, second] = provider.requests('update')
  t.match(userOf(first as Received), { user_id: 'emma' })
  t.notOk(originating in (second as Received).headers, 'no user, and not the one before')
  t.match(
    [...provider.requests('unbind'), ...provider.requests('deprovision')].map(userOf),
    Array.from({ length: 4 }, () => ({ user_id: 'frida' })),
  )
})

t.test('OID-05 an identity is a platform, a space, and a JSON object in Base64', async (t) => {
  provider.reset()
  await call('PUT', '/v2/service_instances/format', { ...small, ...here }, by('anna'))
  const sent = String(provider.requests('provision')[0]?.headers[originating])
  t.match(sent, /^[^ ]+ [A-Za-z0-9+/]+={0,2}$/)
  t.match(userOf(provider.requests('provision')[0] as Received), {
    platform: 'cloudfoundry',
    user_id: 'anna',
  })
  for (const user of ['[]', '["anna"]', '"anna"', '17', 'true', 'null', '{}', '{']) {
    t.match(
      await call('GET', '/v2/service_instances/format', undefined, {
        [originating]: identityOf('cloudfoundry', user),
      }),
      { status: 400, body: { description: /X-Broker-API-Originating-Identity/ } },
      user,
    )
  }
})

t.test('OID-06 the platform of the header is that of the context', async (t) => {
  for (const platform of ['cloudfoundry', 'kubernetes', 'else']) {
    provider.reset()
    const I = `/v2/service_instances/context-${platform}`
    const context = { platform, more: 1 }
    const headers = { [originating]: identityOf(platform, { user_id: 'anna' }) }
    await call('PUT', I, { ...small, ...here, context }, headers)
    await call(
      'PATCH',
      I,
      { service_id: small.service_id, context, parameters: { size: 2 } },
      headers,
    )
    await call('PUT', `${I}/service_bindings/b-${platform}`, { ...small, context }, headers)
    t.equal(provider.upstream.requests.length, 3)
    for (const request of provider.upstream.requests)
      t.match(
        [userOf(request), request.body],
        [{ platform }, { context }],
        `${request.method}, neither is rewritten without the other`,
      )
  }
})

t.test('OID-07 the platform is named as its profile names it', async (t) => {
  for (const platform of ['cloudfoundry', 'kubernetes']) {
    provider.reset()
    await call(
      'PUT',
      `/v2/service_instances/profile-${platform}`,
      { ...small, ...here },
      { [originating]: identityOf(platform, { user_id: 'u' }) },
    )
    t.match(userOf(provider.requests('provision')[0] as Received), { platform })
  }
})

t.test('OID-08 the user of Cloud Foundry reaches the provider unchanged', async (t) => {
  provider.reset()
  const user = { user_id: '683ea748-3092-4ff4-b656-39cacc4d5360', user_name: 'jörg@example.com' }
  await call(
    'PUT',
    '/v2/service_instances/cf-user',
    { ...small, ...here },
    { [originating]: identityOf('cloudfoundry', user) },
  )
  t.strictSame(userOf(provider.requests('provision')[0] as Received), {
    platform: 'cloudfoundry',
    ...user,
  })
})

t.test('OID-09 the user of Kubernetes reaches the provider unchanged', async (t) => {
  provider.reset()
  const user = {
    username: 'duke',
    uid: 'c2dde242-5ce4-11e7-988c-000c2946f14f',
    groups: ['admin', 'dev'],
    extra: { mydata: ['data1', 'data3'] },
    more: true,
  }
  await call(
    'PUT',
    '/v2/service_instances/k8s-user',
    { ...small, ...here },
    { [originating]: identityOf('kubernetes', user) },
  )
  t.strictSame(userOf(provider.requests('provision')[0] as Received), {
    platform: 'kubernetes',
    ...user,
  })
})

t.test('OID-10 no endpoint needs an identity', async (t) => {
  provider.reset()
  for (const { method, path, body } of everyCall(small, 'unknown', 'unknown-b'))
    t.ok([200, 201].includes((await call(method, path, body)).status), `${method} ${path}`)
  for (const request of provider.upstream.requests)
    t.notOk(originating in request.headers, 'and none is made up')
})

t.test(
  'OID-11 unusual but well-formed identities are accepted and passed on unchanged',
  async (t) => {
    const odd = {
      'an unknown platform': identityOf('my-own.platform/2', { user_id: 'u' }),
      'unknown properties': identityOf('cloudfoundry', { user_id: 'u', deep: { er: [1] } }),
      'no known property': identityOf('kubernetes', { x: 1 }),
      'line ends and blanks, as in the sample of the specification': identityOf(
        'cloudfoundry',
        '{\r\n  "user_id": "683ea748-3092-4ff4-b656-39cacc4d5360"\r\n}',
      ),
      'one sign of padding': identityOf('cloudfoundry', '{"user_id":"ab"}'),
      'two signs of padding': identityOf('cloudfoundry', '{"user_id":"a"}'),
      'no padding': identityOf('cloudfoundry', '{"user_id":"a"}').replaceAll('=', ''),
    }
    for (const [at, [name, value]] of Object.entries(odd).entries()) {
      provider.reset()
      t.equal(
        (
          await call(
            'PUT',
            `/v2/service_instances/odd-${at}`,
            { ...small, ...here },
            { [originating]: value },
          )
        ).status,
        201,
        name,
      )
      t.equal(provider.requests('provision')[0]?.headers[originating], value, name)
    }
  },
)

async function refused(t: Test, value: string): Promise<void> {
  const before = await traces(runtime.db)
  provider.reset()
  for (const { method, path, body } of everyCall(small, 'format', 'format-b')) {
    t.match(
      await call(method, path, body, { [originating]: value }),
      { status: 400, body: { description: /X-Broker-API-Originating-Identity/ } },
      `${method} ${path} ${value}`,
    )
  }
  t.strictSame(await traces(runtime.db), before)
  t.strictSame(provider.upstream.requests, [])
}

t.test('OID-12 a malformed identity is 400 and changes nothing', async (t) => {
  const bad = [
    'cloudfoundry',
    'eyJ1c2VyX2lkIjoidSJ9',
    'cloudfoundry ***',
    'cloudfoundry {"user_id":"u"}',
    'cloudfoundry eyJ1c2Vy eyJ1c2Vy',
    'cloudfoundry bm8ganNvbg==',
    'cloudfoundry eyJ1c2VyX2lkIjoi',
    `cloudfoundry ${Buffer.from('[1]').toString('base64')}`,
  ]
  for (const value of bad) await refused(t, value)
})

t.test(
  'RID-01 RID-02 every request to a provider carries a request identity that is not empty',
  async (t) => {
    const requests = await exerciseEveryEndpoint(kontor, provider)
    t.equal(new Set(requests.map(endpointOf)).size, 10)
    for (const { headers, method, path } of requests)
      t.match(
        headers[requesting],
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        `${method} ${path}: minted, a GUID`,
      )
    for (const { headers, method, path } of requestsByAnna.filter(
      (request) => !isBackground(request),
    ))
      t.equal(
        headers[requesting],
        'request-7',
        `${method} ${path}: that of the request that caused it`,
      )
    for (const { headers, method, path } of requestsByAnna.filter(isBackground))
      t.match(headers[requesting], /./, `${method} ${path}`)
    provider.reset()
    t.equal(
      (
        await call(
          'PUT',
          '/v2/service_instances/blank',
          { ...small, ...here },
          { [requesting]: ' ' },
        )
      ).status,
      201,
    )
    t.match(
      provider.requests('provision')[0]?.headers[requesting],
      /^[0-9a-f-]{36}$/,
      'an empty one is not passed on',
    )
  },
)

t.test('RID-03 the identity is echoed on every answer, whatever its status', async (t) => {
  provider.reset()
  const identity = 'b6a2a2c4 ~ a'
  const own = { [requesting]: identity }
  const echoes = async (
    status: number,
    ...[method, path, body, headers]: Parameters<typeof call>
  ) => {
    const reply = await call(method, path, body, { ...own, ...headers })
    t.match(
      [reply.status, reply.headers[requesting]],
      [status, identity],
      `${status}: ${method} ${path} ${reply.text.slice(0, 200)}`,
    )
  }
  for (const { method, path, body, endpoint } of everyCall(small, 'echo', 'echo-b'))
    await echoes(['provision', 'bind'].includes(endpoint) ? 201 : 200, method, path, body)
  const I = '/v2/service_instances/echo'
  await call('PUT', I, { ...small, ...here })
  const { etag } = (await call('GET', '/v2/catalog')).headers
  await echoes(304, 'GET', '/v2/catalog', undefined, { 'if-none-match': String(etag) })
  await echoes(400, 'PUT', I, '{')
  await echoes(400, 'GET', '/v2/service_instances/%zz')
  await echoes(400, 'GET', '/v2/catalog', undefined, { 'x-broker-api-version': '' })
  await echoes(401, 'GET', '/v2/catalog', undefined, { authorization: '' })
  await echoes(401, 'GET', '/v2/none', undefined, { authorization: 'Basic x' })
  await echoes(404, 'GET', '/v2/service_instances/none')
  await echoes(404, 'GET', '/v2/none')
  await echoes(409, 'PUT', I, { ...small, ...here, space_guid: 'other' })
  await echoes(410, 'DELETE', `/v2/service_instances/none?${ids}`)
  await echoes(412, 'GET', '/v2/catalog', undefined, { 'x-broker-api-version': '3.0' })
  await echoes(413, 'PUT', `${I}-big`, {
    ...small,
    ...here,
    parameters: { a: 'x'.repeat(1_100_000) },
  })
  provider.respond({ provision: answer(422, { error: 'AsyncRequired' }) })
  await echoes(422, 'PUT', `${I}-422`, { ...small, ...here })
  provider.respond({ provision: answer(429, {}, { 'retry-after': '7' }) })
  await echoes(429, 'PUT', `${I}-429`, { ...small, ...here })
  provider.respond({ provision: answer(403) })
  await echoes(502, 'PUT', `${I}-502`, { ...small, ...here })
  provider.respond({ provision: () => {} })
  await echoes(504, 'PUT', `${I}-504`, { ...small, ...here })
  provider.respond({ provision: answer(202, { operation: 'x' }) })
  await echoes(202, 'PUT', `${I}-202?accepts_incomplete=true`, { ...small, ...here })
})

t.test('RID-04 the log shows the request identity', async (t) => {
  provider.reset()
  const lines: string[] = []
  const log = pino(
    { level: 'info' },
    {
      write: (line: string) => {
        lines.push(line)
      },
    },
  )
  const other = await run(readConfig(kontor.environment), log, { worker: false, http: true })
  t.teardown(() => other.stop())
  const { username, password } = await createPlatform(
    other.runtime,
    commandLineCaller('test'),
    'logged',
  )
  await other.runtime.refresh()
  const logged = caller(other.url ?? '', {
    'x-broker-api-version': '2.17',
    authorization: basicAuth(username, password),
  })
  t.equal(
    (
      await logged(
        'PUT',
        '/v2/service_instances/logged',
        { ...small, ...here },
        { [requesting]: 'find-me-7', ...by('anna') },
      )
    ).status,
    201,
  )
  const ancestorsOf = (identity: string) =>
    lines
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find(({ requestIdentity }) => requestIdentity === identity)
  t.match(ancestorsOf('find-me-7'), {
    msg: 'step of an operation ended',
    kind: 'provision',
    to: 'succeeded',
  })
  t.notOk(lines.join('').includes(by('anna')[originating] ?? ''), 'but not who caused it')

  provider.respond({ provision: answer(202, { operation: 'x' }) })
  const I = '/v2/service_instances/abandoned?accepts_incomplete=true'
  t.equal((await logged('PUT', I, { ...small, ...here })).status, 202)
  const asOperator = caller(other.url ?? '', {
    authorization: `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']}`,
  })
  const { body } = await asOperator('GET', '/api/operations?instanceId=abandoned')
  const url = `/api/operations/${body.items[0].id}/abandon`
  const reason = { reason: 'Ticket 1.' }
  t.equal((await asOperator('POST', url, reason, { [requesting]: 'find-me-8' })).status, 200)
  t.match(ancestorsOf('find-me-8'), { action: 'abandon' }, "an operator's action, too")
})

t.test(
  'RID-05 two requests with the same identity are two requests, and without one none is echoed',
  async (t) => {
    provider.reset()
    const same = { [requesting]: 'same' }
    for (const name of ['one', 'two'])
      t.equal(
        (
          await call(
            'PUT',
            `/v2/service_instances/same-${name}`,
            { ...small, ...here, parameters: { name } },
            same,
          )
        ).status,
        201,
      )
    t.equal(provider.requests('provision').length, 2)
    t.notOk(requesting in (await call('GET', '/v2/catalog')).headers)
    t.notOk(
      requesting in (await sendRaw(kontor.url, 'GET /v2/catalog', [`${requesting}:`])).headers,
      'an empty one neither',
    )
  },
)
