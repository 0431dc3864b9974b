// URL, CT and EXT: the syntax of paths, bodies and fields.
import t, { type Test } from 'tap'
import { basicAuth } from '../support/basic-auth.ts'
import { everyCall } from '../support/every-call.ts'
import { finished, here, startKontor, type Reply } from '../support/kontor.ts'
import { sendRaw, type RawReply } from '../support/raw.ts'
import { answer, type Received } from '../support/scripted-upstream.ts'
import { catalogOf } from '../support/catalogs.ts'
import { scriptedProvider, endpointOf } from '../support/scripted-provider.ts'
import { exerciseEveryEndpoint } from '../support/exercise-every-endpoint.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { traces } from '../support/witness.ts'
import { openSite, pathsOf } from './site.ts'

const kontor = await startKontor(t, { environment: { KONTOR_MAX_BODY_BYTES: '20000' } })
const {
  call,
  url,
  running: { runtime },
} = kontor
const provider = await scriptedProvider(t, kontor, 'nord')
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const order = { ...small, ...here }
const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`
const unreserved = /^[A-Za-z0-9._~-]+$/

// For requests that no client sends: all header lines by hand.
const { username, password } = await createPlatform(runtime, commandLineCaller('test'), 'raw')
await runtime.refresh()
const signed = [`authorization: ${basicAuth(username, password)}`, 'x-broker-api-version: 2.17']
const raw = (
  start: string,
  lines: readonly string[] = [],
  body: string | Buffer = '',
): Promise<RawReply> => sendRaw(url, start, [...signed, ...lines], body)

async function nothingChanges(t: Test, act: () => Promise<void>): Promise<void> {
  const before = await traces(runtime.db)
  provider.reset()
  await act()
  t.strictSame(await traces(runtime.db), before, 'nothing has changed here')
  t.strictSame(provider.upstream.requests, [], 'nothing reached the provider')
}

t.test('URL-01 every id that Kontor mints is made of unreserved characters', async (t) => {
  const odd = await scriptedProvider(t, kontor, 'odd', { catalog: withIds('ö d/d?', '§ plan&=#') })
  const { services } = (await call('GET', '/v2/catalog')).body as {
    services: Array<{ id: string; plans: Array<{ id: string }> }>
  }
  for (const { id, plans } of services)
    for (const minted of [id, ...plans.map((plan) => plan.id)]) t.match(minted, unreserved)
  for (const { path } of await exerciseEveryEndpoint(kontor, odd))
    for (const segment of path.split('/').slice(1))
      t.match(segment, unreserved, 'instance_id and binding_id towards the provider')
  provider.respond({ provision: answer(202, { operation: 'ö/&?' }) })
  const {
    body: { operation },
  } = await call('PUT', '/v2/service_instances/minted?accepts_incomplete=true', order)
  t.match(operation, unreserved, 'not that of the provider')
  await finished(call, '/v2/service_instances/minted', operation)
})

/** A catalog with unusual ids. */
function withIds(serviceId: string, planId: string) {
  const [database, ...rest] = catalogOf('odd').services
  if (database === undefined) throw new Error('catalogOf has two offerings')
  return {
    services: [
      {
        ...database,
        id: serviceId,
        plans: database.plans.map((plan, at) => ({ ...plan, id: `${planId}${at}` })),
      },
      ...rest,
    ],
  }
}

t.test("URL-02 other characters of a provider's ids are percent-encoded", async (t) => {
  const [service, plan, operation] = ['a b&c=/+%é', 'x?#[]@!$\'()*;:,"<>\\^`{|}😀', 'op a b&c=/+%é']
  const strange = await scriptedProvider(t, kontor, 'strange', { catalog: withIds(service, plan) })
  const there = await kontor.find('strange', 'db', 'small')
  const I = '/v2/service_instances/encoded'
  const query = `service_id=${there.service_id}&plan_id=${there.plan_id}&accepts_incomplete=true`
  strange.respond({ provision: answer(202, { operation }) })
  await finished(
    call,
    I,
    (await call('PUT', `${I}?accepts_incomplete=true`, { ...there, ...here })).body.operation,
  )
  strange.respond({ bind: answer(202, { operation }) })
  await finished(
    call,
    `${I}/service_bindings/b`,
    (await call('PUT', `${I}/service_bindings/b?accepts_incomplete=true`, there)).body.operation,
  )
  t.equal((await call('DELETE', `${I}/service_bindings/b?${query}`)).status, 200)
  t.equal((await call('DELETE', `${I}?${query}`)).status, 200)
  const withQuery = strange.upstream.requests.filter(({ query }) => query.has('service_id'))
  t.strictSame([...new Set(withQuery.map(endpointOf))].toSorted(), [
    'binding_last_operation',
    'deprovision',
    'fetch_binding',
    'last_operation',
    'unbind',
  ])
  for (const request of withQuery) {
    t.match(
      request.url,
      /^[A-Za-z0-9._~/%?&=-]+$/,
      'nothing is left that is not unreserved, but for the marks between',
    )
    t.match(rawQuery(request), { service_id: encode(service), plan_id: encode(`${plan}0`) })
    if (request.query.has('operation')) t.match(rawQuery(request), { operation: encode(operation) })
  }
  t.equal(withQuery.filter(({ query }) => query.get('operation') === operation).length, 2)
})

