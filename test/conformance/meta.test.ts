// META: labels and attributes of instances, times of bindings.
import t, { type Test } from 'tap'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { accepted, scriptedProvider } from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'
import { ai, maker, type Made } from './making.ts'

t.setTimeout(60_000)
const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.5' } })
const { call } = kontor
const { make, name } = maker(kontor)
const scripted = await scriptedProvider(t, kontor, 'scripted')
const good = {
  provision: answer(201),
  update: answer(200),
  bind: answer(201),
  fetch_binding: answer(200),
}
const metadataOf = async ({ I }: Made) => (await call('GET', I)).body.metadata
const update = ({ I, ids }: Made, n: number, query = '') =>
  call('PATCH', `${I}?${query}`, { service_id: ids.service_id, parameters: { n } })

await t.test(
  'META-01 labels and attributes come through in 200, 201 and 202 to a provision, in an update and in GET',
  async (t) => {
    const metadata = {
      labels: { env: 'prod', 'a.b/c': '' },
      attributes: { nodes: 3, deep: { a: [null] } },
    }
    for (const provision of [answer(201, { metadata }), accepted({ metadata })]) {
      const one = name(scripted.small)
      scripted.respond({ provision })
      const ordered = await call('PUT', `${one.I}?${ai}`, { ...one.ids, ...here })
      t.strictSame(ordered.body.metadata, metadata, String(ordered.status))
      await finished(call, one.I)
      const again = await call('PUT', one.I, { ...one.ids, ...here })
      t.strictSame([again.status, again.body.metadata], [200, metadata])
      t.strictSame(await metadataOf(one), metadata)
      const changed = { labels: { env: 'test' }, attributes: { nodes: 4 } }
      scripted.respond({ provision: answer(201), update: answer(200, { metadata: changed }) })
      const updated = await update(one, 1)
      t.strictSame([updated.status, updated.body.metadata], [200, changed])
      t.strictSame(await metadataOf(one), changed)
      scripted.respond(good)
    }
    t.notOk(
      'metadata' in (await call('GET', (await make(scripted.small)).I)).body,
      'none is made up',
    )
  },
)

await t.test(
  'META-02 the labels of an update replace all earlier ones; a half that it does not send stays',
  async (t) => {
    const one = name(scripted.small)
    scripted.respond({
      provision: answer(201, {
        metadata: { labels: { a: '1', b: '2' }, attributes: { x: 1, y: 2 } },
      }),
    })
    await call('PUT', one.I, { ...one.ids, ...here })
    const steps = [
      [{ labels: { b: '3' } }, { labels: { b: '3' }, attributes: { x: 1, y: 2 } }],
      [{ attributes: { z: 1 } }, { labels: { b: '3' }, attributes: { z: 1 } }],
      [undefined, { labels: { b: '3' }, attributes: { z: 1 } }],
      [{}, { labels: { b: '3' }, attributes: { z: 1 } }],
      [{ labels: {} }, { labels: {}, attributes: { z: 1 } }],
    ] as const
    for (const [index, [metadata, after]] of steps.entries()) {
      const asynchronously = index % 2 === 1
      scripted.respond({
        update: asynchronously ? accepted({ metadata }) : answer(200, { metadata }),
      })
      t.equal((await update(one, index, ai)).status, asynchronously ? 202 : 200)
      await finished(call, one.I)
      t.strictSame(await metadataOf(one), after, JSON.stringify(metadata))
    }
    scripted.respond(good)
  },
)

await t.test('META-03 labels and attributes of an unknown form are not an error', async (t) => {
  const metadata = {
    labels: { 'no such/syntax/at all!': 'ä'.repeat(300), '': '', number: 1, nested: { a: [1] } },
    attributes: { unheard_of: [true] },
    x_more: 1,
  }
  const one = name(scripted.small)
  scripted.respond({ provision: answer(201, { metadata }) })
  t.equal((await call('PUT', one.I, { ...one.ids, ...here })).status, 201)
  t.strictSame(await metadataOf(one), metadata)
  scripted.respond(good)
})

await t.test('META-04 attributes that an update changed show in the next GET', async (t) => {
  const one = await make(scripted.small)
  for (const [n, script] of [
    answer(200, { metadata: { attributes: { n: 0 } } }),
    accepted({ metadata: { attributes: { n: 1 } } }),
  ].entries()) {
    scripted.respond({ update: script })
    await update(one, n, ai)
    await finished(call, one.I)
    t.strictSame((await metadataOf(one)).attributes, { n })
  }
  scripted.respond(good)
})

