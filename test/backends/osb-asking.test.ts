// The calls that change nothing: last_operation, the fetches, the catalog.
import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { CatalogValidators } from '../../src/backends/backend.ts'
import { osbBackend } from '../../src/backends/osb.ts'
import type { OsbSettings } from '../../src/types.gen.ts'
import { answer, scriptedUpstream, type Script, loopback } from '../support/scripted-upstream.ts'
import { order } from './orders.ts'
import type { Teardown } from '../support/teardown.ts'

const signal = new AbortController().signal

async function build(t: Teardown, script: Script, settings: Partial<OsbSettings> = {}) {
  const upstream = await scriptedUpstream(t, script)
  const backend = osbBackend(
    { url: upstream.url, ...settings },
    { username: 'kontor', password: 'secret-word' },
    loopback,
  )
  t.teardown(() => backend.close())
  return { backend, upstream }
}

void t.test('last_operation', async (t) => {
  const progress = async (status: number, body: unknown, headers: Record<string, string> = {}) => {
    const { backend } = await build(t, answer(status, body, headers))
    return await backend.progress({ instance: order.provision(), operation: 'op' }, signal)
  }

  await t.test('POLL-16 POLL-19: the three states, and when to ask again', async (t) => {
    t.strictSame(
      await progress(200, { state: 'in progress', description: '40 %' }, { 'retry-after': '12' }),
      { kind: 'running', description: '40 %', retryAfterSeconds: 12 },
    )
    t.strictSame(await progress(200, { state: 'in progress', description: '' }), {
      kind: 'running',
    })
    const nulls = { description: null, instance_usable: null, update_repeatable: null }
    for (const nothing of [{}, nulls])
      t.strictSame(await progress(200, { state: 'succeeded', ...nothing }), { kind: 'succeeded' })
    t.match(await progress(200, { state: 'failed' }), {
      kind: 'failed',
      description: /does not say why/,
    })
  })

  await t.test('POLL-14 POLL-15: 410 is gone; what that means is for the caller', async (t) => {
    t.strictSame(await progress(410, {}), { kind: 'gone' })
  })

  await t.test('DEC-20: 404 and 400 are missing', async (t) => {
    for (const status of [404, 400]) t.match(await progress(status, ''), { kind: 'missing' })
  })

  await t.test('POLL-17: anything else says nothing of the operation', async (t) => {
    for (const status of [201, 202, 204, 302, 401, 403, 408, 412, 418, 422, 429, 500, 502, 503])
      t.match(await progress(status, ''), { kind: 'unclear' }, String(status))
    for (const body of [
      '',
      '<html>',
      '[]',
      {},
      { state: 'done' },
      { state: 'Succeeded' },
      { state: null },
      { state: 'failed', instance_usable: 'no' },
    ]) {
      t.match(await progress(200, body), { kind: 'unclear' }, JSON.stringify(body))
    }
    t.match(await progress(503, {}, { 'retry-after': '60' }), {
      kind: 'unclear',
      retryAfterSeconds: 60,
    })
  })
})

void t.test('fetches', async (t) => {
  const fetchInstance = async (status: number, body: unknown) =>
    (await build(t, answer(status, body))).backend.fetchInstance(order.provision(), signal)
  const fetchBinding = async (status: number, body: unknown) =>
    (await build(t, answer(status, body))).backend.fetchBinding(order.bind(), signal)

  await t.test('GETI-06 GETI-10: the fields of an instance', async (t) => {
    const body = {
      service_id: 's',
      plan_id: 'p',
      dashboard_url: null,
      parameters: { a: 1 },
      maintenance_info: { version: '1.0.0' },
      metadata: { labels: {} },
      x: 1,
    }
    t.strictSame(await fetchInstance(200, body), {
      kind: 'found',
      facts: {
        metadata: { labels: {} },
        serviceId: 's',
        planId: 'p',
        parameters: { a: 1 },
        maintenanceInfo: { version: '1.0.0' },
        extensions: { x: 1 },
      },
    })
    t.strictSame(await fetchInstance(200, {}), { kind: 'found', facts: {} })
  })

  await t.test('GETB-04 EXT-02: a binding whole', async (t) => {
    const body = { credentials: { user: 'u' }, parameters: { a: 1 }, x_more: true }
    t.strictSame(await fetchBinding(200, body), { kind: 'found', facts: body })
  })

  await t.test('GETI-05 GETI-09 GETB-08: the other answers', async (t) => {
    for (const status of [404, 410])
      t.match(await Promise.all([fetchInstance(status, ''), fetchBinding(status, '')]), [
        { kind: 'missing' },
        { kind: 'missing' },
      ])
    for (const status of [405, 501])
      t.match(await Promise.all([fetchInstance(status, ''), fetchBinding(status, '')]), [
        { kind: 'unsupported' },
        { kind: 'unsupported' },
      ])
    t.strictSame(await fetchInstance(422, ''), { kind: 'busy' })
    t.strictSame(await fetchBinding(422, { error: 'ConcurrencyError' }), { kind: 'busy' })
    t.match(await fetchBinding(422, ''), { kind: 'unclear' })
    for (const status of [201, 202, 400, 401, 302, 429, 500])
      t.match(await Promise.all([fetchInstance(status, {}), fetchBinding(status, {})]), [
        { kind: 'unclear' },
        { kind: 'unclear' },
      ])
    const wrong = { parameters: 'x', credentials: 'x' }
    t.match(await Promise.all([fetchInstance(200, wrong), fetchBinding(200, wrong)]), [
      { kind: 'unclear' },
      { kind: 'invalid' },
    ])
    for (const body of ['', '[]', '<html>'])
      t.match(await Promise.all([fetchInstance(200, body), fetchBinding(200, body)]), [
        { kind: 'unclear' },
        { kind: 'unclear' },
      ])
  })
})