const rawQuery = ({ url }: Received) =>
  Object.fromEntries((url.split('?')[1] ?? '').split('&').map((pair) => pair.split('=')))
/** RFC 3986: all but the unreserved characters. */
const encode = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) =>
      unreserved.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')

t.test('URL-03 ids in an address are decoded once, whatever they are made of', async (t) => {
  const odd = [
    'a/b',
    'a%2Fb',
    'a b',
    'a+b',
    'ünï/çødé',
    '..',
    '.',
    '😀',
    '?#&=',
    '%',
    '%25',
    'service_bindings',
    'last_operation',
    'a:b@c',
    '\'";--',
    '"',
    '\\',
    'x'.repeat(500),
    ' ',
  ]
  for (const [at, id] of odd.entries()) {
    provider.reset()
    const path = `/v2/service_instances/${encode(id).replaceAll('.', '%2E')}`
    const parameters = { at }
    const start = async (method: string, path: string, body?: object) =>
      raw(
        `${method} ${path}`,
        body === undefined ? [] : ['content-type: application/json'],
        body === undefined ? '' : JSON.stringify(body),
      )
    t.equal((await start('PUT', path, { ...order, parameters })).status, 201, id)
    t.match(
      JSON.parse((await start('GET', path)).text),
      { parameters },
      'it is found again by the same id and no other',
    )
    t.equal((await start('PUT', `${path}/service_bindings/${encode(id)}`, small)).status, 201)
    t.equal((await start('GET', `${path}/service_bindings/${encode(id)}`)).status, 200)
    t.equal((await start('GET', `${path}/last_operation`)).status, 200)
  }
  const { rows } = (await traces(runtime.db)) as unknown as {
    rows: [{ instances: Array<{ instance_id: string }> }]
  }
  for (const id of odd)
    t.ok(
      rows[0].instances.some(({ instance_id: kept }) => kept === id),
      `${id} is kept as it was meant`,
    )
  t.equal(
    (
      await raw(
        `GET /v2/service_instances/a%2fb?service%5Fid=${encode(small.service_id)}&plan_id=%2E`,
      )
    ).status,
    200,
    'escapes may be written in small letters',
  )
  t.equal(
    (
      await raw(
        `DELETE /v2/service_instances/a%2Fb?service_id=${small.service_id.replaceAll('-', '%2D')}&plan%5Fid=${small.plan_id}`,
      )
    ).status,
    200,
    'query values are decoded too',
  )
  t.equal(
    (await raw(`DELETE /v2/service_instances/a%252Fb?${ids.replaceAll('-', '%252D')}`)).status,
    400,
    'but not twice',
  )
})

