import { readFileSync } from 'node:fs'
import t from 'tap'
import { defaultsOf, validatorOf } from '../../src/schemas.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { here, startKontor, until, type Reply } from '../support/kontor.ts'
import { answer, freePort, scriptedUpstream } from '../support/scripted-upstream.ts'
import { catalogOf } from '../support/catalogs.ts'
import { traces } from '../support/witness.ts'

const secret = 'hunter2-hunter2-hunter2'
const registration = {
  name: 'sued',
  backend: 'osb',
  settings: { url: 'http://127.0.0.1:9' },
  credentials: { username: 'kontor', password: secret },
}

const kontor = await startKontor(t)
const { admin, call, addProvider, find } = kontor
// Each test begins without a provider.
t.afterEach(async () => {
  for (const { id } of (await admin('GET', '/api/providers')).body.items as { id: string }[])
    await admin('DELETE', `/api/providers/${id}`)
})

interface ProblemLike {
  status: number
  type: RegExp
  detail: RegExp | string
  instance: string
}

function problem(reply: Reply, { status, type, detail, instance }: ProblemLike): [Reply, object] {
  return [
    reply,
    {
      status,
      headers: { 'content-type': /^application\/problem\+json/ },
      body: { type, title: /\w/, status, detail, instance },
    },
  ]
}

t.test(
  'an invalid registration is refused with the name of the field, and registers nothing',
  async (t) => {
    const bad: ReadonlyArray<readonly [change: object, says: RegExp]> = [
      [{ name: undefined }, /^name is missing/],
      [{ name: 1 }, /^name must be string/],
      [{ name: '' }, /^name must match/],
      [{ name: 'A' }, /^name must match/],
      [{ name: 'a b' }, /^name must match/],
      [{ name: 'ü' }, /^name must match/],
      [{ name: 'x'.repeat(41) }, /^name must match/],
      [{ name: 'a-' }, /^name must match/],
      [{ name: null }, /^name must be string/],
      [{ backend: undefined }, /^backend is missing/],
      [{ backend: 'ftp' }, /^backend must be one of "osb"/],
      [{ settings: undefined }, /^settings is missing/],
      [{ settings: 'x' }, /^settings must be object/],
      [{ settings: {} }, /^settings\.url is missing/],
      ...[
        '',
        'ftp://x',
        'x',
        'http://user:pass@host',
        'http://host?x',
        'http://host#x',
        'http:// host',
      ].map((url) => [{ settings: { url } }, /^settings\.url must match/] as const),
      [{ settings: { url: 'http://[' } }, /^settings\.url is not a valid URL/],
      [{ settings: { url: 'http://host:99999' } }, /^settings\.url is not a valid URL/],
      [{ settings: { url: 1 } }, /^settings\.url must be string/],
      [{ settings: { url: 'http://host', more: 1 } }, /^settings\.more is not a known field/],
      [
        { settings: { url: 'http://host', timeoutSeconds: 0 } },
        /^settings\.timeoutSeconds must be > 0/,
      ],
      [
        { settings: { url: 'http://host', timeoutSeconds: '5' } },
        /^settings\.timeoutSeconds must be number/,
      ],
      [{ settings: { url: 'http://host', apiVersion: '3.0' } }, /^settings\.apiVersion must match/],
      [{ settings: { url: 'http://host', tlsCa: 'x' } }, /^settings\.tlsCa must match/],
      [
        {
          settings: {
            url: 'http://host',
            tlsCa: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----',
          },
        },
        /^settings\.tlsCa holds no readable certificate/,
      ],
      [{ credentials: undefined }, /^credentials is missing/],
      [{ credentials: {} }, /^credentials/],
      [{ credentials: { username: 'a' } }, /^credentials\.password is missing/],
      [{ credentials: { username: 'a:b', password: secret } }, /^credentials\.username must match/],
      [
        { credentials: { username: 'a', password: '' } },
        /^credentials\.password must not be empty/,
      ],
      [{ credentials: { username: 'a', password: secret, more: 1 } }, /^credentials/],
      [{ credentials: secret }, /^credentials must be object/],
      [{ concurrency: 0 }, /^concurrency must be >= 1/],
      [{ concurrency: '5' }, /^concurrency must be integer/],
      [{ concurrency: 1.5 }, /^concurrency must be integer/],
      [{ refreshSeconds: 1 }, /^refreshSeconds must be >= 5/],
      [{ displayName: '' }, /^displayName must not be empty/],
      [{ displayName: 'x'.repeat(256) }, /^displayName must NOT have more than 255/],
      [{ displayName: 'a\0b' }, /U\+0000/],
      [{ surprise: 1 }, /^surprise is not a known field/],
    ]
    for (const [change, says] of bad) {
      const reply = await admin('POST', '/api/providers', { ...registration, ...change })
      t.match(
        ...problem(reply, {
          status: 400,
          type: /\/invalid_request$/,
          detail: says,
          instance: '/api/providers',
        }),
        `${JSON.stringify(change).slice(0, 80)}: ${reply.text}`,
      )
      t.notOk(reply.text.includes(secret), 'the password is not shown')
    }
    for (const body of ['{', '[]', 'null', '"x"'])
      t.match(
        await admin('POST', '/api/providers', body),
        { status: 400, headers: { 'content-type': /^application\/problem\+json/ } },
        body,
      )
    t.match(await admin('POST', '/api/providers', registration, { 'content-type': 'text/plain' }), {
      status: 400,
      body: { detail: /Content-Type/ },
    })
    t.match(
      await admin('POST', '/api/providers', {
        ...registration,
        displayName: 'x'.repeat(1_100_000),
      }),
      { status: 413, body: { type: /too_large$/ } },
    )
    t.strictSame((await admin('GET', '/api/providers')).body, { items: [] })
  },
)

