import t from 'tap'
import { ai, at, bindingAt, build, order, query } from './support.ts'
import type { Json } from '../../tools/simulator/types.ts'

const ids = { service_id: 'svc-sync', plan_id: 'plan-s' }

t.test(
  'a binding: 201 with its own credentials, 200 for the same, 409 for another, fetch, 200, 410',
  async (t) => {
    const { call } = await build(t)
    await call('PUT', at('i'), order.sync)
    const body = { ...ids, bind_resource: { app_guid: 'app' }, parameters: { role: 'r' } }
    const made = await call('PUT', bindingAt('i', 'b'), body)
    t.equal(made.status, 201)
    t.match(made.body['credentials'], {
      host: String,
      port: 5432,
      username: String,
      password: String,
      uri: /^postgresql:\/\//,
    })
    const again = await call('PUT', bindingAt('i', 'b'), {
      ...ids,
      app_guid: 'app',
      parameters: { role: 'r' },
    })
    t.strictSame([again.status, again.body], [200, made.body])
    t.equal((await call('PUT', bindingAt('i', 'b'), { ...body, parameters: {} })).status, 409)
    t.strictSame((await call('GET', bindingAt('i', 'b'))).body, {
      ...made.body,
      parameters: { role: 'r' },
    })
    const other = await call('PUT', bindingAt('i', 'c'), body)
    t.not(
      (other.body['credentials'] as Json)['password'],
      (made.body['credentials'] as Json)['password'],
    )
    t.equal(
      (await call('DELETE', `${at('i')}?${query.sync}`)).status,
      400,
      'a deprovision with bindings is refused',
    )
    t.strictSame((await call('DELETE', `${bindingAt('i', 'b')}?${query.sync}`)).body, {})
    t.equal((await call('DELETE', `${bindingAt('i', 'b')}?${query.sync}`)).status, 410)
    t.equal((await call('GET', bindingAt('i', 'b'))).status, 404)
    t.equal((await call('PUT', bindingAt('unknown', 'b'), body)).status, 404)
  },
)

t.test('an asynchronous bind says nothing until it is done', async (t) => {
  const { call, clock } = await build(t)
  await call('PUT', at('i') + ai, order.async)
  clock.at += 10_000
  const body = { service_id: 'svc-async', plan_id: 'plan-a' }
  t.match(await call('PUT', bindingAt('i', 'b'), body), {
    status: 422,
    body: { error: 'AsyncRequired' },
  })
  const started = await call('PUT', bindingAt('i', 'b') + ai, body)
  t.strictSame([started.status, Object.keys(started.body)], [202, ['operation']])
  t.strictSame((await call('PUT', bindingAt('i', 'b') + ai, body)).body, started.body)
  t.equal((await call('GET', bindingAt('i', 'b'))).status, 404)
  t.match((await call('GET', `${bindingAt('i', 'b')}/last_operation`)).body, {
    state: 'in progress',
  })
  t.match(await call('DELETE', `${at('i')}?${query.async}`), {
    status: 422,
    body: { error: 'ConcurrencyError' },
  })
  clock.at += 2000
  t.match(
    (
      await call(
        'GET',
        `${bindingAt('i', 'b')}/last_operation?operation=${String(started.body['operation'])}`,
      )
    ).body,
    { state: 'succeeded' },
  )
  t.match((await call('GET', bindingAt('i', 'b'))).body, { credentials: { api_key: String } })
  t.equal((await call('DELETE', `${bindingAt('i', 'b')}?${query.async}`)).status, 202)
  clock.at += 2000
  t.equal((await call('GET', `${bindingAt('i', 'b')}/last_operation`)).status, 410)
})

t.test('a rotation takes over from its predecessor and leaves it alive', async (t) => {
  const { call } = await build(t)
  await call('PUT', at('i'), order.sync)
  await call('PUT', bindingAt('i', 'old'), {
    ...ids,
    parameters: { role: 'r' },
    bind_resource: { app_guid: 'app' },
  })
  const rotated = await call('PUT', bindingAt('i', 'new'), { predecessor_binding_id: 'old' })
  t.equal(rotated.status, 201)
  t.equal((await call('PUT', bindingAt('i', 'new'), { predecessor_binding_id: 'old' })).status, 200)
  t.equal((await call('PUT', bindingAt('i', 'new'), { predecessor_binding_id: 'x' })).status, 409)
  t.match((await call('GET', bindingAt('i', 'new'))).body, { parameters: { role: 'r' } })
  t.equal((await call('GET', bindingAt('i', 'old'))).status, 200)
  t.equal(
    (await call('PUT', bindingAt('i', 'n2'), { predecessor_binding_id: 'unknown' })).status,
    400,
  )
  await call('PUT', at('m'), { ...order.sync, plan_id: 'plan-m' })
  await call('PUT', bindingAt('m', 'old'), { ...ids, plan_id: 'plan-m' })
  t.equal(
    (await call('PUT', bindingAt('m', 'new'), { predecessor_binding_id: 'old' })).status,
    400,
    'the plan is not rotatable',
  )
})

t.test('bindings can expire, and an expired one cannot be rotated', async (t) => {
  const { call, clock } = await build(t, {
    behaviours: { 'svc-sync': { mode: 'sync', bindingExpiresDays: 10 } },
  })
  await call('PUT', at('i'), order.sync)
  const made = await call('PUT', bindingAt('i', 'b'), ids)
  t.strictSame(made.body['metadata'], {
    expires_at: '2026-03-14T05:06:07.000Z',
    renew_before: '2026-03-12T05:06:07.000Z',
  })
  clock.at += 10 * 86_400_000
  t.equal((await call('PUT', bindingAt('i', 'c'), { predecessor_binding_id: 'b' })).status, 400)
})

t.test('behaviours ask for an app, and let go of an instance with bindings', async (t) => {
  const { call, simulator } = await build(t, {
    behaviours: { '*': { mode: 'sync', requiresApp: true, refuseDeprovisionWithBindings: false } },
  })
  await call('PUT', at('i'), order.sync)
  t.match(await call('PUT', bindingAt('i', 'b'), ids), {
    status: 422,
    body: { error: 'RequiresApp' },
  })
  t.equal((await call('PUT', bindingAt('i', 'b'), { ...ids, app_guid: 'app' })).status, 201)
  t.equal((await call('DELETE', `${at('i')}?${query.sync}`)).status, 200)
  t.match(simulator.state().effects, { bound: 1, unbound: 1, deprovisioned: 1 })
})

t.test('what is not retrievable is not fetched', async (t) => {
  const { call } = await build(t)
  const closed = { ...order.sync, service_id: 'svc-closed', plan_id: 'plan-c' }
  await call('PUT', at('i'), closed)
  await call('PUT', bindingAt('i', 'b'), { service_id: 'svc-closed', plan_id: 'plan-c' })
  t.equal((await call('GET', at('i'))).status, 405)
  t.equal((await call('GET', bindingAt('i', 'b'))).status, 405)
})