t.test('URL-04 an empty id or broken percent-encoding is refused, and never a crash', async (t) => {
  await nothingChanges(t, async () => {
    for (const { method, path, body } of [
      ...everyCall(small, '', 'b'),
      ...everyCall(small, 'i', ''),
      ...everyCall(small, '%zz', 'b'),
      ...everyCall(small, 'i', '%'),
      ...everyCall(small, '%c3%28', 'b'),
      ...everyCall(small, '%ff', 'b'),
    ]) {
      if (path === '/v2/catalog' || !/\/\/|\/(\?|$)|%/.test(path)) continue
      const reply = await raw(
        `${method} ${path}`,
        body === undefined ? [] : ['content-type: application/json'],
        body === undefined ? '' : JSON.stringify(body),
      )
      t.ok([400, 404].includes(reply.status), `${method} ${path} is ${reply.status}`)
      t.match(JSON.parse(reply.text), { description: /\w/ })
    }
  })
  for (const { url } of provider.upstream.requests) t.notMatch(url, /\/\//)
  t.equal((await call('GET', '/v2/catalog')).status, 200)
})

t.test('CT-01 every message with a body is application/json', async (t) => {
  for (const { headers, body, method, path } of await exerciseEveryEndpoint(kontor, provider))
    t.equal(
      headers['content-type'],
      body === undefined ? undefined : 'application/json',
      `to the provider: ${method} ${path}`,
    )
  provider.reset()
  const answers: Reply[] = []
  for (const { method, path, body } of everyCall(small, 'typed', 'typed-b'))
    answers.push(await call(method, path, body))
  for (const [path, headers] of [
    ['/v2/none', {}],
    ['/v2/service_instances/%zz', {}],
    ['/v2/catalog', { authorization: '' }],
    ['/v2/catalog', { 'x-broker-api-version': '' }],
    ['/v2/catalog', { 'x-broker-api-version': '3.0' }],
  ] as const)
    answers.push(await call('GET', path, undefined, headers))
  answers.push(
    await call('PUT', '/v2/service_instances/typed-2', '{'),
    await call('DELETE', `/v2/service_instances/none?${ids}`),
  )
  t.equal(answers.length, 17)
  for (const reply of answers) {
    t.match(
      reply.headers['content-type'],
      /^application\/json(; charset=utf-8)?$/,
      `${reply.status}`,
    )
    t.equal(typeof reply.body, 'object')
  }
  for (const type of [
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/json ; charset="utf-8"',
  ]) {
    t.equal(
      (
        await call('PUT', `/v2/service_instances/typed-${type.length}`, order, {
          'content-type': type,
        })
      ).status,
      201,
      type,
    )
  }
  provider.respond({
    bind: answer(
      201,
      { credentials: { user: 'jörg' } },
      { 'content-type': 'application/json; charset=utf-8' },
    ),
  })
  t.match(
    await call(
      'PUT',
      `/v2/service_instances/typed-${'application/json; charset=utf-8'.length}/service_bindings/typed-b2`,
      small,
    ),
    { status: 201, body: { credentials: { user: 'jörg' } } },
    'of a provider too',
  )
})

t.test('CT-02 a body without Content-Type is read as JSON', async (t) => {
  provider.reset()
  const I = '/v2/service_instances/untyped'
  t.match(await raw(`PUT ${I}`, [], JSON.stringify({ ...order, parameters: { size: 1 } })), {
    status: 201,
  })
  t.match(
    await raw(
      `PATCH ${I}`,
      [],
      JSON.stringify({ service_id: small.service_id, parameters: { size: 2 } }),
    ),
    { status: 200 },
  )
  t.match(JSON.parse((await raw(`GET ${I}`)).text), { parameters: { size: 2 } })
  provider.respond({
    bind: (_request, response) => {
      response.writeHead(201).end('{"credentials":{"user":"u"}}')
    },
  })
  const bound = await raw(`PUT ${I}/service_bindings/untyped-b`, [], JSON.stringify(small))
  t.match(
    [bound.status, JSON.parse(bound.text)],
    [201, { credentials: { user: 'u' } }],
    'an answer of a provider too',
  )
})

const bodied = everyCall(small, 'untouched', 'untouched-b').filter(({ body }) => body !== undefined)

t.test('CT-03 another Content-Type is 400, not 415', async (t) => {
  await nothingChanges(t, async () => {
    for (const { method, path, body } of bodied) {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/jsonp',
        '???',
      ]) {
        t.match(
          await call(method, path, body, { 'content-type': type }),
          { status: 400, body: { description: /Content-Type|content/i } },
          `${method} of ${type}`,
        )
      }
    }
  })
})

