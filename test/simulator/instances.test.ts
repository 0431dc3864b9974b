import t from 'tap'
import { ai, at, bindingAt, build, order, query } from './support.ts'
import { basicAuth } from '../support/basic-auth.ts'

t.test('the catalog is served with an ETag and answered 304 when it is known', async (t) => {
  const { call } = await build(t)
  const first = await call('GET', '/v2/catalog')
  t.equal(first.status, 200)
  const etag = first.headers.get('etag') ?? ''
  t.match(etag, /^".+"$/)
  const again = await call('GET', '/v2/catalog', undefined, {
    'If-None-Match': `"other", W/${etag}`,
  })
  t.strictSame([again.status, again.text, again.headers.get('etag')], [304, '', etag])
  t.equal((await call('GET', '/v2/catalog', undefined, { 'If-None-Match': '"other"' })).status, 200)
})

t.test('credentials come before everything, then the version header', async (t) => {
  const { call } = await build(t, { username: 'u', password: 'p' })
  const basic = { Authorization: basicAuth('u', 'p') }
  const without = await call('GET', '/v2/catalog', undefined, { 'X-Broker-API-Version': '3.0' })
  t.strictSame(
    [without.status, without.headers.get('www-authenticate')],
    [401, 'Basic realm="simulator"'],
  )
  t.equal((await call('GET', '/v2/catalog', undefined, basic)).status, 200)
  t.equal(
    (await call('GET', '/v2/catalog', undefined, { ...basic, 'X-Broker-API-Version': '3.0' }))
      .status,
    412,
  )
  t.equal(
    (await call('GET', '/v2/catalog', undefined, { ...basic, 'X-Broker-API-Version': '2.99' }))
      .status,
    200,
  )
  t.equal(
    (await call('GET', '/v2/catalog', undefined, { ...basic, 'X-Broker-API-Version': 'v2' }))
      .status,
    400,
  )
  t.equal((await call('GET', '/_simulator/state')).status, 401)
  t.equal((await call('GET', '/_simulator/healthz')).status, 200)
})

t.test('a bearer token is another way in, and inspection can be opened', async (t) => {
  const { call, simulator } = await build(t, { bearerToken: 'secret', openInspection: true })
  t.equal((await call('GET', '/v2/catalog')).status, 401)
  t.equal(
    (await call('GET', '/v2/catalog', undefined, { Authorization: 'Bearer secret' })).status,
    200,
  )
  t.equal((await call('GET', '/_simulator/state')).status, 200)
  t.notMatch(JSON.stringify(simulator.state()), 'secret', 'the authorization header is not kept')
})

t.test(
  'a missing version header is 400 and the request identity is echoed on errors',
  async (t) => {
    const { simulator } = await build(t)
    const response = await fetch(`${simulator.url}/v2/catalog`, {
      headers: { 'X-Broker-API-Request-Identity': 'req-1' },
    })
    t.strictSame(
      [response.status, response.headers.get('x-broker-api-request-identity')],
      [400, 'req-1'],
    )
  },
)

