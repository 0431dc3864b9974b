// GETB: reading a binding.
import t from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { finished, startKontor, until } from '../support/kontor.ts'
import { accepted, inProgress, scriptedProvider, succeeded } from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'
import { ai, maker } from './making.ts'

t.setTimeout(60_000)
const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.5' } })
const { call } = kontor
const { make } = maker(kontor)
const scripted = await scriptedProvider(t, kontor, 'scripted', { catalog: withMore('scripted') })
const { simulator: later } = await kontor.addProvider('later', {
  behaviours: { '*': { mode: 'sync', asyncBinding: true } },
})
const plan = {
  db: scripted.small,
  full: await kontor.find('scripted', 'full'),
  unread: await kontor.find('scripted', 'unread'),
  later: await kontor.find('later', 'db', 'small'),
}

function withMore(provider: string) {
  const one = (name: string) => [{ id: `${name}-1`, name: 'one', description: 'one' }]
  return {
    services: [
      ...catalogOf(provider).services,
      {
        id: 'full',
        name: 'full',
        description: 'full',
        bindable: true,
        bindings_retrievable: true,
        requires: ['syslog_drain', 'route_forwarding', 'volume_mount'],
        plans: one('full'),
      },
      {
        id: 'unread',
        name: 'unread',
        description: 'unread',
        bindable: true,
        bindings_retrievable: false,
        plans: one('unread'),
      },
    ],
  }
}

await t.test(
  'GETB-01 every bindable plan of an offering that says so can be read, whatever its provider can',
  async (t) => {
    const { services } = (await call('GET', '/v2/catalog')).body
    let read = 0
    for (const offering of services) {
      if (!offering.bindable) continue
      t.equal(offering.bindings_retrievable, true)
      for (const { id } of offering.plans) {
        const { ids, B } = await make({ service_id: offering.id, plan_id: id })
        const reply = await call('PUT', `${B}?${ai}`, ids)
        if (reply.status === 202) await finished(call, B)
        t.match(
          await call('GET', B),
          { status: 200, body: { credentials: Object } },
          `${offering.name} ${id}`,
        )
        read++
      }
    }
    t.equal(read, 6)
  },
)

await t.test(
  "GETB-02 a binding that is unknown, another instance's or another platform's is 404",
  async (t) => {
    const [one, two] = [await make(plan.db), await make(plan.db)]
    t.equal((await call('PUT', one.B, one.ids)).status, 201)
    const name = one.B.split('/').at(-1)
    const stranger = await kontor.newPlatform('stranger')
    for (const reply of [
      await call('GET', `${one.I}/service_bindings/unheard-of`),
      await call('GET', `${two.I}/service_bindings/${name}`),
      await call('GET', '/v2/service_instances/unheard-of/service_bindings/x'),
      await stranger('GET', one.B),
    ]) {
      t.match(reply, { status: 404, body: { description: /\S/ } })
    }
    t.equal((await call('GET', one.B)).status, 200)
  },
)

await t.test('GETB-03 a binding that is still being made is 404', async (t) => {
  const { ids, B } = await make(plan.db)
  scripted.respond({ bind: accepted(), binding_last_operation: inProgress })
  t.equal((await call('PUT', `${B}?${ai}`, ids)).status, 202)
  t.equal((await call('GET', B)).status, 404)
  scripted.respond({ bind: answer(201), binding_last_operation: succeeded })
  await finished(call, B)
  t.equal((await call('GET', B)).status, 200)
})

await t.test('GETB-04 a binding that was made asynchronously has its credentials', async (t) => {
  const { ids, B } = await make(plan.later)
  t.equal((await call('PUT', `${B}?${ai}`, ids)).status, 202)
  await finished(call, B)
  const there = later.state().instances.flatMap(({ bindings }) => bindings)
  t.strictSame((await call('GET', B)).body.credentials, there.at(-1)?.data['credentials'])
})

await t.test(
  "GETB-05 GET returns all fields of the provider's answer, and the order's parameters",
  async (t) => {
    const returned = {
      credentials: { a: 1 },
      metadata: {
        expires_at: '2040-01-02T03:04:05.6Z',
        renew_before: '2040-01-01T00:00:00.0Z',
        x_more: 1,
      },
      syslog_drain_url: 'syslog://x.invalid',
      route_service_url: 'https://x.invalid',
      volume_mounts: [
        {
          driver: 'nfs',
          container_dir: '/d',
          mode: 'r',
          device_type: 'shared',
          device: { volume_id: 'v' },
        },
      ],
      endpoints: [{ host: 'h', ports: ['1-2'] }],
      x_more: [true],
    }
    for (const asynchronously of [false, true]) {
      const { ids, B } = await make(plan.full)
      scripted.respond(
        asynchronously
          ? { bind: accepted(), fetch_binding: answer(200, returned) }
          : { bind: answer(201, returned) },
      )
      await call('PUT', `${B}?${ai}`, { ...ids, parameters: { role: 'x' } })
      await finished(call, B)
      const reply = await call('GET', B)
      t.strictSame([reply.status, reply.body], [200, { ...returned, parameters: { role: 'x' } }])
      t.equal(reply.body.operation, undefined)
    }
    scripted.respond({ bind: answer(201), fetch_binding: answer(200) })
  },
)

