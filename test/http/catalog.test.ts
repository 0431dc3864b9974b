import { gunzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { request } from 'undici'
import t from 'tap'
import { refreshCatalog } from '../../src/catalog/refresh.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { catalogOf } from '../support/catalogs.ts'
import { startKontor, until, type Call } from '../support/kontor.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'

const path = '/v2/catalog'

/** The catalog as bytes, which `call` does not return. */
async function bytesOf(
  acceptEncoding: string,
): Promise<{ headers: Record<string, unknown>; body: Buffer }> {
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    `bytes-${Math.floor(performance.now() * 1000)}`,
  )
  await kontor.running.runtime.refresh()
  const reply = await request(`${kontor.url}${path}`, {
    headers: {
      authorization: basicAuth(username, password),
      'x-broker-api-version': '2.17',
      'accept-encoding': acceptEncoding,
    },
  })
  return { headers: reply.headers, body: Buffer.from(await reply.body.arrayBuffer()) }
}

/** The status of a conditional GET of the catalog. */
const conditional = (client: Call) => async (headers: Record<string, string>) =>
  (await client('GET', path, undefined, headers)).status

const kontor = await startKontor(t)
const { call } = kontor
const withoutProviders = await call('GET', path)
const { view, simulator } = await kontor.addProvider('nord')

t.test('a kontor without providers publishes an empty catalog', async (t) => {
  t.match(withoutProviders, { status: 200, body: { services: { length: 0 } } })
})

t.test('If-None-Match with any tag of this catalog is 304, with any other 200', async (t) => {
  const status = conditional(call)
  const plain = await call('GET', path)
  const etag = String(plain.headers['etag'])
  t.match(etag, /^"[A-Za-z0-9_-]+"$/, 'the tag is strong')
  t.equal((await call('GET', path)).headers['etag'], etag, 'and the same each time')
  const tags = await Promise.all(
    ['identity', 'gzip'].map(async (encoding) => String((await bytesOf(encoding)).headers['etag'])),
  )
  t.equal(new Set(tags).size, 2, 'each representation has a tag of its own')
  for (const tag of tags) t.equal(await status({ 'if-none-match': tag }), 304, tag)
  for (const value of [
    `W/${etag}`,
    '*',
    ' * ',
    `"other", ${etag}`,
    `${etag},"other"`,
    `"a" , W/${etag} ,"b"`,
    `"",${etag}`,
  ])
    t.equal(await status({ 'if-none-match': value }), 304, value)
  for (const value of [
    '"other"',
    etag.replaceAll('"', ''),
    `"x${etag.slice(1)}`,
    'nonsense',
    '"',
    '""',
    '"*"',
    'W/"other"',
  ])
    t.equal(await status({ 'if-none-match': value }), 200, value)

  const fresh = await call('GET', path, undefined, { 'if-none-match': etag })
  t.match(fresh, {
    status: 304,
    text: '',
    headers: { etag, vary: /accept-encoding/, 'cache-control': /private/ },
  })
  t.notOk('content-encoding' in fresh.headers)
  t.notOk('content-type' in fresh.headers)
})