/** The metadata that the platform gets; undefined if the bind failed and was mitigated. */
async function publishedMetadata(
  t: Test,
  metadata: object,
  asynchronously = false,
): Promise<unknown> {
  const { ids, B } = await make(scripted.small)
  const removals = scripted.requests('unbind').length
  scripted.respond(
    asynchronously
      ? { bind: accepted(), fetch_binding: answer(200, { credentials: {}, metadata }) }
      : { bind: answer(201, { credentials: {}, metadata }) },
  )
  const reply = await call('PUT', `${B}${asynchronously ? `?${ai}` : ''}`, ids)
  const end = await finished(call, B)
  scripted.respond(good)
  const read = await call('GET', B)
  if (end.body.state === 'succeeded') {
    if (!asynchronously) t.strictSame(reply.body.metadata, read.body.metadata)
    return read.body.metadata
  }
  await until(
    () => scripted.requests('unbind').length,
    (now) => now === removals + 1,
  )
  t.equal(read.status, 404)
  if (!asynchronously)
    t.match(reply, { status: 502, body: { description: /breaks the specification: metadata/ } })
  return undefined
}

await t.test(
  'META-05 expires_at and renew_before are UTC with a fraction: unambiguous times are converted, others fail',
  async (t) => {
    for (const kept of [
      '2040-01-02T03:04:05.0Z',
      '2040-01-02T03:04:05.678Z',
      '2040-01-02T03:04:05.123456789Z',
      '2040-02-29T23:59:59.9Z',
    ]) {
      t.strictSame(await publishedMetadata(t, { expires_at: kept, renew_before: kept }), {
        expires_at: kept,
        renew_before: kept,
      })
    }
    t.strictSame(
      await publishedMetadata(t, { expires_at: '2040-01-02T03:04:05.0Z', x_more: [1] }, true),
      {
        expires_at: '2040-01-02T03:04:05.0Z',
        x_more: [1],
      },
    )
    for (const [given, put] of [
      ['2040-01-02T03:04:05Z', '2040-01-02T03:04:05.000Z'],
      ['2040-01-02T03:04:05+02:00', '2040-01-02T01:04:05.000Z'],
      ['2040-01-02T03:04:05.5-01:30', '2040-01-02T04:34:05.500Z'],
    ]) {
      t.strictSame(await publishedMetadata(t, { expires_at: given }), { expires_at: put })
    }
    for (const bad of [
      'tomorrow',
      '',
      '2040-01-02',
      '2040-01-02T03:04:05',
      '2040-01-02 03:04:05Z',
      '2040-13-02T03:04:05.0Z',
      '2040-01-02T25:04:05.0Z',
      2208988800,
      null,
    ]) {
      t.equal(await publishedMetadata(t, { expires_at: bad }), undefined, JSON.stringify(bad))
    }
    t.equal(await publishedMetadata(t, { renew_before: 'soon' }, true), undefined)
  },
)

await t.test('META-06 renew_before is not after expires_at', async (t) => {
  const early = '2040-01-01T00:00:00.0Z'
  const late = '2040-01-02T00:00:00.0Z'
  for (const good of [
    { renew_before: early, expires_at: late },
    { renew_before: late, expires_at: late },
    { renew_before: late },
    { expires_at: early },
  ])
    t.strictSame(await publishedMetadata(t, good), good)
  for (const asynchronously of [false, true])
    t.equal(
      await publishedMetadata(t, { renew_before: late, expires_at: early }, asynchronously),
      undefined,
    )
})

await t.test('META-07 Kontor moves no connection data into metadata and adds none', async (t) => {
  const { ids, B } = await make(scripted.small)
  const body = {
    credentials: { uri: 'x' },
    endpoints: [{ host: 'h', ports: ['1'] }],
    metadata: { expires_at: '2040-01-01T00:00:00.0Z' },
  }
  scripted.respond({ bind: answer(201, body) })
  t.strictSame((await call('PUT', B, ids)).body, body)
  scripted.respond({ bind: answer(201, { credentials: {} }) })
  t.strictSame((await call('PUT', `${B}-2`, ids)).body, { credentials: {} })
  scripted.respond(good)
})

await t.test(
  'META-08 the platform gets the times and renews; an expired binding is no predecessor',
  async (t) => {
    const { ids, B } = await make(scripted.small)
    const times = { renew_before: '2019-01-01T00:00:00.0Z', expires_at: '2020-01-01T00:00:00.0Z' }
    scripted.respond({ bind: answer(201, { metadata: times }) })
    t.strictSame((await call('PUT', B, ids)).body.metadata, times)
    scripted.respond(good)
    const before = scripted.requests().length
    t.match(await call('PUT', `${B}-next`, { predecessor_binding_id: B.split('/').at(-1) }), {
      status: 400,
      body: { description: /expired/ },
    })
    t.strictSame((await call('GET', B)).body.metadata, times)
    t.equal(scripted.requests().length, before, "and nothing is renewed behind the platform's back")
  },
)
