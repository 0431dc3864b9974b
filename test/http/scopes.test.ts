// Entry points are scopes: what one of them is like follows from where a route is registered, and
// from no URL.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Registry } from 'prom-client'
import t from 'tap'
import { buildApp, entryPoints } from '../../src/app.ts'
import { BrokerError } from '../../src/errors.ts'
import { permissionsOf } from '../../src/http/api/noun.ts'
import type { TrafficClass } from '../../src/http/limits/traffic-class.ts'
import type { Scope } from '../../src/http/scope.ts'
import { caller, startKontor } from '../support/kontor.ts'
import { sendRaw } from '../support/raw.ts'

const kontor = await startKontor(t, {
  worker: false,
  environment: {
    KONTOR_REQUEST_RATE: '0.01',
    KONTOR_ORDER_RATE: '0.01',
    KONTOR_RATE_BURST_SECONDS: '1000',
    KONTOR_FAILED_SIGN_INS_PER_MINUTE: '0',
  },
})
const { runtime } = kontor.running
const signedIn = { cookie: 'session=s3cret' }
const pages: TrafficClass = {
  noun: 'pages',
  rateLimit: { rate: 'requests', times: 0.4, reason: 'request_rate' },
}

/** As a console may be: people with a session, errors as pages, the paths that lead nowhere. */
const consoleScope: Scope<'session' | 'everybody'> = {
  prefix: '',
  permissions: { 'GET /shelf': 'session', 'GET /enter': 'everybody', 'GET /broken': 'session' },
  unknownPathPermission: 'session',
  acceptsCertificates: false,
  headers: { 'content-security-policy': "default-src 'self'", 'x-console': 'yes' },
  unknownPathTraffic: pages,
  trafficOf: () => pages,
  authenticate(request, _reply, permission) {
    if (permission === 'everybody') return
    if (request.headers.cookie !== signedIn.cookie)
      throw new BrokerError('unauthorized', 'Sign in first.')
    request.principal = {
      kind: 'person',
      actor: 'session:ada',
      roles: new Set(['agency']),
      scope: { organisations: [], providers: [] },
    }
  },
  sendError(error, _request, reply) {
    if (error.code === 'unauthorized') return reply.redirect('/enter', 303)
    const status = { not_found: 404, rate_limited: 429 }[error.code as string] ?? 500
    return reply.code(status).type('text/html').send(`<h1>${error.message}</h1>`)
  },
  addRoutes(app) {
    app.get('/shelf', async (_request, reply) => reply.type('text/html').send('<h1>Shelf</h1>'))
    app.get('/enter', async (_request, reply) => reply.type('text/html').send('<form>'))
    app.get('/broken', async () => {
      throw new Error('a secret')
    })
  },
}

const appWith = (...more: ReadonlyArray<() => Scope>) =>
  buildApp(
    // A registry has one metric of each name, and the first app has registered them there.
    { ...runtime, metrics: { ...runtime.metrics, registry: new Registry() } },
    [...entryPoints, ...more],
  )

t.test('one more scope brings its own authentication, errors, headers and limits', async (t) => {
  const app = await appWith(() => consoleScope)
  t.teardown(() => app.close())
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const { statusCode: status, headers: received, body } = await app.inject({ url, headers })
    return { status, headers: received, body }
  }
  const page = { headers: { 'x-console': 'yes', 'content-security-policy': "default-src 'self'" } }
  t.match(await get('/enter'), { ...page, status: 200, body: '<form>' })
  for (const path of ['/shelf', '/nothing', '/%zz'])
    t.match(await get(path), { ...page, status: 303, headers: { location: '/enter' } }, path)

  t.match(await get('/shelf', signedIn), { ...page, status: 200, body: '<h1>Shelf</h1>' })
  const unknown = await get('/nothing', signedIn)
  t.match(unknown, { ...page, status: 404, body: /^<h1>There is nothing at this address/ })
  const unreadable = await get('/%zz', signedIn)
  t.match(unreadable, { ...page, status: 500, body: /^<h1>The address is not valid/ })
  const broken = await get('/broken', signedIn)
  t.match(broken, { ...page, status: 500, body: /^<h1>Kontor failed/ })
  t.notMatch(broken.body, 'a secret')

  t.equal((await get('/shelf', signedIn)).status, 200, 'the fourth of four pages')
  const tooMany = await get('/shelf', signedIn)
  t.match(tooMany, { ...page, status: 429, headers: { 'retry-after': /^\d+$/ } })
  t.match(tooMany.body, /^<h1>Too many pages in a short time/)

  t.match(await get('/healthz'), { status: 200, body: '{"status":"ok"}' })
  for (const [path, scheme, type] of [
    ['/v2/catalog', 'Basic', 'application/json'],
    ['/v2/nothing', 'Basic', 'application/json'],
    ['/api/providers', 'Bearer', 'application/problem+json'],
    ['/api/nothing', 'Bearer', 'application/problem+json'],
  ] as const) {
    const { status, headers } = await get(path, signedIn)
    t.equal(status, 401, `a session does not open ${path}`)
    t.match(headers['www-authenticate'], scheme, path)
    t.match(headers['content-type'], type, path)
    t.notOk('x-console' in headers, path)
  }
})