const required = ['service_id', 'plan_id', 'organization_guid', 'space_guid']

t.test(
  'CT-04 malformed JSON, JSON other than an object, and fields of a wrong type are 400',
  async (t) => {
    t.equal((await call('PUT', '/v2/service_instances/untouched', order)).status, 201)
    await nothingChanges(t, async () => {
      for (const { method, path, body, endpoint } of bodied) {
        const at = endpoint === 'provision' ? '/v2/service_instances/untouched-new' : path
        for (const text of [
          '{',
          '',
          '{"service_id":',
          '{"a":1,}',
          '{} {}',
          '[]',
          '"x"',
          '1',
          'null',
          'true',
          Buffer.from([0x7b, 0xff, 0x7d]),
        ])
          t.equal(
            (await raw(`${method} ${at}`, ['content-type: application/json'], text)).status,
            400,
            `${method} ${String(text)}`,
          )
        for (const field of [
          'service_id',
          'plan_id',
          'parameters',
          'context',
          ...(endpoint === 'provision'
            ? ['organization_guid', 'space_guid', 'maintenance_info']
            : endpoint === 'bind'
              ? ['bind_resource', 'app_guid']
              : ['maintenance_info', 'previous_values']),
        ]) {
          const isRequired = (method === 'PATCH' ? required.slice(0, 1) : required).includes(field)
          for (const value of [1, true, [], ...(isRequired ? [null] : [])])
            t.match(
              await call(method, at, { ...body, [field]: value }),
              { status: 400, body: { description: new RegExp(field) } },
              `${method} ${field}: ${JSON.stringify(value)}`,
            )
        }
      }
    })
  },
)

for (const mode of ['sync', 'async'] as const) {
  t.test(
    `DEC-51 a whole life in which null stands in every optional field (${mode})`,
    async (t) => {
      const site = await openSite(kontor, `go-${mode}`, mode)
      site.simulator.configure({ nulls: true })
      t.match(await kontor.admin('POST', `/api/providers/${site.view.id}/refresh`), {
        body: { catalog: { error: null, offerings: 2, findings: [{ effect: 'note' }] } },
      })
      await runtime.refresh()
      const nothing = { context: null, parameters: null, maintenance_info: null }
      const resource = { app_guid: null, route: null, space_guid: null, app_annotations: null }
      const orders = [
        ['provision', nothing],
        ['provision', {}],
        ['update', { ...nothing, previous_values: { plan_id: null, maintenance_info: null } }],
        ['update', { ...nothing, plan_id: null, maintenance_info: {}, previous_values: null }],
        [
          'bind',
          { ...nothing, app_guid: null, bind_resource: resource, predecessor_binding_id: null },
        ],
        ['bind', { app_guid: '', bind_resource: { app_guid: '' } }],
        ['bind', {}],
      ] as const
      const statuses = []
      for (const [kind, more] of orders) {
        const { first, last } = await site.order(kind, more)
        statuses.push(first.status)
        if (first.status === 202) t.match(last, { body: { state: 'succeeded' } }, kind)
        t.notMatch(first.text + (last?.text ?? ''), /null/)
      }
      const [created, updated] = mode === 'sync' ? [201, 200] : [202, 202]
      // The second update asks for nothing, and each repetition is the same order.
      t.strictSame(statuses, [created, 200, updated, 200, created, 200, 200])
      const { instance, binding } = pathsOf(site.name)
      for (const path of [instance, binding]) {
        const fetched = await call('GET', path)
        t.equal(fetched.status, 200)
        t.notMatch(fetched.text, /null/)
      }
      t.match((await call('GET', binding)).body.credentials, { password: /\S/ })
      const received = [...site.requests('PUT'), ...site.requests('PATCH')]
      t.equal(received.length, 3, 'no repetition reached the provider')
      for (const { body } of received) t.notMatch(JSON.stringify(body), /null/)
      for (const kind of ['unbind', 'deprovision'] as const) {
        const { first, last } = await site.order(kind)
        t.equal(last?.body.state ?? first.status, mode === 'sync' ? 200 : 'succeeded', kind)
      }
      t.strictSame(site.simulator.state().instances, [])
    },
  )
}