t.test('no response shows credentials, and no row has them in clear text', async (t) => {
  const upstream = await scriptedUpstream(t, answer(200, catalogOf('sued')))
  const replies = [
    await admin('POST', '/api/providers', { ...registration, settings: { url: upstream.url } }),
  ]
  const at = `/api/providers/${String(replies[0]?.body.id)}`
  replies.push(
    await admin('GET', at),
    await admin('GET', '/api/providers'),
    await admin('POST', `${at}/refresh`),
    await admin('PATCH', at, { credentials: { token: `${secret}-token` } }),
    await admin('PATCH', at, { credentials: { username: secret } }),
    await admin('POST', '/api/providers', {
      ...registration,
      credentials: { username: 'a', password: secret },
    }),
    await admin('DELETE', at),
  )
  t.strictSame(
    replies.map(({ status }) => status),
    [201, 200, 200, 200, 200, 400, 409, 204],
  )
  for (const { text } of replies) t.notOk(text.includes('hunter2'), text.slice(0, 100))
  t.notOk('credentials' in (replies[0]?.body ?? {}))
  t.equal(
    upstream.requests[0]?.headers['authorization'],
    basicAuth('kontor', secret),
    'the provider received them',
  )
  t.equal(
    upstream.requests.at(-1)?.headers['authorization'],
    `Bearer ${secret}-token`,
    'and received the new ones after the change',
  )
  const rows = await kontor.running.runtime.db.selectFrom('providers').selectAll().execute()
  t.notOk(
    JSON.stringify(
      rows.map((row) => ({ ...row, credentials: row.credentials?.toString('latin1') })),
    ).includes('hunter2'),
  )
  t.equal(rows[0]?.credentials, null, 'a removed provider keeps none')
})

t.test('a name can be registered only once', async (t) => {
  const { view } = await addProvider('nord')
  const again = await admin('POST', '/api/providers', { ...registration, name: 'nord' })
  t.match(
    ...problem(again, {
      status: 409,
      type: /\/conflict$/,
      detail: /"nord" is registered already/,
      instance: '/api/providers',
    }),
  )
  t.match(
    (await admin('GET', `/api/providers/${view.id}`)).body,
    { settings: view.settings, displayName: 'nord' },
    'the first provider has not changed',
  )
  const both = await Promise.all([1, 2].map(() => admin('POST', '/api/providers', registration)))
  t.strictSame(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
    'also with concurrent requests',
  )
  await t.test('what a registration leaves out has the value that its schema names', async (t) => {
    const defaults = defaultsOf('create-provider')
    const { required, properties } = validatorOf('create-provider').schema as {
      required: string[]
      properties: object
    }
    t.strictSame(
      Object.keys(properties).filter((field) => !required.includes(field) && !(field in defaults)),
      // The name stands for the first; only one kind of mitigation has the second.
      ['displayName', 'mitigationRetainHours'],
    )
    const view = both.find(({ status }) => status === 201)?.body as object
    t.match(view, { displayName: registration.name })
    t.strictSame(
      Object.fromEntries(Object.entries(view).filter(([field]) => field in defaults)),
      defaults,
    )
    t.notOk('mitigationRetainHours' in view)
    t.notOk('revision' in view, 'the revision is for processes of Kontor')
  })
})