t.test(
  'If-Modified-Since counts only without If-None-Match, and only as an HTTP date',
  async (t) => {
    const status = conditional(call)
    const { headers } = await call('GET', path)
    const modified = String(headers['last-modified'])
    t.match(modified, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
    const shifted = (seconds: number) =>
      new Date(Date.parse(modified) + seconds * 1_000).toUTCString()
    t.equal(await status({ 'if-modified-since': modified }), 304)
    t.equal(await status({ 'if-modified-since': shifted(1) }), 304)
    t.equal(await status({ 'if-modified-since': shifted(-1) }), 200)
    t.equal(await status({ 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }), 200)
    for (const date of [
      '',
      'yesterday',
      '2099',
      '2099-01-01',
      '4102444800',
      '2099-01-01T00:00:00Z',
      '99',
    ])
      t.equal(await status({ 'if-modified-since': date }), 200, `"${date}" is no date of HTTP`)
    t.equal(
      await status({ 'if-modified-since': shifted(1), 'if-none-match': '"other"' }),
      200,
      'If-None-Match wins',
    )
    t.equal(
      await status({ 'if-modified-since': shifted(-1), 'if-none-match': String(headers['etag']) }),
      304,
      'If-None-Match wins',
    )
  },
)

t.test('a compressed catalog decompresses to the same bytes', async (t) => {
  const identity = await bytesOf('identity')
  t.notOk('content-encoding' in identity.headers)
  const { headers, body } = await bytesOf('gzip')
  t.match(headers, {
    'content-encoding': 'gzip',
    'content-length': String(body.length),
    'content-type': /^application\/json/,
    vary: /accept-encoding/,
  })
  t.ok(gunzipSync(body).equals(identity.body))
  t.ok(body.length < identity.body.length)
  const chosen: Record<string, string | undefined> = {
    '': undefined,
    identity: undefined,
    deflate: undefined,
    gzip: 'gzip',
    GZIP: 'gzip',
    'gzip, br': 'gzip',
    br: undefined,
    'br;q=0, gzip': 'gzip',
    'gzip;q=0': undefined,
    '*': 'gzip',
    '*;q=0': undefined,
    'gzip;q=0.5, identity': 'gzip',
    'br;q=0,*': 'gzip',
    'gzip;q=nonsense': undefined,
    ',,;': undefined,
  }
  for (const [accepted, encoding] of Object.entries(chosen)) {
    const reply = await bytesOf(accepted)
    t.equal(reply.headers['content-encoding'], encoding, `Accept-Encoding: ${accepted}`)
    if (encoding === undefined) t.ok(reply.body.equals(identity.body))
  }
})

t.test('without credentials a client does not learn whether the catalog has changed', async (t) => {
  const { headers } = await call('GET', path)
  const conditions = {
    'if-none-match': String(headers['etag']),
    'if-modified-since': String(headers['last-modified']),
  }
  t.equal(await conditional(call)({ ...conditions, authorization: '' }), 401)
  t.equal(await conditional(call)({ ...conditions, 'x-broker-api-version': '' }), 400)
  t.equal(await conditional(call)({ ...conditions, 'x-broker-api-version': '3.0' }), 412)
  t.notOk('etag' in (await call('GET', path, undefined, { authorization: '' })).headers)
})

t.test('HEAD is GET without the body, 304 too', async (t) => {
  const got = await call('GET', path)
  const head = await call('HEAD', path)
  t.match(head, { status: 200, text: '' })
  for (const name of [
    'etag',
    'last-modified',
    'vary',
    'cache-control',
    'content-type',
    'content-length',
  ])
    t.equal(head.headers[name], got.headers[name], name)
  t.match(await call('HEAD', path, undefined, { 'if-none-match': '*' }), {
    status: 304,
    text: '',
  })
})

t.test('the tag changes with the content and only with it', async (t) => {
  const { runtime } = kontor.running
  const first = await call('GET', path)
  const refresh = async () => {
    const outcome = await refreshCatalog(runtime, view.id, AbortSignal.timeout(5_000))
    await runtime.refresh()
    return outcome
  }
  t.equal(await refresh(), 'unchanged', 'the provider says 304')
  const same = structuredClone(catalogOf('nord'))
  same['extension'] = 'beside services'
  simulator.setCatalog(same)
  t.equal(await refresh(), 'unchanged', 'other bytes, the same offerings')
  t.match(await call('GET', path), {
    text: first.text,
    headers: { etag: first.headers['etag'], 'last-modified': first.headers['last-modified'] },
  })

  const [database, ...rest] = catalogOf('nord').services
  simulator.setCatalog({
    services: [
      {
        ...database,
        description: 'A better database',
        plans: database?.plans ?? [],
        id: 'nord-db',
        name: 'db',
      },
      ...rest,
    ],
  })
  t.equal(await refresh(), 'changed')
  const second = await call('GET', path)
  t.not(second.headers['etag'], first.headers['etag'])
  t.equal(await conditional(call)({ 'if-none-match': String(first.headers['etag']) }), 200)

  simulator.setCatalog(catalogOf('nord'))
  await refresh()
  const third = await call('GET', path)
  t.equal(third.headers['etag'], first.headers['etag'], 'equal content has an equal tag again')
  t.equal(third.text, first.text)
})

t.test(
  'a catalog from which a draining provider disappears has a new tag and a later date',
  async (t) => {
    const small = await kontor.find('nord', 'db', 'small')
    await call('PUT', '/v2/service_instances/i-1', {
      ...small,
      organization_guid: 'o',
      space_guid: 's',
    })
    // HTTP dates have whole seconds, so the test moves the publication into the past before another
    // process reads it.
    await sql`update catalog_revision set changed_at = now() - interval '1 hour'`.execute(
      kontor.running.runtime.db,
    )
    const second = await kontor.another()
    const before = await second.call('GET', path)
    t.equal(before.body.services.length, 2)
    t.equal((await kontor.admin('DELETE', `/api/providers/${view.id}?drain=true`)).status, 202)
    const after = await until(
      () => second.call('GET', path),
      ({ body }) => body.services.length === 0,
    )
    t.not(after.headers['etag'], before.headers['etag'])
    t.not(after.headers['last-modified'], before.headers['last-modified'])
    t.equal(
      await conditional(second.call)({
        'if-modified-since': String(before.headers['last-modified']),
      }),
      200,
    )
  },
)

t.test('different views of many platforms are all kept, and none pushes another out', async (t) => {
  const [database] = catalogOf('west').services
  const plans = Array.from({ length: 20 }, (_, at) => ({
    id: `p${at}`,
    name: `p${at}`,
    description: 'd',
  }))
  const catalog = { services: [{ ...database, plans }] }
  await kontor.addProvider('west', { catalog: catalog as never })
  const viewers: Array<{ readonly id: string; readonly kind: 'kubernetes' }> = []
  for (const { name } of plans) {
    const platform = `view-${name}`
    const { body } = await kontor.admin('POST', '/api/platforms', { name: platform })
    viewers.push({ id: String(body.id), kind: 'kubernetes' })
    const what = { offering: 'west-db', plan: name }
    const rule = { effect: 'deny', who: { platform }, what, reason: 'Not here.' }
    const { status, text } = await kontor.admin('POST', '/api/visibility-rules', rule)
    if (status !== 201) throw new Error(text)
  }
  const { visibility } = kontor.running.runtime
  const served = await Promise.all(viewers.map(async (viewer) => visibility.servedTo(viewer)))
  t.equal(new Set(served.map(({ etags }) => etags.identity)).size, plans.length)
  t.strictSame(
    viewers.map((viewer) => visibility.servedTo(viewer)),
    served,
    'without a promise',
  )
})
