// Fields of OSB 2.16 and 2.17 and unknown fields pass unchanged from the provider to the platform,
// and from the platform to the provider.
import t, { type Test } from 'tap'
import { finished, here, startKontor, until, type Reply } from '../support/kontor.ts'
import { answer, type Received } from '../support/scripted-upstream.ts'
import { scriptedProvider, type ScriptedProvider } from '../support/scripted-provider.ts'

type Json = Record<string, unknown>

const kontor = await startKontor(t)
const { call, find } = kontor
const unknown = {
  'x-own': { deep: [{ er: [1, null, { ü: 'ß' }] }], empty: {}, none: null },
  sovereign: true,
}

function catalogOf(name: string, version = '2.0.0+build.7') {
  const plan = (size: string) => ({
    id: `${name}-${size}`,
    name: size,
    description: size,
    free: false,
    binding_rotatable: true,
    maximum_polling_duration: 600,
    maintenance_info: { version, description: 'Ten minutes without service.', ...unknown },
    metadata: {
      displayName: size,
      bullets: ['a'],
      costs: [{ amount: { eur: 9.5 }, unit: 'MONTHLY', ...unknown }],
      ...unknown,
    },
    schemas: {
      service_instance: {
        create: {
          parameters: {
            $schema: 'http://json-schema.org/draft-07/schema#',
            type: 'object',
            ...unknown,
          },
          ...unknown,
        },
      },
      ...unknown,
    },
    ...unknown,
  })
  return {
    services: [
      {
        id: name,
        name: 'db',
        description: 'db',
        bindable: true,
        plan_updateable: true,
        instances_retrievable: true,
        bindings_retrievable: true,
        allow_context_updates: true,
        tags: ['a'],
        requires: ['syslog_drain', 'route_forwarding', 'volume_mount'],
        metadata: { displayName: 'db', shareable: true, ...unknown },
        ...unknown,
        plans: [plan('small'), plan('large')],
      },
    ],
  }
}

interface Lane {
  readonly provider: ScriptedProvider
  readonly small: { service_id: string; plan_id: string }
  readonly large: { service_id: string; plan_id: string }
  readonly instance: string
  readonly binding: string
  put(path: string, more?: Json): Promise<Reply>
  patch(body: Json): Promise<Reply>
  del(path: string): Promise<Reply>
}

async function laneOf(t: Test, name: string, isAsync = false): Promise<Lane> {
  const provider = await scriptedProvider(t, kontor, name, { catalog: catalogOf(name) })
  const [small, large] = await Promise.all([find(name, 'db', 'small'), find(name, 'db', 'large')])
  const instance = `/v2/service_instances/${name}`
  const query = isAsync ? 'accepts_incomplete=true' : ''
  return {
    provider,
    small,
    large,
    instance,
    binding: `${instance}/service_bindings/${name}-b`,
    put: (path, more = {}) =>
      call('PUT', `${path}?${query}`, { ...small, ...(path === instance ? here : {}), ...more }),
    patch: (body) =>
      call('PATCH', `${instance}?${query}`, { service_id: small.service_id, ...body }),
    del: (path) =>
      call('DELETE', `${path}?service_id=${small.service_id}&plan_id=${small.plan_id}&${query}`),
  }
}

const bodies = (requests: Received[]) => requests.map(({ body }) => body as Json)

t.test(
  'a catalog: every field that the specification has and every one that it has not, at any depth',
  async (t) => {
    await scriptedProvider(t, kontor, 'catalog', { catalog: catalogOf('catalog') })
    const { body } = await call('GET', '/v2/catalog')
    const published = (body.services as Json[]).find(({ name }) => name === 'catalog-db')
    const [offering] = catalogOf('catalog').services
    if (offering === undefined || published === undefined) throw new Error('It is not published.')
    const { id: _id, name: _name, plans, tags, metadata, ...rest } = offering
    const { id: _ourId, name: _ourName, plans: ourPlans, ...ours } = published
    t.strictSame(ours, {
      ...rest,
      tags: [...tags, 'catalog'],
      metadata: {
        ...metadata,
        providerDisplayName: 'catalog',
        kontor: { provider: 'catalog' },
      },
    })
    for (const [
      at,
      { id: _planId, maximum_polling_duration: seconds, ...plan },
    ] of plans.entries()) {
      const {
        id: _ours,
        maximum_polling_duration: slower,
        ...shown
      } = (ourPlans as Json[])[at] ?? {}
      t.strictSame(shown, plan)
      // DEC-28: the published limit is a little longer, so that Kontor's own limit ends first.
      t.ok(Number(slower) > seconds)
    }
  },
)