t.test('a provider without a readable catalog is registered, and `catalog` says why', async (t) => {
  const port = await freePort()
  const scripts = {
    html: answer(200, '<html>'),
    error: answer(500),
    closed: answer(401),
    moved: answer(302, '', { location: 'http://127.0.0.1' }),
    list: answer(200, []),
  }
  const upstreams = await Promise.all(
    Object.entries(scripts).map(
      async ([name, script]) => [name, (await scriptedUpstream(t, script)).url] as const,
    ),
  )
  const says: Record<string, RegExp> = {
    away: /refused|reached|connect/i,
    html: /JSON/,
    error: /500/,
    closed: /wrong credentials \(401\)/,
    moved: /redirect \(302\)/,
    list: /./,
  }
  for (const [name, url] of [['away', `http://127.0.0.1:${port}`] as const, ...upstreams]) {
    const reply = await admin('POST', '/api/providers', {
      ...registration,
      name,
      settings: { url, catalogTimeoutSeconds: 2 },
    })
    t.match(
      reply,
      {
        status: 201,
        headers: { location: `/api/providers/${String(reply.body.id)}` },
        body: {
          name,
          state: 'active',
          catalog: { offerings: 0, plans: 0, stale: true, checkedAt: null, error: says[name] },
        },
      },
      `${name}: ${reply.text}`,
    )
    t.match(await admin('POST', `/api/providers/${String(reply.body.id)}/refresh`), {
      status: 200,
      body: { catalog: { error: says[name] } },
    })
  }
  t.match(await call('GET', '/v2/catalog'), { status: 200, body: { services: { length: 0 } } })
})

t.test('a change is checked like a registration, and an invalid one changes nothing', async (t) => {
  const { view } = await addProvider('nord')
  const at = `/api/providers/${view.id}`
  const before = (await admin('GET', at)).body
  for (const [change, says] of [
    [{}, /must NOT have fewer than 1/],
    [{ name: 'other' }, /^name is not a known field/],
    [{ backend: 'osb' }, /^backend is not a known field/],
    [{ settings: {} }, /^settings\.url is missing/],
    [{ settings: { url: 'http://[' } }, /^settings\.url is not a valid URL/],
    [{ credentials: {} }, /^credentials/],
    [{ concurrency: 0 }, /^concurrency must be >= 1/],
    [{ refreshSeconds: null }, /^refreshSeconds must be integer/],
    [{ displayName: 1 }, /^displayName must be string/],
    [{ state: 'removed' }, /^state is not a known field/],
  ] as const) {
    t.match(
      ...problem(await admin('PATCH', at, change), {
        status: 400,
        type: /\/invalid_request$/,
        detail: says,
        instance: at,
      }),
      JSON.stringify(change),
    )
  }
  t.strictSame((await admin('GET', at)).body, before)
  t.match(await admin('PATCH', at, { displayName: 'Norden', concurrency: 7, refreshSeconds: 99 }), {
    status: 200,
    body: {
      displayName: 'Norden',
      concurrency: 7,
      refreshSeconds: 99,
      settings: view.settings,
      catalog: { offerings: 2 },
    },
  })
})

