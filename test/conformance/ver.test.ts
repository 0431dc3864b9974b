// VER: the API version header.
import t, { type Test } from 'tap'
import { everyCall } from '../support/every-call.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { scriptedProvider, endpointOf } from '../support/scripted-provider.ts'
import { exerciseEveryEndpoint } from '../support/exercise-every-endpoint.ts'
import { answer } from '../support/scripted-upstream.ts'
import { traces } from '../support/witness.ts'

const kontor = await startKontor(t)
const {
  call,
  admin,
  running: { runtime },
} = kontor
const provider = await scriptedProvider(t, kontor, 'nord')
const small = await kontor.find('nord', 'db', 'small')
const calls = everyCall(small, 'kept', 'kept-b')
await call('PUT', '/v2/service_instances/kept', { ...small, ...here })
await call('PUT', '/v2/service_instances/kept/service_bindings/kept-b', small)

/** All ten endpoints refuse this version, and neither Kontor nor the provider changes. */
async function refused(t: Test, version: string, status: number, says: RegExp): Promise<void> {
  const before = await traces(runtime.db)
  provider.reset()
  for (const { method, path, body } of calls) {
    const reply = await call(method, path, body, { 'x-broker-api-version': version })
    t.equal(reply.status, status, `${method} ${path} with "${version}"`)
    t.match(reply.body.description, says)
    t.notOk('error' in reply.body, 'the specification has no word for it')
  }
  t.strictSame(await traces(runtime.db), before)
  t.strictSame(provider.upstream.requests, [])
}

t.test(
  'VER-01 VER-02 every request to a provider carries the version as MAJOR.MINOR',
  async (t) => {
    const requests = await exerciseEveryEndpoint(kontor, provider, {
      'x-broker-api-version': '2.14',
    })
    t.equal(new Set(requests.map(endpointOf)).size, 10, 'all ten endpoints were called')
    t.strictSame(
      [...new Set(requests.map(({ headers }) => headers['x-broker-api-version']))],
      ['2.17'],
      'our own, not that of the platform',
    )
    const older = await scriptedProvider(t, kontor, 'old', { settings: { apiVersion: '2.9' } })
    t.equal(
      older.requests('catalog')[0]?.headers['x-broker-api-version'],
      '2.9',
      'as the provider is registered',
    )
  },
)

t.test('VER-02 versions are compared as numbers', async (t) => {
  await refused(t, '2.9', 412, /2\.13/)
  t.equal(
    (await call('GET', '/v2/catalog', undefined, { 'x-broker-api-version': '2.13' })).status,
    200,
  )
  t.equal(
    (await call('GET', '/v2/catalog', undefined, { 'x-broker-api-version': '2.100' })).status,
    200,
  )
})

t.test('VER-03 a request without the version header is 400 and names it', async (t) => {
  await refused(t, '', 400, /X-Broker-API-Version/)
})

t.test('VER-04 an unsupported version is 412, and the answer names a supported one', async (t) => {
  for (const version of ['1.17', '3.0', '0.0', '2.0', '2.12'])
    await refused(t, version, 412, /2\.13.*2\.17/)
})

t.test('VER-05 a higher minor version is served', async (t) => {
  for (const version of ['2.18', '2.99', '2.1000']) {
    for (const { method, path } of calls.filter(({ method }) => method === 'GET')) {
      t.equal(
        (await call(method, path, undefined, { 'x-broker-api-version': version })).status,
        200,
        `${path} with ${version}`,
      )
    }
  }
  const headers = { 'x-broker-api-version': '2.18' }
  t.equal(
    (
      await call(
        'PUT',
        '/v2/service_instances/newer',
        { ...small, ...here, field_of_2_18: true },
        headers,
      )
    ).status,
    201,
  )
  t.equal(
    (
      await call(
        'DELETE',
        `/v2/service_instances/newer?service_id=${small.service_id}&plan_id=${small.plan_id}`,
        undefined,
        headers,
      )
    ).status,
    200,
  )
})

