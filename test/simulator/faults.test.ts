import t from 'tap'
import { startSimulator } from '../../tools/simulator/start.ts'
import type { FaultAction, FaultTarget } from '../../tools/simulator/types.ts'
import { ai, at, behaviours, bindingAt, build, callAt, catalog, order, query } from './support.ts'
import { basicAuth } from '../support/basic-auth.ts'

const ids = { service_id: 'svc-sync', plan_id: 'plan-s' }

t.test('a status fault strikes once, before the simulator acts', async (t) => {
  const { call, simulator } = await build(t)
  const added = await call('POST', '/_simulator/faults', {
    on: 'provision',
    do: { status: 503, headers: { 'Retry-After': '5' }, body: { description: 'busy' } },
  })
  t.equal(added.status, 201)
  const struck = await call('PUT', at('i'), order.sync)
  t.strictSame(
    [struck.status, struck.body, struck.headers.get('retry-after')],
    [503, { description: 'busy' }, '5'],
  )
  t.strictSame(simulator.state().instances, [])
  t.equal((await call('PUT', at('i'), order.sync)).status, 201)
  t.match((await call('GET', '/_simulator/faults')).body, {
    faults: [{ id: added.body['id'], seen: 2, fired: 1 }],
  })
})

t.test('after: the simulator acts, then spoils the answer', async (t) => {
  const { call, simulator } = await build(t)
  simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
  t.equal((await call('PUT', at('i'), order.sync)).status, 500)
  t.equal(simulator.state().instances.length, 1)
  t.equal((await call('PUT', at('i'), order.sync)).status, 200)
})

t.test('after, times, match and clear decide when a fault strikes', async (t) => {
  const { call, simulator } = await build(t)
  simulator.faults.add({ on: 'provision', after: 1, times: 2, do: { status: 500 } })
  const statuses = []
  for (const id of ['a', 'b', 'c', 'd'])
    statuses.push((await call('PUT', at(id), order.sync)).status)
  t.strictSame(statuses, [201, 500, 500, 201])
  const id = simulator.faults.add({
    on: 'any',
    times: 0,
    match: { instance_id: 'x' },
    do: { status: 500 },
  })
  simulator.faults.add({
    on: 'provision',
    times: 0,
    match: { service_id: 'svc-async' },
    do: { status: 501 },
  })
  t.equal((await call('PUT', at('x'), order.sync)).status, 500)
  t.equal((await call('PUT', at('y'), order.sync)).status, 201)
  t.equal((await call('PUT', at('z') + ai, order.async)).status, 501)
  t.equal((await call('DELETE', `/_simulator/faults/${id}`)).status, 200)
  t.equal((await call('DELETE', `/_simulator/faults/${id}`)).status, 404)
  t.equal((await call('PUT', at('x'), order.sync)).status, 201)
  t.equal((await call('DELETE', '/_simulator/faults')).status, 200)
  t.equal((await call('PUT', at('z') + ai, order.async)).status, 202)
})

t.test('a bad fault is a 400 that names the field', async (t) => {
  const { call } = await build(t)
  for (const [body, words] of [
    [{ on: 'lunch', do: { hang: true } }, /^on must be one of catalog/],
    [{ on: 'bind', do: { delayMs: 'x' } }, /^do\.delayMs must be integer/],
    [{ on: 'bind', do: { explode: true } }, /^do\.explode is not known/],
    [{ on: 'bind', do: {} }, /^do must NOT have fewer/],
    [{ on: 'bind', do: { body: 'x', hang: true } }, /^do must have property status/],
    [{ on: 'bind', do: { hang: true, delayMs: 1 } }, /^do must name exactly one of/],
    [{ on: 'catalog', do: { never: true } }, /^on must be one of provision/],
    [{ on: 'bind', when: 'before', do: { forget: true } }, /^when must not be "before"/],
    [{ do: { hang: true } }, /on/],
  ] as const) {
    const answer = await call('POST', '/_simulator/faults', body)
    t.match(answer, { status: 400, body: { description: words } })
  }
  t.match(await call('POST', '/_simulator/settings', { catalogMode: 'gone' }), {
    status: 400,
    body: { description: /^catalogMode must be one of normal/ },
  })
})