t.test('stored credentials are sent only to the address for which they were given', async (t) => {
  const { view, password } = await addProvider('nord')
  const own = String(view.settings['url'])
  const elsewhere = await scriptedUpstream(t, answer(200, catalogOf('nord')))
  const at = `/api/providers/${view.id}`
  const before = (await admin('GET', at)).body
  const tlsCa = readFileSync(new URL('../support/tls/ca.pem', import.meta.url), 'utf8')
  const detail =
    /^credentials is missing: with another (origin in settings\.url|settings\.tlsCa) they must be given again\.$/
  for (const settings of [
    { url: elsewhere.url },
    { url: `${elsewhere.url}/v2` },
    { url: own.replace('http:', 'https:') },
    { url: own.replace('127.0.0.1', 'localhost') },
    { ...view.settings, tlsCa },
  ]) {
    t.match(
      ...problem(await admin('PATCH', at, { settings, displayName: 'Other' }), {
        status: 400,
        type: /\/invalid_request$/,
        detail,
        instance: at,
      }),
      JSON.stringify(settings).slice(0, 80),
    )
  }
  t.strictSame((await admin('GET', at)).body, before)
  t.strictSame(elsewhere.requests, [], 'Kontor called no other server')
  t.equal(
    (
      await admin('PATCH', at, {
        settings: { ...view.settings, url: `${own}/`, timeoutSeconds: 7 },
      })
    ).status,
    200,
    'a change on the same server keeps them',
  )

  t.match(
    await admin('PATCH', at, {
      settings: { ...view.settings, tlsCa },
      credentials: { username: 'kontor', password },
    }),
    { status: 200, body: { catalog: { error: null } } },
  )
  t.match(
    await admin('PATCH', at, { settings: view.settings }),
    { status: 400, body: { detail } },
    'other authorities are trusted without them',
  )
  t.match(
    await admin('PATCH', at, {
      settings: { url: elsewhere.url },
      credentials: { username: 'kontor', password: secret },
    }),
    { status: 200, body: { settings: { url: elsewhere.url } } },
  )
  t.equal(elsewhere.requests.at(-1)?.headers['authorization'], basicAuth('kontor', secret))
})

t.test('the audit log has the changes of a provider, without secrets', async (t) => {
  // A provider that is registered again keeps its id, so this name is used only here.
  const { view, simulator, password } = await addProvider('west')
  const elsewhere = await scriptedUpstream(t, answer(200, catalogOf('west')))
  const at = `/api/providers/${view.id}`
  const { timeoutSeconds: _, ...shorter } = view.settings
  await admin('PATCH', at, { displayName: 'Norden', concurrency: 7 })
  await admin('PATCH', at, { settings: { ...shorter, originatingIdentity: 'drop' } })
  await admin('PATCH', at, {
    settings: { url: `${elsewhere.url}/broker` },
    credentials: { username: 'kontor', password: secret },
  })
  await admin('PATCH', at, { credentials: { token: secret } })
  const { text, body } = await admin(
    'GET',
    `/api/audit/events?objectKind=provider&objectId=${view.id}`,
  )
  t.strictSame(
    body.items
      .filter(({ action }: { action: string }) => /register|change/.test(action))
      .map(({ details }: { details: object }) => details),
    [
      { fields: 'credentials', revision: 5, credentialsReplaced: true },
      {
        fields:
          'settings.catalogTimeoutSeconds,settings.originatingIdentity,settings.url,credentials',
        revision: 4,
        credentialsReplaced: true,
        fromOrigin: simulator.url,
        toOrigin: elsewhere.url,
        approvedOrigins: elsewhere.url,
      },
      {
        fields: 'settings.originatingIdentity,settings.timeoutSeconds',
        revision: 3,
        credentialsReplaced: false,
      },
      { fields: 'displayName,concurrency', revision: 2, credentialsReplaced: false },
      { name: 'west', origin: simulator.url },
    ],
  )
  for (const hidden of [secret, password]) t.notOk(text.includes(hidden))
})

t.test(
  'with settings that do not work the last good catalog stays, and `catalog` says so',
  async (t) => {
    const { view } = await addProvider('nord')
    const at = `/api/providers/${view.id}`
    const { text } = await call('GET', '/v2/catalog')
    t.match(await admin('PATCH', at, { credentials: { username: 'kontor', password: 'wrong' } }), {
      status: 200,
      body: { catalog: { offerings: 2, stale: true, error: /wrong credentials/ } },
    })
    t.equal((await call('GET', '/v2/catalog')).text, text)
  },
)

t.test('every route of an unknown provider answers 404', async (t) => {
  for (const id of [
    'none',
    '%20',
    '0192f0c1-0000-7000-8000-000000000000',
    'x'.repeat(3_000),
    "'; drop table providers; --".replaceAll(' ', '%20'),
  ]) {
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { displayName: 'x' }],
      ['DELETE', ''],
      ['POST', '/refresh'],
    ] as const) {
      const reply = await admin(method, `/api/providers/${id}${path}`, body)
      t.match(
        reply,
        {
          status: 404,
          headers: { 'content-type': /^application\/problem\+json/ },
          body: { type: /\/not_found$/, status: 404, detail: 'There is no such provider.' },
        },
        `${method} ${id.slice(0, 40)}${path}: ${reply.text}`,
      )
    }
  }
  for (const [method, path] of [
    ['PUT', '/api/providers'],
    ['DELETE', '/api/providers'],
    ['GET', '/api/nothing'],
    ['GET', '/api'],
    ['GET', '/api/providers/'],
    ['GET', '/api/providers/%zz'],
  ] as const) {
    const reply = await admin(method, path)
    t.ok([400, 404].includes(reply.status), `${method} ${path} is ${reply.status}`)
    t.match(reply.headers['content-type'], /^application\/problem\+json/)
  }
})