t.test(
  'a provision: dashboard, metadata and unknown fields in the first answer, in its repetition and in the fetch',
  async (t) => {
    const returned = {
      dashboard_url: 'https://dash.example/x?y=z#ä',
      metadata: {
        labels: { 'a.example/b': ['c', 1] },
        attributes: { size: { gb: 5 } },
        ...unknown,
      },
      ...unknown,
    }
    for (const [name, status] of [
      ['at-once', 201],
      ['existing', 200],
      ['later', 202],
    ] as const) {
      const { provider, instance, put, small, del } = await laneOf(
        t,
        `provision-${name}`,
        status === 202,
      )
      provider.respond({
        provision: answer(status, {
          ...returned,
          ...(status === 202 ? { operation: 'op' } : {}),
        }),
      })
      const order = {
        parameters: { a: [{ b: 1.5 }] },
        context: { platform: 'x', ...unknown },
        maintenance_info: { version: '2.0.0+build.7' },
      }
      const first = await put(instance, order)
      t.equal(first.status, status === 202 ? 202 : 201, first.text)
      const { operation, ...shown } = first.body
      t.strictSame(shown, returned)
      if (status === 202)
        t.equal((await finished(call, instance, operation)).body.state, 'succeeded')
      const again = await put(instance, order)
      t.strictSame([again.status, again.body], [200, returned])
      t.strictSame((await call('GET', instance)).body, {
        ...returned,
        ...small,
        parameters: order.parameters,
        maintenance_info: order.maintenance_info,
      })
      const {
        service_id: _service,
        plan_id: _plan,
        ...sent
      } = bodies(provider.requests('provision'))[0] ?? {}
      t.strictSame(sent, {
        ...order,
        organization_guid: here.organization_guid,
        space_guid: here.space_guid,
      })
      t.equal((await del(instance)).status, 200)
    }
  },
)

t.test("a provision: a provider cannot set Kontor's own fields", async (t) => {
  const { provider, instance, put, small } = await laneOf(t, 'provision-spilling')
  provider.respond({
    provision: answer(201, {
      service_id: 'theirs',
      plan_id: 'theirs',
      operation: 'theirs',
      parameters: { a: 1 },
      maintenance_info: { version: '9.9.9' },
      own: 1,
    }),
  })
  t.strictSame((await put(instance)).body, { own: 1 })
  t.strictSame((await call('GET', instance)).body, {
    own: 1,
    ...small,
    maintenance_info: { version: '2.0.0+build.7' },
  })
})

t.test(
  'an update: a new dashboard, metadata and unknown fields are passed on and kept; omitted ones stay as they were',
  async (t) => {
    for (const isAsync of [false, true]) {
      const { provider, instance, put, patch, large } = await laneOf(
        t,
        `update-${isAsync ? 'later' : 'at-once'}`,
        isAsync,
      )
      provider.respond({
        provision: answer(201, {
          dashboard_url: 'https://old.example',
          metadata: { labels: { old: '1' } },
          kept: 1,
          changed: 1,
        }),
      })
      await put(instance)
      const returned = {
        dashboard_url: 'https://new.example',
        metadata: { labels: { new: '2' } },
        changed: { to: 2 },
      }
      provider.respond({
        update: answer(isAsync ? 202 : 200, {
          ...returned,
          ...(isAsync ? { operation: 'op' } : {}),
        }),
      })
      const updated = await patch({
        plan_id: large.plan_id,
        parameters: { size: 2 },
        context: { platform: 'x', ...unknown },
      })
      t.match(updated.body, returned)
      if (isAsync) await finished(call, instance, updated.body.operation)
      t.match((await call('GET', instance)).body, {
        ...large,
        ...returned,
        kept: 1,
        parameters: { size: 2 },
      })
      const [sent] = bodies(provider.requests('update'))
      t.strictSame(sent?.['parameters'], { size: 2 })
      t.strictSame(sent?.['context'], { platform: 'x', ...unknown })
      provider.respond({ update: answer(200, {}) })
      await patch({ parameters: { size: 3 } })
      t.match((await call('GET', instance)).body, {
        ...large,
        ...returned,
        kept: 1,
        parameters: { size: 3 },
      })
    }
  },
)

