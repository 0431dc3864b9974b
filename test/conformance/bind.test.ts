// BIND: creating a binding, as the platform and the provider see it.
import t, { type Test } from 'tap'
import type { OsbCatalog, OsbOffering } from '../../tools/simulator/types.ts'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor, until, type Reply } from '../support/kontor.ts'
import { accepted, inProgress, scriptedProvider, succeeded } from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'

const ai = 'accepts_incomplete=true'
const requirements = ['syslog_drain', 'route_forwarding', 'volume_mount']
const mount = {
  driver: 'nfs',
  container_dir: '/data',
  mode: 'rw',
  device_type: 'shared',
  device: { volume_id: 'v-1', mount_config: { share: 'a' } },
}
const all = {
  syslog_drain_url: 'syslog-tls://logs.invalid:6514/a?b=%2F',
  route_service_url: 'https://route.invalid/a?b=%2F',
  volume_mounts: [mount],
}

t.setTimeout(60_000)
const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.5' } })
const { call } = kontor
const sync = (await kontor.addProvider('sync', { catalog: withLog('sync') })).simulator
const later = (
  await kontor.addProvider('later', {
    behaviours: { '*': { mode: 'sync', asyncBinding: true, bindSeconds: 0.3 } },
  })
).simulator
const scripted = await scriptedProvider(t, kontor, 'scripted', { catalog: withLog('scripted') })
const plans = {
  sync: await kontor.find('sync', 'db', 'small'),
  app: await kontor.find('sync', 'app'),
  log: await kontor.find('sync', 'log'),
  later: await kontor.find('later', 'db', 'small'),
  scripted: scripted.small,
  scriptedLog: await kontor.find('scripted', 'log'),
  unread: await kontor.find('scripted', 'unread'),
}

// `log` may return all three fields that need an entry in `requires`; the provider does not offer
// to fetch bindings of `unread`.
function withLog(provider: string): OsbCatalog {
  const offering = (name: string, more: Partial<OsbOffering>): OsbOffering => ({
    id: `${provider}-${name}`,
    name,
    description: name,
    bindable: true,
    bindings_retrievable: true,
    plans: [{ id: `${provider}-${name}-1`, name: 'one', description: 'one' }],
    ...more,
  })
  return {
    services: [
      ...catalogOf(provider).services,
      offering('log', { requires: requirements }),
      offering('unread', { bindings_retrievable: false }),
    ],
  }
}

let count = 0

/** A new instance of a plan, and the path of its binding. */
async function make(
  plan: keyof typeof plans,
): Promise<{ ids: { service_id: string; plan_id: string }; I: string; B: string; query: string }> {
  const ids = plans[plan]
  const I = `/v2/service_instances/instance-${++count}`
  const { status, text } = await call('PUT', I, { ...ids, ...here })
  if (status !== 201) throw new Error(`The instance was not made: ${text}`)
  return {
    ids,
    I,
    B: `${I}/service_bindings/binding-${count}`,
    query: `service_id=${ids.service_id}&plan_id=${ids.plan_id}`,
  }
}

/** The body of the scripted provider's latest bind. */
const sent = () => (scripted.requests('bind').at(-1)?.body ?? {}) as Record<string, unknown>

const binds = () => ({
  here: kontor.running.runtime.db
    .selectFrom('bindings')
    .select(['binding_id', 'state'])
    .orderBy('id')
    .execute(),
  requests: scripted.requests('bind').length,
  there: sync.state().effects.bound + later.state().effects.bound,
})
async function changesNothing(t: Test, send: () => Promise<Reply>): Promise<Reply> {
  const before = binds()
  const rows = await before.here
  const reply = await send()
  const after = binds()
  t.strictSame(
    { ...after, here: await after.here },
    { ...before, here: rows },
    'nothing has changed, here or there',
  )
  return reply
}

await t.test(
  'BIND-01 service_id and plan_id are needed and are those of the instance; the provider gets its own',
  async (t) => {
    const { ids, B } = await make('scripted')
    const other = plans.unread
    const wrong = [
      { plan_id: ids.plan_id },
      { service_id: ids.service_id },
      { ...ids, service_id: '' },
      { ...ids, plan_id: '' },
      {},
      { ...ids, service_id: other.service_id },
      { ...ids, plan_id: other.plan_id },
      other,
      { ...ids, plan_id: scripted.large.plan_id },
    ]
    for (const body of wrong)
      t.match(
        await changesNothing(t, () => call('PUT', B, body)),
        { status: 400, body: { description: /\S/ } },
        JSON.stringify(body),
      )
    t.equal((await call('PUT', B, ids)).status, 201)
    // DEC-52: under an id that is in use, another service or plan is a conflict.
    for (const body of wrong.slice(5))
      t.match(
        await changesNothing(t, () => call('PUT', B, body)),
        { status: 409, body: { description: /^A binding with this id exists: / } },
        JSON.stringify(body),
      )
    t.match(scripted.requests('bind').at(-1)?.body, {
      service_id: 'scripted-db',
      plan_id: 'scripted-db-small',
    })
  },
)