t.test(
  'a provider with instances is not removed; while it drains it is hidden but serves them',
  async (t) => {
    const { runtime } = kontor.running
    const { view, simulator } = await addProvider('nord')
    await addProvider('ost')
    const small = await find('nord', 'db', 'small')
    const ost = await find('ost', 'db', 'small')
    const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`
    const at = `/api/providers/${view.id}`
    const I = '/v2/service_instances/i-1'
    t.equal((await call('PUT', I, { ...small, ...here })).status, 201)
    t.equal((await call('PUT', `${I}/service_bindings/b-1`, small)).status, 201)

    const before = await traces(runtime.db, simulator)
    t.match(
      ...problem(await admin('DELETE', at), {
        status: 409,
        type: /\/in_use$/,
        detail: /still has 1 instance\./,
        instance: at,
      }),
    )
    t.match(await admin('DELETE', `${at}?drain=false`), { status: 409 })
    t.match(await admin('DELETE', `${at}?drain=yes`), {
      status: 400,
      body: { detail: /drain must be one of/ },
    })
    t.strictSame(await traces(runtime.db, simulator), before)
    t.match((await admin('GET', at)).body, { state: 'active', catalog: { offerings: 2 } })

    t.match(await admin('DELETE', `${at}?drain=true`), {
      status: 202,
      body: { state: 'draining', catalog: { offerings: 0, plans: 0 } },
    })
    const { body } = await until(
      () => call('GET', '/v2/catalog'),
      ({ body: { services } }) => services.length === 2,
    )
    t.ok(body.services.every(({ name }: { name: string }) => name.startsWith('ost-')))
    t.match(await call('PUT', '/v2/service_instances/i-2', { ...small, ...here }), {
      status: 400,
      body: { description: /no longer offered/ },
    })
    t.equal(
      (await call('PUT', '/v2/service_instances/i-2', { ...ost, ...here })).status,
      201,
      'other providers are not affected',
    )
    t.equal((await call('GET', I)).status, 200)
    t.equal((await call('PUT', `${I}/service_bindings/b-2`, small)).status, 201)
    t.equal(
      (await call('PATCH', I, { service_id: small.service_id, parameters: { size: 2 } })).status,
      200,
    )
    t.equal((await call('DELETE', `${I}/service_bindings/b-1?${ids}`)).status, 200)
    t.match(
      await admin('POST', '/api/providers', { ...registration, name: 'nord' }),
      { status: 409 },
      'its name is still taken',
    )
    t.equal((await call('DELETE', `${I}?${ids}`)).status, 200)
    t.strictSame(simulator.state().instances, [])
    t.equal((await admin('DELETE', at)).status, 204)
    t.equal((await admin('GET', at)).status, 404)
    t.equal((await admin('DELETE', at)).status, 404)
    const ostIds = `service_id=${ost.service_id}&plan_id=${ost.plan_id}`
    t.equal((await call('DELETE', `/v2/service_instances/i-2?${ostIds}`)).status, 200)
  },
)

t.test('a provider that is registered again publishes the same ids', async (t) => {
  const first = await addProvider('nord')
  const { text } = await call('GET', '/v2/catalog')
  t.equal((await admin('DELETE', `/api/providers/${first.view.id}`)).status, 204)
  t.match(
    await until(
      () => call('GET', '/v2/catalog'),
      ({ body }) => body.services.length === 0,
    ),
    { status: 200 },
  )
  t.strictSame((await admin('GET', '/api/providers')).body, { items: [] })
  // Another server and another password: Kontor must use neither of the former ones.
  await addProvider('nord')
  t.equal((await call('GET', '/v2/catalog')).text, text)
  t.equal(
    (await call('PUT', '/v2/service_instances/i-1', { ...(await find('nord', 'db')), ...here }))
      .status,
    201,
    'and takes orders at the new address',
  )
})