t.test(
  'a synchronous life: 201, 200 for the same, 409 for another, fetch, update, 200, 410',
  async (t) => {
    const { call, simulator } = await build(t)
    const body = {
      ...order.sync,
      parameters: { a: 1, b: 2 },
      context: { platform: 'kubernetes' },
      unknown: { x: 1 },
    }
    t.equal((await call('PUT', at('i'), body)).status, 201)
    t.equal((await call('PUT', at('i'), { ...body, parameters: { b: 2, a: 1 } })).status, 200)
    t.equal((await call('PUT', at('i'), { ...body, parameters: { a: 2 } })).status, 409)
    t.equal(
      (await call('PUT', at('i'), { ...body, context: { platform: 'cloudfoundry' } })).status,
      200,
    )
    t.match((await call('GET', at('i'))).body, {
      service_id: 'svc-sync',
      plan_id: 'plan-s',
      parameters: { a: 1, b: 2 },
      maintenance_info: { version: '1.0.0' },
    })
    t.equal(
      (
        await call('PATCH', at('i'), {
          service_id: 'svc-sync',
          parameters: { b: 3 },
          plan_id: 'plan-m',
        })
      ).status,
      200,
    )
    t.match((await call('GET', at('i'))).body, {
      plan_id: 'plan-m',
      parameters: { a: 1, b: 3 },
      maintenance_info: { version: '2.0.0+build.1' },
    })
    t.equal((await call('DELETE', `${at('i')}?service_id=svc-sync`)).status, 400)
    t.equal((await call('DELETE', `${at('i')}?service_id=svc-sync&plan_id=plan-s`)).status, 400)
    const gone = await call('DELETE', `${at('i')}?service_id=svc-sync&plan_id=plan-m`)
    t.strictSame([gone.status, gone.body], [200, {}])
    t.equal((await call('DELETE', `${at('i')}?service_id=svc-sync&plan_id=plan-m`)).status, 410)
    t.equal((await call('GET', at('i'))).status, 404)
    t.equal((await call('GET', `${at('i')}/last_operation`)).status, 404)
    t.strictSame(simulator.state().effects, {
      provisioned: 1,
      updated: 1,
      deprovisioned: 1,
      bound: 0,
      unbound: 0,
    })
  },
)

t.test('an asynchronous life is computed from the clock', async (t) => {
  const { call, clock } = await build(t)
  const refused = await call('PUT', at('i'), order.async)
  t.match(refused, { status: 422, body: { error: 'AsyncRequired' } })
  const started = await call('PUT', at('i') + ai, order.async)
  t.equal(started.status, 202)
  const poll = `${at('i')}/last_operation?operation=${encodeURIComponent(String(started.body['operation']))}`
  const same = await call('PUT', at('i') + ai, order.async)
  t.strictSame([same.status, same.body], [202, started.body])
  t.match(await call('PUT', at('i'), order.async), {
    status: 422,
    body: { error: 'AsyncRequired' },
  })
  t.equal((await call('PUT', at('i') + ai, { ...order.async, parameters: { x: 1 } })).status, 409)
  t.equal((await call('GET', at('i'))).status, 404)
  t.match(await call('PATCH', at('i') + ai, { service_id: 'svc-async', plan_id: 'plan-b' }), {
    status: 422,
    body: { error: 'ConcurrencyError' },
  })
  t.match(await call('PUT', bindingAt('i', 'b') + ai, order.async), {
    status: 422,
    body: { error: 'ConcurrencyError' },
  })

  const early = await call('GET', poll)
  t.match(early.body, { state: 'in progress', description: 'checking (1 of 5)' })
  t.equal(early.headers.get('retry-after'), '3')
  clock.at += 5000
  t.match((await call('GET', poll)).body, {
    state: 'in progress',
    description: 'connecting (3 of 5)',
  })
  clock.at += 5000
  t.match((await call('GET', poll)).body, { state: 'succeeded' })
  t.match((await call('GET', poll)).body, { state: 'succeeded' }, 'the end is not forgotten')
  t.equal((await call('PUT', at('i') + ai, order.async)).status, 200)
})

t.test('an asynchronous plan change keeps the old plan until it is done', async (t) => {
  const { call, clock } = await build(t)
  await call('PUT', at('i') + ai, order.async)
  clock.at += 10_000
  const change = { service_id: 'svc-async', plan_id: 'plan-b', parameters: { size: 2 } }
  t.match(await call('PATCH', at('i'), change), { status: 422, body: { error: 'AsyncRequired' } })
  const started = await call('PATCH', at('i') + ai, change)
  t.equal(started.status, 202)
  t.strictSame(
    (await call('PATCH', at('i') + ai, { ...change, context: { platform: 'x' } })).body,
    started.body,
  )
  t.match(await call('PATCH', at('i') + ai, { ...change, parameters: {} }), {
    status: 422,
    body: { error: 'ConcurrencyError' },
  })
  t.match(await call('DELETE', `${at('i')}?${query.async}`), {
    status: 422,
    body: { error: 'ConcurrencyError' },
  })
  t.match(await call('GET', at('i')), { status: 422, body: { error: 'ConcurrencyError' } })
  const poll = `${at('i')}/last_operation?service_id=svc-async&plan_id=plan-a`
  t.match((await call('GET', poll)).body, {
    state: 'in progress',
    description: 'update is running: 0 %',
  })
  clock.at += 10_000
  t.match((await call('GET', poll)).body, { state: 'succeeded' })
  t.match((await call('GET', at('i'))).body, { plan_id: 'plan-b', parameters: { size: 2 } })
})