t.test('malformed answers, before and after acting', async (t) => {
  const { call, simulator } = await build(t)
  const spoil = async (
    malformed: 'truncated_json' | 'html' | 'not_json' | 'wrong_types' | 'empty' | 'array',
  ) => {
    simulator.faults.add({ on: 'catalog', do: { malformed } })
    return call('GET', '/v2/catalog')
  }
  const whole = (await call('GET', '/v2/catalog')).text
  const cut = await spoil('truncated_json')
  t.ok(cut.text.length < whole.length && whole.startsWith(cut.text), 'a piece of the true catalog')
  t.match((await spoil('html')).headers.get('content-type'), 'text/html')
  t.equal((await spoil('not_json')).text.startsWith('OK'), true)
  t.equal((await spoil('wrong_types')).body['services'], 'none')
  t.equal((await spoil('empty')).text, '')
  t.equal((await spoil('array')).text, '[]')
  simulator.faults.add({ on: 'provision', when: 'after', do: { malformed: 'truncated_json' } })
  t.equal((await call('PUT', at('i') + ai, order.async)).status, 202)
  simulator.faults.add({ on: 'provision', do: { malformed: 'html', status: 502 } })
  t.equal((await call('PUT', at('j'), order.sync)).status, 502)
  t.strictSame(
    simulator.state().instances.map((instance) => instance.instance_id),
    ['i'],
  )
})