t.test(
  'a failed update: instance_usable and update_repeatable, in an error and in last_operation, neither made up',
  async (t) => {
    for (const flags of [
      { instance_usable: false, update_repeatable: false },
      { instance_usable: true, update_repeatable: false },
      { update_repeatable: true },
      {},
    ]) {
      const name = `failing-${Object.values(flags).join('-') || 'silent'}`
      const { provider, instance, put, patch } = await laneOf(t, name, true)
      await put(instance)
      provider.respond({
        update: [answer(422, { description: 'No.', ...flags }), answer(202, { operation: 'op' })],
      })
      provider.respond({
        last_operation: answer(200, {
          state: 'failed',
          description: 'No room.',
          ...flags,
        }),
      })
      const refused = await patch({ parameters: { a: 1 } })
      const { description, ...shown } = refused.body
      t.strictSame([refused.status, shown], [422, flags], name)
      t.match(description, /No\./)
      const accepted = await patch({ parameters: { a: 2 } })
      const {
        state,
        description: why,
        ...returned
      } = (await finished(call, instance, accepted.body.operation)).body
      t.strictSame([state, returned], ['failed', flags], name)
      t.match(why, /No room\./)
    }
  },
)

t.test('a failed deprovision: instance_usable, and never update_repeatable', async (t) => {
  const { provider, instance, put, del } = await laneOf(t, 'stuck', true)
  await put(instance)
  const flags = { instance_usable: false, update_repeatable: false }
  provider.respond({
    deprovision: [
      answer(400, { description: 'Not now.', ...flags }),
      answer(202, { operation: 'op' }),
      answer(200),
    ],
  })
  provider.respond({
    last_operation: answer(200, {
      state: 'failed',
      description: 'Still mounted.',
      ...flags,
    }),
  })
  const { description: _sentence, ...refused } = (await del(instance)).body
  t.strictSame(refused, { instance_usable: false })
  const {
    state,
    description: _why,
    ...returned
  } = (await finished(call, instance, (await del(instance)).body.operation)).body
  t.strictSame([state, returned], ['failed', { instance_usable: false }])
  t.equal((await del(instance)).status, 200)
})

const everything = {
  credentials: { uri: 'postgres://u:p@h/d', ports: [1, 2], nested: { 'credhub-ref': '/c' } },
  metadata: {
    expires_at: '2099-01-31T00:00:00.0Z',
    renew_before: '2099-01-24T12:34:56.789Z',
    ...unknown,
  },
  endpoints: [
    { host: 'db.example', ports: ['5432', '9000-9010'], protocol: 'all', ...unknown },
    { host: '10.0.0.1', ports: ['443'] },
  ],
  volume_mounts: [
    {
      driver: 'nfs',
      container_dir: '/data',
      mode: 'r',
      device_type: 'shared',
      device: { volume_id: 'v', mount_config: { key: 'value', ...unknown } },
      ...unknown,
    },
  ],
  route_service_url: 'https://route.example/x?y=%20z',
  syslog_drain_url: 'syslog-tls://drain.example:6514?drain-type=all',
  ...unknown,
}