t.test(
  'an asynchronous delete ends in 410, or in succeeded if the behaviour says so',
  async (t) => {
    const { call, clock, simulator } = await build(t)
    await call('PUT', at('i') + ai, order.async)
    clock.at += 10_000
    const started = await call('DELETE', `${at('i')}?${query.async}`)
    t.equal(started.status, 202)
    t.strictSame((await call('DELETE', `${at('i')}?${query.async}`)).body, started.body)
    t.match(await call('PUT', at('i') + ai, order.async), {
      status: 422,
      body: { error: 'ConcurrencyError' },
    })
    clock.at += 10_000
    t.equal((await call('GET', `${at('i')}/last_operation`)).status, 410)
    simulator.configure({ behaviours: { 'svc-async': { mode: 'async', goneAfterDelete: false } } })
    t.match(await call('GET', `${at('i')}/last_operation`), {
      status: 200,
      body: { state: 'succeeded' },
    })
  },
)

t.test('a delete halts the create: its own operation ends failed', async (t) => {
  const { call, clock, simulator } = await build(t)
  const created = await call('PUT', at('i') + ai, order.async)
  const deleted = await call('DELETE', `${at('i')}?${query.async}`)
  t.equal(deleted.status, 202)
  clock.at += 20_000
  t.match(
    (await call('GET', `${at('i')}/last_operation?operation=${String(created.body['operation'])}`))
      .body,
    { state: 'failed' },
  )
  t.equal(
    (await call('GET', `${at('i')}/last_operation?operation=${String(deleted.body['operation'])}`))
      .status,
    410,
  )
  t.strictSame(simulator.state().instances, [])
})

t.test('what the catalog forbids is refused and changes nothing', async (t) => {
  const { call, simulator } = await build(t)
  for (const [body, why] of [
    [{ ...order.sync, plan_id: 'plan-a' }, 'plan of another offering'],
    [{ ...order.sync, service_id: 'nope' }, 'unknown service'],
    [{ ...order.sync, space_guid: '' }, 'empty field'],
    [{ ...order.sync, parameters: [] }, 'parameters no object'],
    [[], 'no object'],
    ['{"service_id":', 'no JSON'],
    [{ ...order.sync, maintenance_info: {} }, 'maintenance_info without version'],
  ] as const)
    t.equal((await call('PUT', at('i'), body)).status, 400, why)
  t.match(await call('PUT', at('i'), { ...order.sync, maintenance_info: { version: '0.9.0' } }), {
    status: 422,
    body: { error: 'MaintenanceInfoConflict' },
  })
  t.equal((await call('PUT', `${at('i')}?accepts_incomplete=yes`, order.sync)).status, 400)
  t.equal(
    (await call('PUT', at('i'), order.sync, { 'X-Broker-API-Originating-Identity': 'cf nonsense' }))
      .status,
    400,
  )
  t.strictSame(simulator.state().instances, [])

  await call('PUT', at('f'), { ...order.sync, plan_id: 'plan-fixed' })
  t.equal((await call('PATCH', at('f'), { service_id: 'svc-sync', plan_id: 'plan-s' })).status, 422)
  t.equal(
    (await call('PATCH', at('f'), { service_id: 'svc-sync', plan_id: 'plan-fixed' })).status,
    200,
    'the same plan is no change',
  )
  t.equal(
    (await call('PUT', bindingAt('f', 'b'), { service_id: 'svc-sync', plan_id: 'plan-fixed' }))
      .status,
    400,
  )
  t.equal((await call('PATCH', at('unknown'), { service_id: 'svc-sync' })).status, 404)
})