t.test('a delay passes, a hang never answers, a closed connection is reset', async (t) => {
  const { simulator, call } = await build(t)
  simulator.faults.add({ on: 'provision', do: { delayMs: 60 } })
  const began = performance.now()
  t.equal((await call('PUT', at('i'), order.sync)).status, 201)
  t.ok(performance.now() - began >= 55)

  simulator.faults.add({ on: 'provision', when: 'after', do: { hang: true } })
  const hanging = fetch(simulator.url + at('h'), {
    method: 'PUT',
    body: JSON.stringify(order.sync),
    headers: { 'X-Broker-API-Version': '2.17', 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(150),
  })
  await t.rejects(hanging, { name: 'TimeoutError' })
  t.equal(
    simulator.state().instances.some((instance) => instance.instance_id === 'h'),
    true,
  )
  t.equal(simulator.state().lastRequests.at(-1)?.status, null)

  simulator.faults.add({ on: 'provision', do: { closeConnection: true } })
  await t.rejects(call('PUT', at('c'), order.sync))
  t.equal((await call('PUT', at('c'), order.sync)).status, 201)
})

t.test('huge and dripping answers are still correct', async (t) => {
  const { simulator, call } = await build(t)
  simulator.faults.add({ on: 'catalog', do: { hugeBytes: 3_000_000 } })
  const huge = await call('GET', '/v2/catalog')
  t.equal(huge.text.length, 3_000_000)
  t.ok(Array.isArray(huge.body['services']))
  simulator.faults.add({ on: 'provision', do: { drip: { bytes: 1, everyMs: 1 } } })
  const dripped = await call('PUT', at('i') + ai, order.async)
  t.match(dripped, { status: 202, body: { operation: String } })
})

t.test(
  'never: the operation stays in progress for ever, even of a synchronous service',
  async (t) => {
    const { simulator, call, clock } = await build(t)
    simulator.faults.add({ on: 'provision', do: { never: true } })
    t.equal((await call('PUT', at('i') + ai, order.sync)).status, 202)
    clock.at += 1_000_000_000
    t.match((await call('GET', `${at('i')}/last_operation`)).body, { state: 'in progress' })
    t.equal(
      (await call('DELETE', `${at('i')}?${query.sync}`)).status,
      200,
      'a delete gets rid of it',
    )
    t.match((await call('GET', `${at('i')}/last_operation`)).body, { state: 'failed' })
  },
)

t.test('failOperation: 202 and later failed, with the flags', async (t) => {
  const { simulator, call, clock } = await build(t)
  simulator.faults.add({ on: 'provision', do: { failOperation: { description: 'no space left' } } })
  t.equal((await call('PUT', at('i') + ai, order.async)).status, 202)
  clock.at += 10_000
  t.strictSame((await call('GET', `${at('i')}/last_operation`)).body, {
    state: 'failed',
    description: 'no space left',
  })
  t.equal((await call('PUT', at('i') + ai, order.async)).status, 409)
  t.equal((await call('GET', at('i'))).status, 404)
  t.equal(
    (await call('DELETE', `${at('i')}?${query.async}`)).status,
    202,
    'orphan mitigation works',
  )

  await call('PUT', at('u'), order.sync)
  simulator.faults.add({
    on: 'update',
    do: {
      failOperation: { description: 'broken', instance_usable: false, update_repeatable: true },
    },
  })
  t.match(await call('PATCH', at('u'), { service_id: 'svc-sync', plan_id: 'plan-m' }), {
    status: 500,
    body: { description: 'broken', instance_usable: false, update_repeatable: true },
  })
  t.match((await call('GET', at('u'))).body, { plan_id: 'plan-s' })
  simulator.faults.add({
    on: 'deprovision',
    do: { failOperation: { description: 'stuck', instance_usable: true } },
  })
  t.equal((await call('DELETE', `${at('u')}?${query.sync}&accepts_incomplete=true`)).status, 202)
  t.strictSame((await call('GET', `${at('u')}/last_operation`)).body, {
    state: 'failed',
    description: 'stuck',
    instance_usable: true,
  })
  t.equal((await call('GET', at('u'))).status, 200)
})

t.test('forget: the simulator answers success without acting', async (t) => {
  const { simulator, call } = await build(t)
  simulator.faults.add({ on: 'provision', do: { forget: true } })
  t.equal((await call('PUT', at('i'), order.sync)).status, 201)
  t.match(simulator.state(), { instances: { length: 0 }, effects: { provisioned: 0 } })
})

t.test('crash: it acts, exits without an answer, and the state file has the effect', async (t) => {
  const stateFile = `${t.testdir()}/state/journal.jsonl`
  const { simulator, call } = await build(t, { stateFile })
  simulator.faults.add({ on: 'provision', do: { crash: true } })
  await t.rejects(call('PUT', at('i'), order.sync))
  await t.rejects(call('GET', '/v2/catalog'), 'the listener is gone too')
  await simulator.stop()
  const again = await startSimulator({ catalog, behaviours, stateFile, port: simulator.port })
  t.teardown(() => again.stop())
  t.equal(again.port, simulator.port)
  t.equal((await callAt(again.url, 'PUT', at('i'), order.sync)).status, 200)
  t.match(again.state(), {
    effects: { provisioned: 1 },
    instances: [{ instance_id: 'i', state: 'ready' }],
  })
})

t.test('without duplicate detection a repeated PUT creates a second instance', async (t) => {
  const { simulator, call } = await build(t)
  t.match((await call('POST', '/_simulator/settings', { duplicateDetection: false })).body, {
    duplicateDetection: false,
  })
  t.equal((await call('PUT', at('i'), order.sync)).status, 201)
  t.equal((await call('PUT', at('i'), order.sync)).status, 201)
  await call('PUT', bindingAt('i', 'b'), ids)
  await call('PUT', bindingAt('i', 'b'), ids)
  t.match(simulator.state(), {
    effects: { provisioned: 2, bound: 2 },
    duplicates: [
      { kind: 'instance', instance_id: 'i' },
      { kind: 'binding', binding_id: 'b' },
    ],
  })
})

t.test('nulls: each answer has null in the optional fields that it does not have', async (t) => {
  const { call } = await build(t)
  const tag = (await call('GET', '/v2/catalog')).headers.get('etag') ?? ''
  t.match((await call('POST', '/_simulator/settings', { nulls: true })).body, { nulls: true })
  const read = await call('GET', '/v2/catalog', undefined, { 'If-None-Match': tag })
  t.equal(read.status, 200, 'it differs from the catalog with that tag')
  const [service] = read.body['services'] as Array<{ plans: object[] }>
  const nullsOf = (value: object = {}) =>
    Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] === null)
  t.strictSame(nullsOf(service), ['requires', 'metadata', 'dashboard_client'])
  t.strictSame(nullsOf(service?.plans[2]), [
    'metadata',
    'free',
    'binding_rotatable',
    'schemas',
    'maximum_polling_duration',
    'maintenance_info',
  ])
  t.strictSame((await call('PUT', at('i'), order.sync)).body, {
    dashboard_url: null,
    operation: null,
    metadata: null,
  })
  t.strictSame(nullsOf((await call('PUT', bindingAt('i', 'b'), ids)).body), [
    'operation',
    'metadata',
    'syslog_drain_url',
    'route_service_url',
    'volume_mounts',
    'parameters',
  ])
  const refused = await call('DELETE', `${at('i')}?${query.async}`)
  t.equal(refused.status, 400)
  t.strictSame(nullsOf(refused.body), ['error', 'instance_usable', 'update_repeatable'])
})

