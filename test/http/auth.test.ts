import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { assignPermissions } from '../../src/http/auth/assign-permissions.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, here, startKontor, type Reply } from '../support/kontor.ts'
import { traces } from '../support/witness.ts'

const kontor = await startKontor(t)
const { call, admin, url, environment } = kontor
const { simulator, view } = await kontor.addProvider('nord')
const small = await kontor.find('nord', 'db', 'small')
const app = await kontor.find('nord', 'app')
const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`
const I = '/v2/service_instances/i-1'
const B = `${I}/service_bindings/b-1`
await call('PUT', I, { ...small, ...here })
await call('PUT', B, small)

type Asked = readonly [method: string, path: string, body?: unknown]

const osbRoutes: readonly Asked[] = [
  ['GET', '/v2/catalog'],
  ['PUT', I, { ...small, ...here }],
  ['GET', I],
  ['PATCH', I, { service_id: small.service_id }],
  ['DELETE', `${I}?${ids}`],
  ['GET', `${I}/last_operation`],
  ['PUT', B, small],
  ['GET', B],
  ['DELETE', `${B}?${ids}`],
  ['GET', `${B}/last_operation`],
]
const apiRoutes: readonly Asked[] = [
  [
    'POST',
    '/api/providers',
    {
      name: 'other',
      backend: 'osb',
      settings: { url: simulator.url },
      credentials: { none: true },
    },
  ],
  ['GET', '/api/providers'],
  ['GET', `/api/providers/${view.id}`],
  ['PATCH', `/api/providers/${view.id}`, { displayName: 'Other' }],
  ['DELETE', `/api/providers/${view.id}`],
  ['POST', `/api/providers/${view.id}/refresh`],
]
// 401 comes before any of these errors.
const spoilt: readonly Asked[] = [
  ['PUT', '/v2/service_instances/new', '{'],
  ['PUT', '/v2/service_instances/new', { a: 'x'.repeat(2_000_000) }],
  ['DELETE', '/v2/service_instances/none'],
  ['GET', '/v2/service_instances/none'],
  ['GET', '/v2/nothing'],
  ['GET', '/v2'],
  ['GET', '/v2?x'],
  ['POST', '/v2/catalog'],
  ['HEAD', '/v2/catalog'],
  ['GET', '/v2/service_instances/%zz'],
  ['GET', '/v2/service_instances/a%00'],
]
const spoiltApi: readonly Asked[] = [
  ['POST', '/api/providers', '{'],
  ['GET', '/api/providers/none'],
  ['GET', '/api/nothing'],
  ['GET', '/api'],
  ['PUT', '/api/providers'],
  ['HEAD', '/api/providers'],
  ['GET', '/api/providers/%zz'],
]

const token = environment['KONTOR_ADMIN_TOKEN'] ?? ''

async function unauthorized(
  t: Test,
  asked: readonly Asked[],
  authorization: string,
  scheme: RegExp,
): Promise<void> {
  const before = await traces(kontor.running.runtime.db, simulator)
  const providers = (await admin('GET', '/api/providers')).body
  for (const [method, path, body] of asked) {
    // Without a version header: the credentials are checked first.
    const reply = await caller(url, { authorization })(method, path, body)
    const name = `${method} ${path.slice(0, 60)}`
    t.equal(reply.status, 401, `${name}: ${reply.text}`)
    t.match(reply.headers['www-authenticate'], scheme, name)
    if (method !== 'HEAD')
      t.match(
        path.startsWith('/v2') ? reply.body?.description : reply.body?.detail,
        /^S\w+ .*\.$/,
        name,
      )
  }
  t.strictSame(await traces(kontor.running.runtime.db, simulator), before, 'nothing has changed')
  t.strictSame((await admin('GET', '/api/providers')).body, providers)
}

t.test(
  'every request to /v2 without credentials of a platform gets 401, whatever else is wrong',
  async (t) => {
    const { username, password } = await createPlatform(
      kontor.running.runtime,
      commandLineCaller('test'),
      'mine',
    )
    const other = await createPlatform(kontor.running.runtime, commandLineCaller('test'), 'theirs')
    await kontor.running.runtime.refresh()
    t.equal(
      (
        await caller(url, {
          authorization: basicAuth(username, password),
          'x-broker-api-version': '2.17',
        })('GET', '/v2/catalog')
      ).status,
      200,
      'the right ones',
    )
    const wrong: Record<string, string> = {
      none: '',
      'a wrong password': basicAuth(`${username}:${password}x`),
      'a shorter password': basicAuth(`${username}:${password.slice(1)}`),
      'an empty password': basicAuth(`${username}:`),
      'the password of another platform': basicAuth(username, other.password),
      'an unknown name': basicAuth('nobody', password),
      'an unknown name with an empty password': basicAuth('nobody:'),
      'a name in capitals': basicAuth(`${username.toUpperCase()}:${password}`),
      'no colon': basicAuth(username),
      'only a colon': basicAuth(':'),
      'no Base64': 'Basic !!!',
      'no value': 'Basic',
      'another scheme': basicAuth(username, password).replace('Basic', 'Digest'),
      'the scheme twice': `Basic ${basicAuth(username, password)}`,
      'a bearer token': `Bearer ${password}`,
      'the admin token': `Bearer ${token}`,
      'the admin token as a password': basicAuth('admin', token),
    }
    for (const [name, authorization] of Object.entries(wrong)) {
      await t.test(name, async (t) =>
        unauthorized(t, [...osbRoutes, ...spoilt], authorization, /^Basic realm=/),
      )
    }
  },
)

t.test(
  'every request to /api without the admin token gets 401, whatever else is wrong',
  async (t) => {
    t.equal(
      (await caller(url, { authorization: `bearer  ${token}` })('GET', '/api/providers')).status,
      200,
      'the right one, in any spelling of the scheme',
    )
    const wrong: Record<string, string> = {
      none: '',
      'a wrong token': `Bearer ${token}x`,
      'half of it': `Bearer ${token.slice(0, 32)}`,
      'no value': 'Bearer',
      two: `Bearer ${token} ${token}`,
      'as Basic': basicAuth('admin', token),
      'without a scheme': token,
    }
    for (const [name, authorization] of Object.entries(wrong)) {
      await t.test(name, async (t) =>
        unauthorized(t, [...apiRoutes, ...spoiltApi], authorization, /^Bearer realm=/),
      )
    }
  },
)

t.test("a platform's credentials do not open the management API", async (t) => {
  const platform = await kontor.newPlatform('curious')
  for (const [method, path, body] of apiRoutes)
    t.equal((await platform(method, path, body)).status, 401, `${method} ${path}`)
})

t.test('an object of another platform looks exactly like one that does not exist', async (t) => {
  const other = await kontor.newPlatform('neighbour')
  const before = await traces(kontor.running.runtime.db, simulator)
  const seen = ({ status, headers: { date: _date, ...headers }, text }: Reply) => ({
    status,
    headers,
    text,
  })
  const theirs = await call('GET', `${I}/last_operation`)
  t.equal(theirs.status, 200, 'it is there for its own platform')
  const operation = String(
    (
      await kontor.running.runtime.db
        .selectFrom('operations')
        .select('id')
        .executeTakeFirstOrThrow()
    ).id,
  )
  const asked: readonly Asked[] = [
    ['GET', I],
    ['PATCH', I, { service_id: small.service_id, parameters: { a: 1 } }],
    ['PATCH', I, { service_id: app.service_id }],
    ['DELETE', `${I}?${ids}`],
    ['DELETE', `${I}?service_id=x&plan_id=y`],
    ['GET', `${I}/last_operation`],
    ['GET', `${I}/last_operation?operation=${operation}`],
    ['PUT', B, small],
    ['PUT', `${I}/service_bindings/new`, small],
    ['GET', B],
    ['DELETE', `${B}?${ids}`],
    ['GET', `${B}/last_operation`],
    ['GET', `${B}/last_operation?operation=${operation}`],
    ['PUT', `${I}/service_bindings/new`, { predecessor_binding_id: 'b-1' }],
  ]
  for (const [method, path, body] of asked) {
    const foreign = seen(await other(method, path, body))
    const unknown = seen(
      await other(method, path.replace('i-1', 'i-9').replace('b-1', 'b-9'), body),
    )
    t.strictSame(foreign, unknown, `${method} ${path}`)
    t.ok([404, 410].includes(foreign.status), `${method} ${path} is ${foreign.status}`)
  }
  t.strictSame(await traces(kontor.running.runtime.db, simulator), before)
  t.equal(
    (await other('PUT', I, { ...app, ...here })).status,
    201,
    'the same id is free for another platform, with another order',
  )
  t.match((await call('GET', I)).body, small, 'and the first one is as it was')
  t.equal(
    (await other('DELETE', `${I}?service_id=${app.service_id}&plan_id=${app.plan_id}`)).status,
    200,
  )
  t.equal(
    (await call('GET', I)).status,
    200,
    'its delete does not delete the instance of the first platform',
  )
})

t.test(
  'health, metrics and documentation are public, and show nothing of any tenant',
  async (t) => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      const reply = await caller(url, {})('GET', path)
      t.ok([200, 302].includes(reply.status), `${path} is ${reply.status}`)
      for (const secret of ['i-1', 'b-1', token, small.plan_id])
        // As a whole: the ids of examples may contain it.
        t.notMatch(
          reply.text,
          new RegExp(`(?<![\\w-])${secret}(?![\\w-])`),
          `${path} does not show ${secret.slice(0, 8)}`,
        )
    }
    t.match(await caller(url, {})('GET', '/nothing'), {
      status: 404,
      headers: { 'content-type': /^application\/problem\+json/ },
      body: { status: 404, instance: '/nothing' },
    })
  },
)

t.test(
  'a route without an entry in the table stops the start, and so does an entry without a route',
  async (t) => {
    const bare = Fastify()
    assignPermissions(bare, {
      prefix: '',
      permissions: {
        'GET /v2/thing': 'platform',
        'PUT /api/x': ['operator'],
        'DELETE /v2/no-route': 'platform',
      },
    })
    t.throws(() => bare.get('/v2/other', async () => 'in'), /GET \/v2\/other has no entry/)
    t.throws(
      () =>
        bare.route({
          method: ['PUT', 'POST'],
          url: '/api/x',
          config: {},
          handler: async () => 'in',
        }),
      /POST \/api\/x has no entry/,
    )
    t.doesNotThrow(() => bare.get('/v2/thing', async () => 'in'))
    await t.rejects(async () => {
      await bare.ready()
    }, /entries without a route .*: DELETE \/v2\/no-route/)
  },
)
