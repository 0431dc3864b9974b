// ETAG: conditional catalog reads, by platforms and by Kontor.
import t from 'tap'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { catalogOf } from '../support/catalogs.ts'
import { startKontor, until } from '../support/kontor.ts'
import { answer } from '../support/scripted-upstream.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'

const kontor = await startKontor(t)
const { call, admin } = kontor
const provider = await scriptedProvider(t, kontor, 'nord')
const path = '/v2/catalog'
const read = (headers: Record<string, string> = {}) => call('GET', path, undefined, headers)
const changed: OsbCatalog = {
  services: catalogOf('nord').services.map((offering) => ({ ...offering, description: 'Another' })),
}

t.test(
  'ETAG-01 the catalog carries a tag and a date that change with its content and only with it',
  async (t) => {
    const first = await read()
    t.match(first.headers, {
      etag: /^"[A-Za-z0-9_-]+"$/,
      'last-modified': /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
    })
    t.match((await read()).headers, {
      etag: first.headers['etag'],
      'last-modified': first.headers['last-modified'],
    })
    provider.respond({ catalog: answer(200, { extension: 1, ...catalogOf('nord') }) })
    await provider.refresh()
    t.match(
      await read(),
      {
        text: first.text,
        headers: { etag: first.headers['etag'], 'last-modified': first.headers['last-modified'] },
      },
      'read again, and equal',
    )
    provider.respond({ catalog: answer(200, changed) })
    // Dates have whole seconds: the change must not fall into the second of the first publication.
    await until(
      () => Date.now(),
      (now) => now >= Date.parse(String(first.headers['last-modified'])) + 1_000,
    )
    await provider.refresh()
    const second = await read()
    t.equal(second.body.services[0].description, 'Another')
    t.not(second.headers['etag'], first.headers['etag'])
    t.not(second.headers['last-modified'], first.headers['last-modified'])
    provider.reset()
    await provider.refresh()
    t.equal((await read()).headers['etag'], first.headers['etag'], 'equal content, equal tag')
  },
)

t.test('ETAG-02 If-None-Match with the tag is 304 with the tag and without a body', async (t) => {
  const {
    headers: { etag },
  } = await read()
  const tag = String(etag)
  for (const value of [
    tag,
    `W/${tag}`,
    '*',
    `"other", ${tag}`,
    `${tag},"other"`,
    `"a" , W/${tag} , "b"`,
  ]) {
    const reply = await read({ 'if-none-match': value })
    t.match(reply, { status: 304, text: '', headers: { etag: tag } }, value)
    t.notOk('content-type' in reply.headers)
  }
  for (const value of ['"other"', tag.replaceAll('"', ''), 'nonsense', '""', '"*"'])
    t.equal((await read({ 'if-none-match': value })).status, 200, value)
})

t.test('ETAG-03 If-Modified-Since counts alone, and only as a date', async (t) => {
  const { headers } = await read()
  const modified = String(headers['last-modified'])
  const shifted = (seconds: number) =>
    new Date(Date.parse(modified) + seconds * 1_000).toUTCString()
  for (const date of [modified, shifted(1), shifted(86_400)])
    t.match(
      await read({ 'if-modified-since': date }),
      { status: 304, text: '', headers: { etag: headers['etag'] } },
      date,
    )
  for (const date of [
    shifted(-1),
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'yesterday',
    '',
    '2099-01-01T00:00:00Z',
    '4102444800',
  ])
    t.equal((await read({ 'if-modified-since': date })).status, 200, date)
  t.equal((await read({ 'if-modified-since': shifted(1), 'if-none-match': '"other"' })).status, 200)
  t.equal(
    (await read({ 'if-modified-since': shifted(-1), 'if-none-match': String(headers['etag']) }))
      .status,
    304,
  )
  t.equal(
    (await read({ 'if-modified-since': 'nonsense', 'if-none-match': String(headers['etag']) }))
      .status,
    304,
  )
})

t.test(
  'ETAG-04 after a validator of the provider Kontor reads conditionally, and a 304 means its copy',
  async (t) => {
    const validators = { etag: 'W/"upstream-7"', 'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT' }
    for (const given of [
      validators,
      { etag: validators.etag },
      { 'last-modified': validators['last-modified'] },
    ]) {
      provider.reset()
      provider.respond({ catalog: answer(200, catalogOf('nord'), given) })
      await provider.refresh()
      const before = await read()
      provider.reset()
      provider.respond({ catalog: answer(304, '') })
      t.match((await provider.refresh()).body.catalog, { stale: false, error: null, offerings: 2 })
      const [request] = provider.requests('catalog')
      t.equal(request?.headers['if-none-match'], 'etag' in given ? given.etag : undefined)
      t.equal(
        request?.headers['if-modified-since'],
        'last-modified' in given ? given['last-modified'] : undefined,
      )
      t.equal((await read()).text, before.text)
      // Without a validator the next read is unconditional.
      provider.reset()
      await provider.refresh()
      provider.reset()
      await provider.refresh()
      t.notOk('if-none-match' in (provider.requests('catalog')[0]?.headers ?? {}))
    }
  },
)

t.test('ETAG-05 without a copy Kontor reads unconditionally, and a 304 is a failure', async (t) => {
  provider.reset()
  const before = await read()
  provider.respond({ catalog: answer(304, '') })
  t.match(
    (await provider.refresh()).body.catalog,
    { stale: true, error: /304/, offerings: 2 },
    'it gave no validator before',
  )
  t.equal((await read()).text, before.text, 'the last good copy stays')
  for (const name of ['if-none-match', 'if-modified-since'])
    t.notOk(name in (provider.requests('catalog')[0]?.headers ?? {}))

  const fresh = await scriptedProvider(t, kontor, 'fresh', { catalog: { services: [] } })
  for (const name of ['if-none-match', 'if-modified-since'])
    t.notOk(name in (fresh.requests('catalog')[0]?.headers ?? {}), 'nor at first')
  // A copy that was read with other settings does not count.
  fresh.respond({ catalog: answer(200, catalogOf('fresh'), { etag: '"of the former address"' }) })
  await fresh.refresh()
  fresh.upstream.requests.length = 0
  t.equal(
    (await admin('PATCH', fresh.path, { settings: { url: `${fresh.upstream.url}/elsewhere` } }))
      .status,
    200,
  )
  t.notOk('if-none-match' in (fresh.requests('catalog')[0]?.headers ?? {}))
})

t.test('ETAG-06 tags belong to a view, and 401, 400 and 412 come before 304', async (t) => {
  const { headers } = await read()
  t.match(headers['vary'], /authorization/, 'a cache keeps one copy for each of them')
  t.match(headers['cache-control'], /private/)
  const other = await kontor.newPlatform('other')
  const theirs = await other('GET', path)
  t.equal(
    theirs.headers['etag'] === headers['etag'],
    theirs.text === (await read()).text,
    'equal tags exactly for equal catalogs',
  )
  const conditions = { 'if-none-match': '*', 'if-modified-since': String(headers['last-modified']) }
  for (const [more, status] of [
    [{ authorization: '' }, 401],
    [{ authorization: 'Basic eDp5' }, 401],
    [{ 'x-broker-api-version': '' }, 400],
    [{ 'x-broker-api-version': 'x' }, 400],
    [{ 'x-broker-api-version': '3.0' }, 412],
    [{ 'x-broker-api-originating-identity': 'x' }, 400],
  ] as const) {
    const reply = await read({ ...conditions, ...more })
    t.equal(reply.status, status)
    t.notOk('etag' in reply.headers)
  }
})