t.test(
  'a binding: credentials, expiry, endpoints, volume mounts, route service, log drain and unknown fields, at any depth',
  async (t) => {
    const order = {
      bind_resource: { route: 'app.example.com/path', app_guid: 'a', ...unknown },
      parameters: { role: 'r' },
      context: { platform: 'x', ...unknown },
    }
    for (const isAsync of [false, true]) {
      const { provider, instance, binding, put } = await laneOf(
        t,
        `binding-${isAsync ? 'later' : 'at-once'}`,
        isAsync,
      )
      await put(instance)
      provider.respond({
        bind: isAsync ? answer(202, { operation: 'op' }) : answer(201, everything),
        fetch_binding: answer(200, everything),
      })
      const bound = await put(binding, order)
      if (isAsync) t.strictSame(Object.keys(bound.body as Json), ['operation'])
      else t.strictSame([bound.status, bound.body], [201, everything])
      if (isAsync) await finished(call, binding, bound.body.operation)
      t.strictSame((await put(binding, order)).body, everything)
      t.strictSame((await call('GET', binding)).body, {
        ...everything,
        parameters: order.parameters,
      })
      const {
        service_id: _service,
        plan_id: _plan,
        ...sent
      } = bodies(provider.requests('bind'))[0] ?? {}
      t.strictSame(sent, order)
    }
  },
)

t.test(
  'a rotation: the provider hears its own id of the predecessor, and both bindings hold until each is deleted',
  async (t) => {
    for (const isAsync of [false, true]) {
      const { provider, instance, binding, put, del } = await laneOf(
        t,
        `rotation-${isAsync ? 'later' : 'at-once'}`,
        isAsync,
      )
      await put(instance)
      const made = (user: string) => ({
        credentials: { user },
        metadata: { expires_at: '2099-01-31T00:00:00.0Z', renew_before: '2099-01-01T00:00:00.0Z' },
      })
      const [old, fresh] = [made('old'), made('new')]
      provider.respond({
        bind: [old, fresh].map((one) =>
          isAsync ? answer(202, { operation: one.credentials.user }) : answer(201, one),
        ),
      })
      provider.respond({ fetch_binding: [answer(200, old), answer(200, fresh)] })
      const first = await put(binding, { parameters: { role: 'r' } })
      if (isAsync) await finished(call, binding, first.body.operation)
      // All fields of the table in the section on rotation.
      const successor = `${binding}-2`
      const rotated = await call(
        'PUT',
        `${successor}${isAsync ? '?accepts_incomplete=true' : ''}`,
        { predecessor_binding_id: binding.split('/').at(-1) },
      )
      t.equal(rotated.status, isAsync ? 202 : 201, rotated.text)
      if (isAsync) await finished(call, successor, rotated.body.operation)
      const [before, after] = provider.requests('bind')
      t.match(after?.body, { predecessor_binding_id: before?.path.split('/').at(-1) })
      t.not(after?.path, before?.path)
      t.match(
        [(await call('GET', binding)).body, (await call('GET', successor)).body],
        [old, fresh],
      )
      t.equal((await del(binding)).status, 200)
      t.match((await call('GET', successor)).body, fresh)
      t.equal((await del(successor)).status, 200)
    }
  },
)

t.test(
  "ERR-14 maintenance (DEC-36): the version goes up, a conflict comes down, and the provider's catalog is read again at once",
  async (t) => {
    const { provider, instance, put, patch, small } = await laneOf(t, 'maintenance', true)
    t.equal((await put(instance, { maintenance_info: { version: '2.0.0+build.7' } })).status, 201)
    t.match(bodies(provider.requests('provision'))[0], {
      maintenance_info: { version: '2.0.0+build.7' },
    })

    // The provider publishes a new version before Kontor reads its catalog again.
    provider.respond({ catalog: answer(200, catalogOf('maintenance', '3.0.0-rc.1')) })
    provider.respond({
      update: [
        answer(422, { error: 'MaintenanceInfoConflict', description: 'It is 3.0.0-rc.1 now.' }),
        answer(200, {}),
      ],
    })
    const reads = provider.requests('catalog').length
    const refused = await patch({ maintenance_info: { version: '2.0.0+build.7' } })
    t.match(refused, {
      status: 422,
      body: { error: 'MaintenanceInfoConflict', description: /3\.0\.0-rc\.1/ },
    })
    const versionOf = async () => {
      const { body } = await call('GET', '/v2/catalog')
      return (body.services as Array<{ id: string; plans: Json[] }>).find(
        ({ id }) => id === small.service_id,
      )?.plans[0]?.['maintenance_info'] as Json | undefined
    }
    t.match(await until(versionOf, (info) => info?.['version'] === '3.0.0-rc.1'), {
      description: 'Ten minutes without service.',
    })
    t.ok(provider.requests('catalog').length > reads, 'long before its catalog was due')
    t.match(
      (await call('GET', instance)).body.maintenance_info,
      { version: '2.0.0+build.7' },
      'nothing has changed',
    )

    t.equal(
      (await patch({ maintenance_info: { version: '2.0.0+build.7' } })).body.error,
      'MaintenanceInfoConflict',
      'ours knows it now',
    )
    t.equal((await patch({ maintenance_info: { version: '3.0.0-rc.1' } })).status, 200)
    t.strictSame(
      bodies(provider.requests('update')).map(({ maintenance_info: info }) => info),
      [{ version: '2.0.0+build.7' }, { version: '3.0.0-rc.1' }],
    )
    t.match((await call('GET', instance)).body.maintenance_info, { version: '3.0.0-rc.1' })
  },
)