t.test('EXT-01 unknown fields at any depth of a request are ignored', async (t) => {
  const more = { vendor_field: { deep: [1, null] }, x: null }
  const context = { platform: 'cloudfoundry', ...more }
  const I = '/v2/service_instances/extended'
  for (const [at, extra] of [{}, more].entries()) {
    provider.reset()
    const deep = at === 0 ? {} : more
    const path = `${I}-${at}`
    const replies = [
      await call('PUT', path, {
        ...order,
        ...extra,
        context: at === 0 ? { platform: 'cloudfoundry' } : context,
        maintenance_info: { version: '1.0.0', ...deep },
        parameters: {},
      }),
      await call('PATCH', path, {
        service_id: small.service_id,
        plan_id: large.plan_id,
        ...extra,
        previous_values: { plan_id: small.plan_id, ...deep },
        maintenance_info: { version: '1.0.0', ...deep },
      }),
      await call('PUT', `${path}/service_bindings/b-${at}`, {
        ...large,
        ...extra,
        bind_resource: { app_guid: 'a', ...deep },
      }),
    ]
    t.strictSame(
      replies.map(({ status, body }) => [status, body]),
      [
        [201, {}],
        [200, {}],
        [201, { credentials: { user: 'u' } }],
      ],
      at === 0 ? 'without' : 'with them just so',
    )
    t.match(
      provider.requests('bind')[0]?.body,
      { bind_resource: { app_guid: 'a', ...deep } },
      'what is opaque goes on whole',
    )
    t.notOk(
      Object.hasOwn(provider.requests('provision')[0]?.body ?? {}, 'vendor_field'),
      'what is addressed to us does not',
    )
  }
})