await t.test(
  'GETB-06 the provider may withhold parameters, or return credentials only once',
  async (t) => {
    const { ids, B } = await make(plan.db)
    scripted.respond({
      bind: accepted(),
      fetch_binding: [answer(200, { credentials: { once: 1 } }), answer(200, {})],
    })
    t.equal((await call('PUT', `${B}?${ai}`, { ...ids, parameters: { secret: 1 } })).status, 202)
    await finished(call, B)
    for (let i = 0; i < 3; i++)
      t.strictSame((await call('GET', B)).body, {
        credentials: { once: 1 },
        parameters: { secret: 1 },
      })
    scripted.respond({ bind: answer(201), fetch_binding: answer(200) })
  },
)

await t.test(
  'GETB-07 service_id and plan_id are hints: absent or given, but not empty; the provider gets its own',
  async (t) => {
    const { ids, B, query } = await make(plan.db)
    scripted.respond({ bind: accepted() })
    await call('PUT', `${B}?${ai}`, ids)
    await finished(call, B)
    const sentQuery = scripted.requests('fetch_binding').at(-1)?.query
    t.strictSame(
      [sentQuery?.get('service_id'), sentQuery?.get('plan_id')],
      ['scripted-db', 'scripted-db-small'],
    )
    for (const good of [
      '',
      `?${query}`,
      `?service_id=${ids.service_id}`,
      `?plan_id=${ids.plan_id}`,
    ])
      t.equal((await call('GET', B + good)).status, 200)
    for (const empty of ['?service_id=', '?plan_id=', `?service_id=${ids.service_id}&plan_id=`])
      t.match(await call('GET', B + empty), { status: 400, body: { description: /_id/ } })
    scripted.respond({ bind: answer(201) })
  },
)

await t.test(
  'GETB-08 any other status is a failed read, and Kontor keeps the binding',
  async (t) => {
    const { ids, B, query } = await make(plan.db)
    const deletes = scripted.requests('unbind').length
    const page = answer(200, '<html>')
    scripted.respond({
      bind: accepted(),
      fetch_binding: [
        answer(500),
        answer(401),
        answer(204, ''),
        page,
        answer(200, { credentials: { at: 'last' } }),
      ],
    })
    t.equal((await call('PUT', `${B}?${ai}`, ids)).status, 202)
    t.match(await call('GET', `${B}/last_operation`), {
      status: 200,
      body: { state: 'in progress' },
    })
    t.match(await finished(call, B), { body: { state: 'succeeded' } })
    t.strictSame((await call('GET', B)).body, { credentials: { at: 'last' } })
    t.equal(scripted.requests('unbind').length, deletes, 'nothing was given up')
    scripted.respond({ bind: answer(201), fetch_binding: answer(200) })
    t.equal((await call('DELETE', `${B}?${query}`)).status, 200)
  },
)

await t.test(
  'GETB-09 Kontor fetches a binding once, after an asynchronous bind, and only from providers that offer it',
  async (t) => {
    const { ids, B } = await make(plan.db)
    const before = scripted.requests('fetch_binding').length
    scripted.respond({ bind: accepted() })
    await call('PUT', `${B}?${ai}`, ids)
    await finished(call, B)
    for (let i = 0; i < 3; i++) await call('GET', B)
    await call('PUT', B, ids)
    t.equal(scripted.requests('fetch_binding').length, before + 1)

    scripted.respond({ bind: answer(201, { credentials: {} }) })
    const good = await make(plan.unread)
    t.equal((await call('PUT', `${good.B}?${ai}`, good.ids)).status, 201)
    t.equal((await call('GET', good.B)).status, 200)
    const bad = await make(plan.unread)
    scripted.respond({ bind: answer(500) })
    t.equal((await call('PUT', `${bad.B}?${ai}`, bad.ids)).status, 502)
    await until(
      () => call('GET', `${bad.B}/last_operation`),
      ({ body }) => body.state !== 'in progress',
    )
    t.equal(scripted.requests('fetch_binding').length, before + 1)
    scripted.respond({ bind: answer(201) })
  },
)