t.test('maintenance and context can be updated alone', async (t) => {
  const { call, simulator } = await build(t)
  await call('PUT', at('i'), order.sync)
  const newer = {
    services: [
      {
        id: 'svc-sync',
        name: 'wiki',
        bindable: true,
        allow_context_updates: true,
        plans: [{ id: 'plan-s', name: 's', maintenance_info: { version: '1.1.0' } }],
      },
    ],
  }
  simulator.setCatalog(newer)
  t.match(
    await call('PATCH', at('i'), {
      service_id: 'svc-sync',
      maintenance_info: { version: '1.0.0' },
    }),
    { status: 422, body: { error: 'MaintenanceInfoConflict' } },
  )
  t.equal(
    (
      await call('PATCH', at('i'), {
        service_id: 'svc-sync',
        maintenance_info: { version: '1.1.0', description: 'x' },
      })
    ).status,
    200,
  )
  t.equal(
    (
      await call('PATCH', at('i'), {
        service_id: 'svc-sync',
        context: { platform: 'x', instance_name: 'new' },
      })
    ).status,
    200,
  )
  const instance = simulator.state().instances[0]
  t.match(instance, {
    plan_id: 'plan-s',
    maintenance_info: { version: '1.1.0' },
    context: { instance_name: 'new' },
  })
})

t.test('ids may hold any character and stay apart', async (t) => {
  const { call, simulator } = await build(t)
  const id = 'a/b c%é?#'
  t.equal((await call('PUT', at(encodeURIComponent(id)), order.sync)).status, 201)
  t.equal(simulator.state().instances[0]?.instance_id, id)
  t.equal((await call('PUT', '/v2/service_instances/', order.sync)).status, 400)
  t.equal((await call('PUT', '/v2/service_instances/%zz', order.sync)).status, 400)
  t.equal((await call('GET', '/v2/else')).status, 404)
  t.equal((await call('POST', '/v2/catalog', {})).status, 405)
})

t.test('operation strings can be odd or absent', async (t) => {
  const { call } = await build(t, {
    behaviours: {
      'svc-async': { mode: 'async', provisionSeconds: 9, operationStyle: 'odd' },
      'svc-sync': { mode: 'async', provisionSeconds: 9, operationStyle: 'none' },
    },
  })
  const odd = await call('PUT', at('i') + ai, order.async)
  const poll = await call(
    'GET',
    `${at('i')}/last_operation?operation=${encodeURIComponent(String(odd.body['operation']))}`,
  )
  t.match(poll.body, { state: 'in progress' })
  t.equal((await call('GET', `${at('i')}/last_operation?operation=`)).status, 400)
  t.equal((await call('GET', `${at('i')}/last_operation?operation=other`)).status, 400)
  t.strictSame((await call('PUT', at('j') + ai, order.sync)).body, {})
  t.match((await call('GET', `${at('j')}/last_operation`)).body, { state: 'in progress' })
})

t.test('a body over 1 MiB is answered 413', async (t) => {
  const { call, simulator } = await build(t)
  t.equal(
    (await call('PUT', at('i'), { ...order.sync, parameters: { text: 'x'.repeat(1_100_000) } }))
      .status,
    413,
  )
  t.strictSame(simulator.state().instances, [])
})

t.test('the same provision twice at once is one instance', async (t) => {
  const { call, simulator } = await build(t)
  const answers = await Promise.all([1, 2, 3, 4].map(() => call('PUT', at('i'), order.sync)))
  t.strictSame(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 200, 200, 201],
  )
  t.equal(simulator.state().effects.provisioned, 1)
})

t.test('a path prefix is served', async (t) => {
  const { simulator, call } = await build(t, { pathPrefix: '/osb' })
  t.ok(simulator.url.endsWith('/osb'))
  t.equal((await call('GET', '/v2/catalog')).status, 200)
  t.equal((await fetch(`http://127.0.0.1:${simulator.port}/v2/catalog`)).status, 404)
})