t.test('a dashboard that people must not follow is left out, and the order succeeds', async (t) => {
  const { provider, put, patch, del, instance } = await laneOf(t, 'dashboards')
  for (const bad of [
    'http://dash.example/x',
    'https://user:password@dash.example/x',
    'https://user@dash.example/x',
    'javascript:alert(1)',
    'data:text/html,x',
    '/relative',
    '',
    'https://dash.example/\nx',
  ]) {
    provider.respond({ provision: answer(201, { dashboard_url: bad, more: 1 }) })
    t.match(await put(instance), { status: 201, body: { more: 1, dashboard_url: undefined } }, bad)
    t.notOk('dashboard_url' in (await call('GET', instance)).body, bad)
    t.equal((await del(instance)).status, 200)
  }
  for (const good of ['https://dash.example/x', 'http://127.0.0.1:9/x', 'http://[::1]/x']) {
    provider.respond({ provision: answer(201, { dashboard_url: good }) })
    t.match(await put(instance), { status: 201, body: { dashboard_url: good } })
    provider.respond({ update: answer(200, { dashboard_url: 'http://dash.example/new' }) })
    t.equal((await patch({ parameters: {} })).status, 200)
    t.match((await call('GET', instance)).body, { dashboard_url: good }, 'the known one stays')
    t.equal((await del(instance)).status, 200)
  }
})

t.test(
  'keys that overwrite a prototype are dropped at every depth, other words stay',
  async (t) => {
    const { provider, put, instance, binding } = await laneOf(t, 'prototypes')
    const evil = (text: string) =>
      text.replaceAll('PROTO', '__proto__').replaceAll('ESCAPED', '\\u005f_proto__')
    const hidden = { PROTO: { admin: 1 }, ESCAPED: 1, constructor: { prototype: { admin: 1 } } }
    const nested = {
      deep: [{ a: 1, ...hidden, b: { constructor: 'Bau', prototype: 'x', PROTO: 1 } }],
    }
    const clean = { deep: [{ a: 1, b: { constructor: 'Bau', prototype: 'x' } }] }
    const body = (value: object) => evil(JSON.stringify(value))
    provider.respond({
      provision: answer(201, body({ more: nested, metadata: { labels: nested }, ...hidden })),
      bind: answer(201, body({ credentials: { ...nested, ...hidden }, ...hidden })),
    })
    t.strictSame((await put(instance)).body, { metadata: { labels: clean }, more: clean })
    t.strictSame((await put(binding)).body.credentials, clean)
    const [offering] = catalogOf('prototypes').services
    provider.respond({
      catalog: answer(200, body({ services: [{ ...offering, more: nested, metadata: hidden }] })),
    })
    await provider.refresh()
    const { text } = await call('GET', '/v2/catalog')
    t.match(text, /"more":\{"deep"/)
    t.notMatch(text, /__proto__|admin/)
  },
)

t.test('an invisible character is in no description of an answer', async (t) => {
  const { provider, put, instance } = await laneOf(t, 'invisible')
  const description = 'Bitte \u202excod.exe\u2069 nicht \u200böff\u00adnen'
  provider.respond({ provision: answer(400, { description }) })
  t.match(await put(instance), {
    status: 400,
    body: { description: /Bitte xcod\.exe nicht öffnen$/ },
  })
})