t.test('VER-06 a malformed version is 400', async (t) => {
  for (const version of [
    'abc',
    '2',
    'v2.17',
    '2.17.0',
    '2.',
    '.17',
    '2,17',
    '2.x',
    '-2.17',
    '2.17, 2.17',
    ' ',
  ])
    await refused(t, version, 400, /X-Broker-API-Version/)
})

t.test('VER-07 the header is checked before anything else has an effect', async (t) => {
  // A later check would let each of these change something, or refuse it with another status.
  for (const [version, status] of [
    ['', 400],
    ['3.0', 412],
  ] as const) {
    await refused(t, version, status, /X-Broker-API-Version/)
    for (const body of ['{', {}, { ...small, ...here, service_id: 'none' }]) {
      t.match(
        await call('PUT', '/v2/service_instances/new', body, { 'x-broker-api-version': version }),
        { status, body: { description: /X-Broker-API-Version/ } },
      )
    }
    t.equal(
      (
        await call('DELETE', '/v2/service_instances/none?service_id=a&plan_id=b', undefined, {
          'x-broker-api-version': version,
        })
      ).status,
      status,
    )
  }
})

t.test(
  'VER-08 a 412 of a provider is a rejection: no delete, no second try, and the operator reads why',
  async (t) => {
    provider.reset()
    const catalog = answer(412, { description: 'Use 2.11.' })
    provider.respond({ catalog, provision: catalog })
    const before = await traces(runtime.db)
    for (const ai of ['', '?accepts_incomplete=true']) {
      const reply = await call('PUT', `/v2/service_instances/rejected${ai}`, { ...small, ...here })
      t.equal(reply.status, 502, 'the platform is not at fault')
      t.notOk('error' in reply.body)
    }
    t.equal(provider.requests('provision').length, 2, 'one try for each order')
    const seen = await until(
      () => admin('GET', provider.path),
      ({ body }) => body.catalog.error !== null,
    )
    t.match(seen.body.catalog, {
      stale: true,
      error: /another version of the API \(412\)/,
      offerings: 2,
    })
    t.strictSame(provider.requests('deprovision'), [])
    t.equal((await call('GET', '/v2/service_instances/rejected')).status, 404)
    const instances = ({ rows }: { rows: unknown }) =>
      (rows as Array<{ instances: unknown[] }>)[0]?.instances.length
    t.equal(
      instances(await traces(runtime.db)),
      Number(instances(before)) + 2,
      'both are known here, as gone',
    )
    provider.reset()
    t.match(
      (await provider.refresh()).body.catalog,
      { stale: false, error: null },
      'and all is well when the provider is',
    )
  },
)

t.test('VER-09 fields of older versions keep their names and their meaning', async (t) => {
  provider.reset()
  const headers = { 'x-broker-api-version': '2.13' }
  const { body } = await call('GET', '/v2/catalog', undefined, headers)
  const database = body.services.find(({ name }: { name: string }) => name === 'nord-db')
  t.equal(database.plan_updateable, true, 'with the spelling of 2.0')
  t.equal(JSON.stringify(body).includes('plan_updatable'), false)
  const I = '/v2/service_instances/legacy'
  t.equal(
    (await call('PUT', I, { ...small, ...here }, headers)).status,
    201,
    'without context, as before 2.12',
  )
  t.equal(
    (
      await call(
        'PATCH',
        I,
        {
          ...small,
          parameters: { size: 2 },
          previous_values: {
            plan_id: small.plan_id,
            service_id: small.service_id,
            organization_id: 'org',
            space_id: 'space',
          },
        },
        headers,
      )
    ).status,
    200,
  )
  t.equal(
    (await call('PUT', `${I}/service_bindings/legacy-b`, { ...small, app_guid: 'app-1' }, headers))
      .status,
    201,
    'app_guid outside bind_resource',
  )
  const sent = Object.fromEntries(
    provider.upstream.requests.map((request) => [endpointOf(request), request.body]),
  )
  t.match(
    sent,
    {
      provision: here,
      update: { previous_values: { plan_id: 'nord-db-small', service_id: 'nord-db' } },
      bind: { app_guid: 'app-1' },
    },
    'and they reach the provider under these names',
  )
})