await t.test(
  'BIND-02 the binding_id that a provider gets is a new one each time, below the instance that it made',
  async (t) => {
    const { ids, I } = await make('scripted')
    const made = scripted.requests('provision').at(-1)?.path
    for (const name of ['x', 'y'])
      t.equal((await call('PUT', `${I}/service_bindings/${name}`, ids)).status, 201)
    const paths = scripted
      .requests('bind')
      .slice(-2)
      .map(({ path }) => path)
    t.equal(new Set(paths).size, 2)
    for (const path of paths) {
      t.ok(path.startsWith(`${made}/service_bindings/`))
      t.match(path.split('/').at(-1), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    }
    const before = scripted.requests().length
    t.equal(
      (await call('PUT', '/v2/service_instances/unheard-of/service_bindings/x', ids)).status,
      404,
    )
    t.equal(
      scripted.requests().length,
      before,
      'a bind for an instance that is not there is not sent',
    )
  },
)

await t.test('BIND-03 a plan that is not bindable is never bound at its provider', async (t) => {
  const { ids, B } = await make('app')
  const before = sync.state().requests['bind'] ?? 0
  await call('PUT', B, ids)
  t.equal(sync.state().requests['bind'] ?? 0, before)
})

await t.test(
  'BIND-04 a bind on a plan that is not bindable is 400 and makes nothing',
  async (t) => {
    const { ids, B } = await make('app')
    t.match(await changesNothing(t, () => call('PUT', B, ids)), {
      status: 400,
      body: { description: /cannot be bound/ },
    })
  },
)

await t.test('BIND-05 a synchronous bind is 201 with all fields of the binding', async (t) => {
  const { ids, B } = await make('scripted')
  const body = {
    credentials: { uri: 'x', nested: { a: [1, null] } },
    endpoints: [{ host: 'h', ports: ['443'] }],
    x_more: { kept: true },
  }
  scripted.respond({ bind: answer(201, body) })
  const reply = await call('PUT', B, ids)
  scripted.respond({ bind: answer(201) })
  t.equal(reply.status, 201)
  t.match(reply.headers['content-type'], /^application\/json/)
  t.strictSame(reply.body, body)
})

await t.test(
  'BIND-06 a binding that takes longer is 202 with an operation and nothing else, whatever the provider sends',
  async (t) => {
    const { ids, B } = await make('scripted')
    scripted.respond({
      bind: accepted({
        operation: 'theirs',
        credentials: { early: true },
        syslog_drain_url: 'x',
        x_more: 1,
      }),
      binding_last_operation: succeeded,
    })
    const reply = await call('PUT', `${B}?${ai}`, ids)
    t.equal(reply.status, 202)
    t.strictSame(Object.keys(reply.body), ['operation'])
    t.not(reply.body.operation, 'theirs')
    t.match(await finished(call, B, reply.body.operation), { body: { state: 'succeeded' } })
    scripted.respond({ bind: answer(201) })
  },
)

await t.test(
  'BIND-07 the same PUT while the binding is made is 202 with the same operation',
  async (t) => {
    const { ids, B } = await make('later')
    const bound = later.state().effects.bound
    const replies = [
      await call('PUT', `${B}?${ai}`, { ...ids, parameters: { a: 1, b: 2 } }),
      await call('PUT', `${B}?${ai}`, { parameters: { b: 2, a: 1 }, ...ids }),
    ]
    t.strictSame(
      replies.map(({ status }) => status),
      [202, 202],
    )
    t.equal(replies[1]?.body.operation, replies[0]?.body.operation)
    t.match(await finished(call, B), { body: { state: 'succeeded' } })
    t.equal(later.state().effects.bound, bound + 1)
  },
)

await t.test(
  'BIND-08 the same PUT once the binding exists is 200 with the same body',
  async (t) => {
    for (const plan of ['sync', 'later'] as const) {
      const { ids, B } = await make(plan)
      const first = await call('PUT', `${B}?${ai}`, ids)
      if (first.status === 202) await finished(call, B)
      const made = first.status === 202 ? (await call('GET', B)).body : first.body
      const again = await changesNothing(t, () => call('PUT', B, ids))
      t.equal(again.status, 200)
      t.strictSame(again.body, made)
      t.type(again.body.credentials.password, 'string')
    }
  },
)

await t.test(
  'BIND-09 the same binding_id with other parameters is 409, whether it exists or is being made',
  async (t) => {
    for (const plan of ['sync', 'later'] as const) {
      const { ids, B } = await make(plan)
      await call('PUT', `${B}?${ai}`, { ...ids, parameters: { a: 1 } })
      for (const body of [
        ids,
        { ...ids, parameters: { a: 2 } },
        { ...ids, parameters: { a: 1 }, bind_resource: { app_guid: 'x' } },
      ]) {
        t.match(await changesNothing(t, () => call('PUT', `${B}?${ai}`, body)), {
          status: 409,
          body: { description: /\S/ },
        })
      }
      t.match(await finished(call, B), { body: { state: 'succeeded' } }, 'and it goes on')
      t.equal((await call('PUT', B, { ...ids, parameters: { a: 1 } })).status, 200)
    }
  },
)

await t.test(
  'BIND-10 BIND-11 a service that needs an app answers RequiresApp without one, and accepts both fields',
  async (t) => {
    const { ids, I } = await make('sync')
    sync.configure({ behaviours: { '*': { mode: 'sync', requiresApp: true } } })
    const B = (name: string) => `${I}/service_bindings/${name}-10`
    for (const body of [
      ids,
      { ...ids, bind_resource: { route: 'x' } },
      { ...ids, bind_resource: {} },
      { ...ids, app_guid: '', bind_resource: { app_guid: '' } },
      { ...ids, app_guid: null, bind_resource: { app_guid: null } },
    ]) {
      const bound = sync.state().effects.bound
      t.match(await call('PUT', B('a'), body), {
        status: 422,
        body: {
          error: 'RequiresApp',
          description:
            /^This service supports generation of credentials through binding an application only\. \S/,
        },
      })
      t.equal(sync.state().effects.bound, bound)
      t.equal((await call('GET', B('a'))).status, 404)
    }
    t.equal(
      (await call('PUT', B('a'), { ...ids, bind_resource: { app_guid: 'app-1' } })).status,
      201,
    )
    t.equal((await call('PUT', B('b'), { ...ids, app_guid: 'app-1' })).status, 201)
    t.equal(
      (await call('PUT', B('b'), { ...ids, app_guid: 'app-1', bind_resource: { app_guid: '' } }))
        .status,
      200,
      'an empty one is none',
    )
    for (const body of [
      { ...ids, app_guid: 1 },
      { ...ids, bind_resource: { app_guid: [] } },
    ])
      t.match(await changesNothing(t, () => call('PUT', B('c'), body)), {
        status: 400,
        body: { description: /app_guid/ },
      })
    sync.configure({ behaviours: { '*': { mode: 'sync' } } })
  },
)

await t.test(
  'BIND-12 a bind that can only be asynchronous is 422 AsyncRequired without accepts_incomplete',
  async (t) => {
    const { ids, B } = await make('later')
    const bound = later.state().effects.bound
    t.match(await call('PUT', B, ids), {
      status: 422,
      body: { error: 'AsyncRequired', description: /\S/ },
    })
    t.equal(later.state().effects.bound, bound)
    t.equal((await call('GET', B)).status, 404)
    t.equal((await call('PUT', `${B}?${ai}`, ids)).status, 202, 'and with it the same id works')
  },
)

await t.test(
  'BIND-13 a bind that the provider refuses because of another one is 422 ConcurrencyError',
  async (t) => {
    const { ids, I, B } = await make('later')
    later.configure({
      behaviours: {
        '*': { mode: 'sync', asyncBinding: true, bindSeconds: 0.3, serializeBindings: true },
      },
    })
    t.equal((await call('PUT', `${B}?${ai}`, ids)).status, 202)
    t.match(await call('PUT', `${I}/service_bindings/second?${ai}`, ids), {
      status: 422,
      body: { error: 'ConcurrencyError', description: /\S/ },
    })
    t.equal((await call('GET', `${I}/service_bindings/second`)).status, 404)
    t.match(await finished(call, B), { body: { state: 'succeeded' } }, 'the first one goes on')
    later.configure({ behaviours: { '*': { mode: 'sync', asyncBinding: true, bindSeconds: 0.3 } } })
  },
)

await t.test(
  'BIND-14 each binding has credentials of its own, in 201 and in 200, and one can be revoked alone',
  async (t) => {
    const { ids, I, query } = await make('sync')
    const [a, b] = [`${I}/service_bindings/a-14`, `${I}/service_bindings/b-14`]
    const made = [await call('PUT', a, ids), await call('PUT', b, ids)]
    t.strictSame(
      made.map(({ status }) => status),
      [201, 201],
    )
    t.not(made[0]?.body.credentials.password, made[1]?.body.credentials.password)
    t.equal((await call('DELETE', `${a}?${query}`)).status, 200)
    const kept = await call('PUT', b, ids)
    t.strictSame([kept.status, kept.body.credentials], [200, made[1]?.body.credentials])
    const passwords = sync
      .state()
      .instances.flatMap(({ bindings }) =>
        bindings.map(({ data }) => JSON.stringify(data['credentials'])),
      )
    t.notOk(
      passwords.includes(JSON.stringify(made[0]?.body.credentials)),
      'those of the other are gone at the provider',
    )
  },
)

await t.test('BIND-15 all fields of a binding are available by the first GET', async (t) => {
  const now = await make('sync')
  t.match(await call('PUT', now.B, now.ids), {
    status: 201,
    body: { credentials: { password: /./ } },
  })
  const then = await make('later')
  t.equal((await call('PUT', `${then.B}?${ai}`, then.ids)).status, 202)
  await finished(call, then.B)
  t.match(await call('GET', then.B), { status: 200, body: { credentials: { password: /./ } } })
})

/** One of the three fields passes where the offering requires it; elsewhere the bind fails. */
async function needsEntry(
  t: Test,
  field: keyof typeof all,
  asynchronously: boolean,
): Promise<void> {
  const body = { credentials: { a: 1 }, [field]: all[field] }
  scripted.respond(
    asynchronously
      ? { bind: accepted(), fetch_binding: answer(200, body) }
      : { bind: answer(201, body) },
  )
  const good = await make('scriptedLog')
  const made = await call('PUT', `${good.B}?${ai}`, good.ids)
  if (asynchronously) {
    t.match(await finished(call, good.B), { body: { state: 'succeeded' } })
    t.strictSame((await call('GET', good.B)).body, body)
  } else {
    t.strictSame([made.status, made.body], [201, body])
  }
  const bad = await make('scripted')
  const deletes = scripted.requests('unbind').length
  const refused = await call('PUT', `${bad.B}?${ai}`, bad.ids)
  t.equal(refused.status, 202)
  t.match(await finished(call, bad.B), {
    status: 200,
    body: {
      state: 'failed',
      description: new RegExp(`breaks the specification: the answer holds ${field}`),
    },
  })
  t.equal((await call('GET', bad.B)).status, 404)
  t.equal(scripted.requests('unbind').length, deletes + 1, 'what the provider made is removed')
  scripted.respond({ bind: answer(201), fetch_binding: answer(200) })
}

await t.test(
  'BIND-16 a log drain comes through, and only where the offering requires syslog_drain',
  async (t) => {
    await needsEntry(t, 'syslog_drain_url', false)
    const { ids, B } = await make('log')
    t.match(await call('PUT', B, ids), { status: 201, body: { syslog_drain_url: /^syslog-tls:/ } })
  },
)

await t.test(
  'BIND-17 the route of a route service is sent to the provider as it came',
  async (t) => {
    const { ids, B } = await make('scriptedLog')
    t.equal(
      (await call('PUT', B, { ...ids, bind_resource: { route: 'app.stadt.invalid/päth?a=%2F' } }))
        .status,
      201,
    )
    t.strictSame(sent()['bind_resource'], { route: 'app.stadt.invalid/päth?a=%2F' })
    t.equal((await call('PUT', `${B}-2`, { ...ids, bind_resource: { route: '' } })).status, 400)
  },
)

await t.test(
  'BIND-18 a route service URL comes through, may be absent, and only where the offering requires route_forwarding',
  async (t) => {
    await needsEntry(t, 'route_service_url', false)
    const { ids, B } = await make('scriptedLog')
    const made = await call('PUT', B, { ...ids, bind_resource: { route: 'app.invalid' } })
    t.strictSame([made.status, made.body], [201, {}])
  },
)

await t.test(
  'BIND-19 volume mounts come through, and only where the offering requires volume_mount',
  (t) => needsEntry(t, 'volume_mounts', false),
)

await t.test(
  'BIND-20 a field without its entry fails an asynchronous bind too, and a 200 with it leaves nothing to remove',
  async (t) => {
    for (const field of ['syslog_drain_url', 'route_service_url', 'volume_mounts'] as const)
      await needsEntry(t, field, true)
    const { ids, B } = await make('scripted')
    const deletes = scripted.requests('unbind').length
    scripted.respond({ bind: answer(200, { credentials: {}, ...all }) })
    t.match(await call('PUT', B, ids), {
      status: 502,
      body: { description: /breaks the specification: the answer holds syslog_drain_url/ },
    })
    scripted.respond({ bind: answer(201) })
    t.equal((await call('GET', B)).status, 404)
    t.equal(scripted.requests('unbind').length, deletes)
  },
)

/** Invalid values of a field fail and are mitigated; valid ones pass unchanged. */
async function judges(t: Test, good: readonly object[], bad: readonly object[]): Promise<void> {
  const { ids, I } = await make('scriptedLog')
  for (const [index, body] of good.entries()) {
    scripted.respond({ bind: answer(201, body) })
    const reply = await call('PUT', `${I}/service_bindings/good-${index}-${count}`, ids)
    t.strictSame([reply.status, reply.body], [201, body])
  }
  for (const [index, body] of bad.entries()) {
    const deletes = scripted.requests('unbind').length
    scripted.respond({ bind: answer(201, body) })
    t.match(
      await call('PUT', `${I}/service_bindings/bad-${index}-${count}`, ids),
      { status: 502, body: { description: /breaks the specification: (volume_mounts|endpoints)/ } },
      JSON.stringify(body),
    )
    await until(
      () => scripted.requests('unbind').length,
      (count) => count === deletes + 1,
    )
  }
  scripted.respond({ bind: answer(201) })
}

await t.test(
  'BIND-21 a volume mount has all its parts, and only the modes and device types that there are',
  async (t) => {
    const { driver: _driver, ...noDriver } = mount
    const { container_dir: _dir, ...noDirectory } = mount
    const bad = [
      noDriver,
      noDirectory,
      { ...mount, mode: 'w' },
      { ...mount, device_type: 'exclusive' },
      { ...mount, device: {} },
      { ...mount, device: { volume_id: 'v', mount_config: 'x' } },
    ]
    await judges(
      t,
      [{ volume_mounts: [mount, { ...mount, mode: 'r', device: { volume_id: 'v' } }] }],
      bad.map((one) => ({ volume_mounts: [one] })),
    )
  },
)

await t.test(
  'BIND-22 an endpoint has a host and ports that are strings, and only the protocols that there are',
  async (t) => {
    const good = [
      { host: 'db.invalid', ports: ['443', '9000-9010'] },
      { host: '10.0.0.1', ports: ['53'], protocol: 'udp' },
      { host: '2001:db8::1', ports: ['1'], protocol: 'all' },
      { host: 'h', ports: ['1'], protocol: 'tcp' },
    ]
    const bad = [
      { host: 'h' },
      { ports: ['1'] },
      { host: '', ports: ['1'] },
      { host: ['a', 'b'], ports: ['1'] },
      { host: 'h', ports: [] },
      { host: 'h', ports: [443] },
      { host: 'h', ports: '443' },
      { host: 'h', ports: ['http'] },
      { host: 'h', ports: ['1-'] },
      { host: 'h', ports: ['1'], protocol: 'icmp' },
    ]
    await judges(
      t,
      [{ endpoints: good }],
      bad.map((one) => ({ endpoints: [one] })),
    )
  },
)

await t.test(
  'BIND-23 all endpoints come through beside the credentials, in their order, whatever they resolve to',
  async (t) => {
    const endpoints = Array.from({ length: 40 }, (_, index) => ({
      host: `n${index}.never.invalid`,
      ports: [`${index + 1}`],
    }))
    const { ids, B } = await make('scripted')
    scripted.respond({ bind: answer(201, { credentials: { a: 1 }, endpoints }) })
    t.strictSame((await call('PUT', B, ids)).body, { credentials: { a: 1 }, endpoints })
    scripted.respond({ bind: answer(201) })
    t.strictSame((await call('GET', B)).body.endpoints, endpoints)
    // DEC-53: a client below 2.15 does not know them.
    for (const version of ['2.13', '2.14'])
      for (const [method, body] of [['GET'], ['PUT', ids]] as const)
        t.strictSame(
          (await call(method, B, body, { 'x-broker-api-version': version })).body,
          { credentials: { a: 1 } },
          `${method} ${version}`,
        )
    const newest = { 'x-broker-api-version': '2.15' }
    t.strictSame((await call('GET', B, undefined, newest)).body.endpoints, endpoints)
  },
)

await t.test(
  'BIND-24 everything beside the two ids may be left out, and what is unknown in bind_resource is sent on',
  async (t) => {
    const { ids, I } = await make('scripted')
    const send = async (name: string, more: object) => {
      t.equal(
        (await call('PUT', `${I}/service_bindings/${name}-24`, { ...ids, ...more })).status,
        201,
        name,
      )
      const { service_id: _service, plan_id: _plan, ...rest } = sent()
      return rest
    }
    t.strictSame(await send('bare', {}), {})
    const more = {
      bind_resource: { space_guid: 's', app_annotations: {}, unheard_of: [1] },
      context: { platform: 'x', unheard_of: { a: 1 } },
      parameters: {},
    }
    t.strictSame(await send('full', more), more)
  },
)

await t.test(
  'BIND-25 an app_guid is only passed on: the same one may have many bindings',
  async (t) => {
    const { ids, I } = await make('scripted')
    for (const name of ['a', 'b']) {
      t.equal(
        (
          await call('PUT', `${I}/service_bindings/${name}-25`, {
            ...ids,
            bind_resource: { app_guid: 'namespace-uid' },
          })
        ).status,
        201,
      )
      t.match(scripted.requests('bind').at(-1)?.body, {
        bind_resource: { app_guid: 'namespace-uid' },
      })
    }
  },
)

await t.test(
  'BIND-26 URLs are given on as they came, and a status that is not listed fails and is mitigated by the table',
  async (t) => {
    const good = await make('scriptedLog')
    scripted.respond({ bind: answer(201, all) })
    t.strictSame((await call('PUT', good.B, good.ids)).body, all)
    for (const [status, seen, removed] of [
      [204, 502, 1],
      [206, 502, 1],
      [500, 502, 1],
      [302, 502, 0],
      [404, 502, 0],
      [418, 502, 0],
    ] as const) {
      const { ids, B } = await make('scripted')
      const deletes = scripted.requests('unbind').length
      scripted.respond({ bind: answer(status, status === 204 ? '' : {}) })
      t.equal((await call('PUT', B, ids)).status, seen, String(status))
      await until(
        () => call('GET', `${B}/last_operation`),
        ({ body }) => body.state !== 'in progress',
      )
      t.equal(scripted.requests('unbind').length, deletes + removed, `removed after ${status}`)
      t.equal((await call('GET', B)).status, 404)
    }
    scripted.respond({ bind: answer(201) })
  },
)

await t.test(
  'BIND-27 no asynchronous bind where the provider does not offer to fetch the binding',
  async (t) => {
    const { body } = await call('GET', '/v2/catalog')
    t.ok(
      body.services.every(
        (service: { bindings_retrievable: boolean }) => service.bindings_retrievable,
      ),
      'what can be 202 can be fetched',
    )
    const { ids, B } = await make('unread')
    t.equal((await call('PUT', `${B}?${ai}`, ids)).status, 201)
    t.equal(scripted.requests('bind').at(-1)?.query.get('accepts_incomplete'), null)
    t.equal((await call('GET', B)).status, 200)

    const second = `${B}-2`
    scripted.respond({ bind: answer(422, { error: 'AsyncRequired', description: 'Only so.' }) })
    const refused = await call('PUT', `${second}?${ai}`, ids)
    t.match(refused, { status: 502, body: { description: /fetched/ } })
    t.equal(refused.body.error, undefined, 'the platform did allow it')
    t.match(await call('PUT', second, ids), { status: 422, body: { error: 'AsyncRequired' } })

    const deletes = scripted.requests('unbind').length
    scripted.respond({ bind: accepted(), binding_last_operation: inProgress })
    t.equal((await call('PUT', `${second}?${ai}`, ids)).status, 502)
    await until(
      () => scripted.requests('unbind').length,
      (count) => count === deletes + 1,
    )
    scripted.respond({ bind: answer(201), binding_last_operation: succeeded })
  },
)