void t.test('catalog', async (t) => {
  const read = async (
    script: Script,
    known?: CatalogValidators,
    settings?: Partial<OsbSettings>,
  ) => {
    const { backend, upstream } = await build(t, script, settings)
    return { result: await backend.catalog(known, signal), headers: upstream.requests[0]?.headers }
  }

  await t.test('ETAG-04: validators come back and are sent back; 304 is unchanged', async (t) => {
    const services = [{ id: 'a', x: 1 }, 'not checked here']
    const first = await read(
      answer(
        200,
        { services, extra: { kept: true } },
        { etag: 'W/"1"', 'last-modified': 'Sun, 01 Nov 2026 10:00:00 GMT' },
      ),
    )
    const validators = { etag: 'W/"1"', lastModified: 'Sun, 01 Nov 2026 10:00:00 GMT' }
    t.match(first.result, { kind: 'changed', validators })
    t.equal(
      first.result.kind === 'changed' && Buffer.concat(first.result.body).toString(),
      JSON.stringify({ services, extra: { kept: true } }),
      'the bytes of the provider',
    )
    const second = await read(answer(304, ''), validators)
    t.match(second.headers, {
      'if-none-match': validators.etag,
      'if-modified-since': validators.lastModified,
    })
    t.strictSame(second.result, { kind: 'unchanged' })
  })

  await t.test('a validator that no header can carry is dropped', async (t) => {
    t.match((await read(answer(200, { services: [] }, { etag: '"\u00fc"' }))).result, {
      kind: 'changed',
      validators: { etag: undefined },
    })
  })

  await t.test(
    'ETAG-05: without a copy the read is unconditional, and 304 is a failure',
    async (t) => {
      for (const known of [undefined, {}]) {
        const { result, headers } = await read(answer(304, ''), known)
        t.match(result, { kind: 'failed', description: /304/ })
        t.strictSame(
          [headers?.['if-none-match'], headers?.['if-modified-since']],
          [undefined, undefined],
        )
      }
    },
  )

  await t.test('OID-03 DEC-32: no user causes a catalog read', async (t) => {
    t.equal(
      (await read(answer(200, { services: [] }))).headers?.['x-broker-api-originating-identity'],
      undefined,
    )
  })

  await t.test('CAT-26: the description says what is wrong', async (t) => {
    const cases: [Script, string][] = [
      [answer(401, ''), 'Kontor signed in with wrong credentials (401)'],
      [answer(403, ''), 'Kontor signed in with wrong credentials (403)'],
      [answer(404, ''), 'there is no catalog at this address (404)'],
      [answer(412, ''), 'the provider wants another version of the API (412)'],
      [answer(302, '', { location: '/' }), 'answered with a redirect (302), which is not followed'],
      [answer(204, ''), 'answered with 204'],
      [answer(503, 'x'), 'answered with 503'],
    ]
    for (const [script, description] of cases)
      t.match((await read(script)).result, { kind: 'failed', description })
  })

  await t.test('a failed reading says how much of an answer arrived', async (t) => {
    const bytes = async (script: Script) => {
      const { result } = await read(script, undefined, { catalogTimeoutSeconds: 0.3 })
      return result.kind === 'failed' ? result.bytes : NaN
    }
    t.equal(await bytes(answer(503, 'x'.repeat(300))), 300)
    t.equal(await bytes(answer(503, '')), undefined)
    const part = (end: (response: ServerResponse) => void): Script => {
      return (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('x'.repeat(300), () => {
          end(response)
        })
      }
    }
    t.equal(await bytes(part(({ socket }) => socket?.end())), 300, 'the connection ends')
    t.equal(await bytes(part(() => {})), 300, 'nothing more comes')
  })

  await t.test('too long and too slow', async (t) => {
    const long = answer(200, { services: [], pad: 'x'.repeat(2000) })
    t.strictSame((await read(long, undefined, { maxCatalogBytes: 1024 })).result, {
      kind: 'failed',
      description: 'the answer is longer than 1024 bytes',
      bytes: 2_024,
    })
    t.match(
      (await read(long, undefined, { maxResponseBytes: 1024 })).result,
      { kind: 'changed' },
      'the limit of other answers is not that of a catalog',
    )
    t.strictSame((await read(() => {}, undefined, { catalogTimeoutSeconds: 0.2 })).result, {
      kind: 'failed',
      description: 'no answer within 0.2 s',
    })
  })
})