t.test('catalog modes change the published catalog and the possible orders', async (t) => {
  const { simulator, call } = await build(t)
  await call('PUT', at('old'), order.sync)
  const read = async () =>
    (await call('GET', '/v2/catalog')).body['services'] as Array<{ id: string; name: string }>
  const etag = (await call('GET', '/v2/catalog')).headers.get('etag')
  simulator.configure({ catalogMode: 'shrink' })
  t.strictSame(
    (await read()).map(({ name }) => name),
    ['closed'],
  )
  t.not((await call('GET', '/v2/catalog')).headers.get('etag'), etag)
  t.equal((await call('PUT', at('new'), order.sync)).status, 400)
  t.equal(
    (await call('PATCH', at('old'), { service_id: 'svc-sync', parameters: { a: 1 } })).status,
    200,
    'what exists lives on',
  )
  simulator.configure({ catalogWithout: ['messenger'] })
  t.strictSame(
    (await read()).map(({ name }) => name),
    ['wiki', 'closed'],
  )
  simulator.configure({ catalogMode: 'empty' })
  t.strictSame(await read(), [])
  simulator.configure({ catalogMode: 'change_ids' })
  const changed = await read()
  t.strictSame(
    changed.map(({ name }) => name),
    ['wiki', 'messenger', 'closed'],
  )
  t.notOk(changed.some(({ id }) => id.startsWith('svc-')))
  simulator.configure({ catalogMode: 'double_ids' })
  t.strictSame(
    (await read()).map(({ id }) => id),
    ['svc-sync', 'svc-sync', 'svc-closed'],
  )
  simulator.configure({ catalogMode: 'invalid' })
  t.match(await read(), [{ name: '' }, { plans: { length: 0 } }, { bindable: 'yes' }])
  simulator.configure({ catalogMode: 'html' })
  t.match((await call('GET', '/v2/catalog')).headers.get('content-type'), 'text/html')
  simulator.configure({ catalogMode: 'normal' })
  t.equal((await call('GET', '/v2/catalog')).headers.get('etag'), etag)
  t.equal((await call('DELETE', `${at('old')}?${query.sync}`)).status, 200)
})

t.test('a catalog can be replaced, and an invalid one is refused', async (t) => {
  const { call } = await build(t)
  const fresh = {
    services: [{ id: 'new', name: 'new', bindable: false, plans: [{ id: 'np', name: 'np' }] }],
  }
  t.equal((await call('PUT', '/_simulator/catalog', fresh)).status, 200)
  t.strictSame((await call('GET', '/v2/catalog')).body, fresh)
  t.equal(
    (await call('PUT', at('i'), { ...order.sync, service_id: 'new', plan_id: 'np' })).status,
    201,
  )
  t.match(await call('PUT', '/_simulator/catalog', { services: [{ name: 'x' }] }), {
    status: 400,
    body: { description: /^services\[0\]\.id/ },
  })
})

t.test('the state shows the requests, without the authorization', async (t) => {
  const { call } = await build(t, { username: 'u', password: 'p' })
  const auth = { Authorization: basicAuth('u', 'p') }
  await call('PUT', `${at('i')}?accepts_incomplete=true`, order.sync, {
    ...auth,
    'X-Custom': 'yes',
  })
  const state = await call('GET', '/_simulator/state', undefined, auth)
  t.match(state.body, {
    requests: { provision: 1 },
    lastRequests: [
      {
        method: 'PUT',
        path: '/v2/service_instances/i',
        query: { accepts_incomplete: 'true' },
        body: order.sync,
        status: 201,
        headers: { 'x-custom': 'yes' },
      },
    ],
  })
  t.notMatch(state.text, 'authorization')
})

// One of each kind: no fault may break the simulator for the next request.
const actions: FaultAction[] = [
  { delayMs: 1 },
  { status: 204 },
  { malformed: 'empty' },
  { hugeBytes: 10 },
  { closeConnection: true },
  { drip: { bytes: 5, everyMs: 0 } },
  { status: 200, body: 'text' },
]
const targets: FaultTarget[] = ['catalog', 'provision', 'any']

t.test('the simulator outlives every fault', async (t) => {
  const { simulator, call } = await build(t)
  for (const on of targets) {
    for (const action of actions) {
      simulator.faults.add({ on, do: action })
      await call(
        on === 'catalog' ? 'GET' : 'PUT',
        on === 'catalog' ? '/v2/catalog' : at('i'),
        on === 'catalog' ? undefined : order.sync,
      ).catch(() => {})
      simulator.faults.clear()
      t.equal((await call('GET', '/v2/catalog')).status, 200)
    }
  }
})