t.test('a scope whose table and routes differ stops the start', async (t) => {
  const open: Scope = {
    ...consoleScope,
    addRoutes: (app) => void app.get('/open', async () => 'open'),
  }
  await t.rejects(
    appWith(() => open),
    { message: 'The route GET /open has no entry in the permissions of the scope "".' },
  )
  await t.rejects(
    appWith(() => ({ ...consoleScope, addRoutes() {} })),
    {
      message:
        /^There are entries without a route in the permissions of the scope "": GET \/shelf, /,
    },
  )
})

t.test('of a route that two nouns of the management API name, neither decides', (t) => {
  const reading = { 'GET /api/one': ['auditor'], 'GET /api/things': ['auditor'] } as const
  const all = { 'GET /api/things': ['auditor', 'provider'] } as const
  t.throws(() => permissionsOf([{ permissions: reading }, { permissions: all }]), {
    message: 'Two nouns say who may call GET /api/things.',
  })
  t.end()
})

t.test('another spelling of a URL leads to the same scope', async (t) => {
  const { host } = new URL(kontor.url)
  for (const target of [
    '/%762/catalog',
    `http://${host}/v2/catalog`,
    `http://${host}/v2/nothing`,
    `http://${host}/v2/service_instances/%zz`,
  ]) {
    const { status, headers, text } = await sendRaw(kontor.url, `GET ${target}`)
    t.equal(status, 401, target)
    t.match(headers, { 'www-authenticate': /^Basic/, 'content-type': /^application\/json/ }, target)
    t.strictSame(Object.keys(JSON.parse(text) as object), ['description'], target)
    t.notOk('content-security-policy' in headers, target)
  }
  t.equal((await caller(kontor.url, {})('GET', '/v2x')).status, 404, 'a prefix is a whole segment')
})

t.test('each entry point echoes the id that a client gives its request', async (t) => {
  const name = 'x-broker-api-request-identity'
  for (const path of ['/v2/catalog', '/api/providers', '/api/%zz', '/healthz', '/nothing'])
    t.equal((await caller(kontor.url, { [name]: 'r-1' })('GET', path)).headers[name], 'r-1', path)
})

const root = fileURLToPath(new URL('../../src/', import.meta.url))
const files = globSync('http/**/*.ts', { cwd: root }).toSorted()
const entryPointOf = (file: string) => /^http\/(osb|api|public|console)\//.exec(file)?.[1]

t.test('only app.ts knows which scopes there are', async (t) => {
  t.ok(files.length > 40)
  const offenders = files.flatMap((file) =>
    Array.from(
      readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'/g),
      ([, path = '']) => normalize(join(dirname(file), path)),
    )
      .filter((to) => entryPointOf(to) !== undefined && entryPointOf(to) !== entryPointOf(file))
      .map((to) => `${file} imports ${to}`),
  )
  t.strictSame(offenders, [])
})

t.test('no code beside the scopes names a path of theirs', async (t) => {
  const path = /['"`/^]\\?\/(v2|api|docs|healthz|readyz|metrics|openapi\.json)\b/
  t.strictSame(
    files.filter(
      (file) =>
        entryPointOf(file) === undefined &&
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .some((line) => path.test(line) && !/^\s*(\/\/|\/?\*)/.test(line)),
    ),
    [],
  )
})