t.test('EXT-02 unknown fields in any answer of a provider are ignored', async (t) => {
  provider.reset()
  const more = { vendor_field: { deep: [1, null] }, instance_usable: 'not a flag here' }
  provider.respond({
    provision: answer(202, { operation: 'o', ...more, metadata: { labels: {}, ...more } }),
    last_operation: answer(200, { state: 'succeeded', vendor_field: 1 }),
    update: answer(200, more),
    bind: answer(202, { operation: 'o', ...more }),
    binding_last_operation: answer(200, { state: 'succeeded', vendor_field: 1 }),
    fetch_binding: answer(200, {
      credentials: { user: 'u', ...more },
      endpoints: [{ host: 'h', ports: ['1'], ...more }],
      ...more,
    }),
    unbind: answer(200, more),
    deprovision: answer(200, more),
  })
  const I = '/v2/service_instances/extended-answers'
  const B = `${I}/service_bindings/extended-b`
  const ai = 'accepts_incomplete=true'
  t.match((await finished(call, I, (await call('PUT', `${I}?${ai}`, order)).body.operation)).body, {
    state: 'succeeded',
  })
  t.equal(
    (await call('PATCH', `${I}?${ai}`, { service_id: small.service_id, parameters: { size: 2 } }))
      .status,
    200,
  )
  t.match((await finished(call, B, (await call('PUT', `${B}?${ai}`, small)).body.operation)).body, {
    state: 'succeeded',
  })
  t.match(
    (await call('GET', B)).body,
    { credentials: { user: 'u', ...more }, vendor_field: more.vendor_field },
    'and passed on, where they belong to the platform',
  )
  t.equal((await call('DELETE', `${B}?${ids}&${ai}`)).status, 200)
  t.equal((await call('DELETE', `${I}?${ids}&${ai}`)).status, 200)
  provider.respond({
    provision: answer(422, {
      error: 'ConcurrencyError',
      description: 'Busy.',
      vendor_field: {},
    }),
  })
  t.match(
    await call('PUT', `${I}-2`, order),
    { status: 422, body: { error: 'ConcurrencyError' } },
    'in errors too',
  )
  const [database] = catalogOf('nord').services
  provider.respond({
    catalog: answer(200, {
      vendor_field: 1,
      services: [
        {
          ...database,
          vendor_field: 1,
          plans: database?.plans.map((plan) => ({ ...plan, ...more })),
        },
      ],
    }),
  })
  t.match((await provider.refresh()).body.catalog, {
    error: null,
    offerings: 1,
    findings: { length: 0 },
  })
  provider.reset()
  await provider.refresh()
})

t.test("EXT-03 Kontor's own fields are grouped under its name", async (t) => {
  const known = new Set([
    'id',
    'name',
    'description',
    'tags',
    'requires',
    'bindable',
    'instances_retrievable',
    'bindings_retrievable',
    'allow_context_updates',
    'metadata',
    'plan_updateable',
    'plans',
  ])
  const { services } = (await call('GET', '/v2/catalog')).body as {
    services: Array<{ name: string; metadata: Record<string, unknown> }>
  }
  for (const service of services.filter(({ name }) => name.startsWith('nord-'))) {
    t.strictSame(
      Object.keys(service).filter((name) => !known.has(name)),
      [],
    )
    t.match(service.metadata['kontor'], { provider: 'nord' })
  }
  provider.reset()
  t.equal(
    (
      await call('PUT', '/v2/service_instances/ours', {
        ...order,
        context: { platform: 'x' },
        parameters: { a: 1 },
        maintenance_info: { version: '1.0.0' },
      })
    ).status,
    201,
  )
  t.strictSame(
    Object.keys(provider.requests('provision')[0]?.body as object).toSorted(),
    [
      'context',
      'maintenance_info',
      'organization_guid',
      'parameters',
      'plan_id',
      'service_id',
      'space_guid',
    ],
    'a provider gets none of ours',
  )
})

t.test('EXT-04 unknown query parameters and headers are ignored', async (t) => {
  provider.reset()
  const headers = {
    'x-vendor': '1',
    'x-forwarded-host': 'evil.example',
    cookie: 'a=b',
    accept: 'text/html',
    'x-broker-api-else': 'x',
  }
  for (const { method, path, body, endpoint } of everyCall(small, 'queried', 'queried-b')) {
    const reply = await call(
      method,
      `${path}${path.includes('?') ? '&' : '?'}vendor=1&deep%5Ba%5D=2&flag`,
      body,
      headers,
    )
    t.equal(
      reply.status,
      ['provision', 'bind'].includes(endpoint) ? 201 : 200,
      `${method} ${path}: ${reply.text}`,
    )
  }
  for (const request of provider.upstream.requests) {
    t.notOk(request.query.has('vendor'))
    for (const name of ['x-vendor', 'x-forwarded-host', 'cookie', 'x-broker-api-else'])
      t.notOk(name in request.headers, 'nor are they passed on')
  }
})
