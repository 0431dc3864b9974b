// X-Dry-Run on PUT: every check, no effect.
import { sql } from 'kysely'
import t from 'tap'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { asOwner } from '../support/as-owner.ts'
import { here, startKontor, until, type Reply } from '../support/kontor.ts'
import { organisation, platform } from './tenants.ts'

const dry = { 'x-dry-run': 'true' }
const I = '/v2/service_instances/i-1'
const B = `${I}/service_bindings/b-1`

const kontor = await startKontor(t)
const {
  admin,
  running: { runtime },
} = kontor
const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { size: { type: 'integer' } },
}
const catalog: OsbCatalog = {
  services: [
    {
      id: 'db',
      name: 'db',
      description: 'd',
      bindable: true,
      plan_updateable: true,
      instances_retrievable: true,
      bindings_retrievable: true,
      plans: ['small', 'large'].map((name) => ({
        id: name,
        name,
        description: name,
        maintenance_info: { version: '1.0.0' },
        schemas: {
          service_instance: { create: { parameters: schema } },
          service_binding: { create: { parameters: schema } },
        },
      })),
    },
    {
      id: 'app',
      name: 'app',
      description: 'd',
      bindable: false,
      plans: [{ id: 'only', name: 'only', description: 'd' }],
    },
  ],
}
const { simulator, view } = await kontor.addProvider('nord', {
  behaviours: { '*': { mode: 'sync', dashboard: true } },
  catalog,
})
const stadt = await organisation(kontor, 'stadt', 'kommune')
const { call } = await platform(kontor, 'of-stadt', stadt)
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const app = await kontor.find('nord', 'app')

async function traces(): Promise<unknown> {
  const { db } = runtime
  const count = async (
    table: 'instances' | 'bindings' | 'operations' | 'orphans' | 'audit_events',
  ) => (await db.selectFrom(table).select('id').execute()).length
  const state = simulator.state()
  return [
    await count('instances'),
    await count('bindings'),
    await count('operations'),
    await count('orphans'),
    await count('audit_events'),
    state.instances,
    state.requests,
  ]
}

/** The answer to a dry run; asserts that nothing has changed anywhere. */
async function dryRun(
  test: { strictSame(found: unknown, wanted: unknown, message: string): boolean },
  path: string,
  body: unknown,
  more: Record<string, string> = {},
): Promise<Reply> {
  const before = await traces()
  const reply = await call('PUT', path, body, { ...dry, ...more })
  test.strictSame(await traces(), before, `${path} left nothing`)
  return reply
}

t.test('an order that would be accepted gets that answer, and nothing is ordered', async (t) => {
  const taken = { status: 200, text: '{}', headers: { 'x-dry-run': 'true' } }
  t.match(await dryRun(t, I, { ...small, ...here, parameters: { size: 1 } }), taken)
  t.match(await dryRun(t, `${I}?accepts_incomplete=true`, { ...small, ...here }), taken)
  t.match(await call('GET', I), { status: 404 })
  t.match(
    await call('PUT', I, { ...small, ...here, parameters: { size: 1 } }),
    { status: 201 },
    'the real one is',
  )
  t.match(
    await dryRun(t, I, { ...small, ...here, parameters: { size: 1 } }),
    taken,
    'nor is the same order again another one',
  )
  t.match(await dryRun(t, B, { ...small, parameters: { size: 1 } }), taken)
  t.match(await call('GET', B), { status: 404 })
  t.match(await call('PUT', B, small), { status: 201 })
  t.match(await dryRun(t, B, small), taken, 'without the credentials')
})

t.test('an order that would be refused gets the same answer', async (t) => {
  const cases: ReadonlyArray<readonly [path: string, body: object]> = [
    [I, { ...large, ...here }],
    [`${I}x`, { ...small }],
    [`${I}x`, { ...small, ...here, plan_id: 'nothing' }],
    [`${I}x`, { ...small, ...here, parameters: { size: 'xl' } }],
    [`${I}x`, { ...small, ...here, maintenance_info: { version: '2.0.0' } }],
    [B, { ...small, parameters: { size: 2 } }],
    [`${B}x`, { ...small, parameters: { size: 'xl' } }],
    [`${B}x`, { ...small, plan_id: large.plan_id }],
    [`${I}x/service_bindings/b`, small],
  ]
  for (const [path, body] of cases) {
    const validated = await dryRun(t, path, body)
    const real = await call('PUT', path, body)
    t.ok(real.status >= 400, JSON.stringify(body))
    t.strictSame([validated.status, validated.body], [real.status, real.body], JSON.stringify(body))
    t.equal(validated.headers['x-dry-run'], 'true')
  }
  t.match(await call('PUT', `${I}a`, { ...app, ...here }), { status: 201 })
  t.match(await dryRun(t, `${I}a/service_bindings/b`, app), {
    status: 400,
    body: { description: /cannot be bound/ },
  })
})

t.test('pass-through credentials are not read at the provider', async (t) => {
  const retrievable = async (isRetrievable: boolean) => {
    simulator.setCatalog({
      services: catalog.services.map((service) =>
        service.name === 'db' ? { ...service, bindings_retrievable: isRetrievable } : service,
      ),
    })
    t.match(await admin('POST', `/api/providers/${view.id}/refresh`), { status: 200 })
  }
  t.match(await admin('PATCH', `/api/providers/${view.id}`, { storeBindingCredentials: false }), {
    status: 200,
  })
  t.match(await dryRun(t, B, small), { status: 200, text: '{}' }, 'nor is a reading recorded')
  t.match(
    await call('PUT', B, small),
    { status: 200, body: { credentials: { host: String } } },
    'the real order reads it',
  )
  await retrievable(false)
  const validated = await dryRun(t, B, small)
  t.match(validated, { status: 500, body: { description: /Unbind it, and bind anew/ } })
  t.strictSame(validated.body, (await call('PUT', B, small)).body)
  await retrievable(true)
})

t.test('rules and quotas are checked', async (t) => {
  const { body: rule } = await admin('POST', '/api/visibility-rules', {
    effect: 'deny',
    who: { organisation: 'stadt' },
    what: { plan: 'only' },
    reason: 'Not here.',
  })
  t.match(await dryRun(t, `${I}y`, { ...app, ...here }), {
    status: 400,
    body: { description: /is not offered here: Not here\./ },
  })
  await admin('DELETE', `/api/visibility-rules/${String(rule.id)}`)
  const { body: quota } = await admin('PUT', '/api/quotas', {
    organisation: 'stadt',
    offering: 'nord-db',
    instances: 2,
  })
  t.match(
    await dryRun(t, `${I}y`, { ...small, ...here }),
    { status: 200 },
    'one slot of the quota is left',
  )
  await admin('PUT', '/api/quotas', { organisation: 'stadt', offering: 'nord-db', instances: 1 })
  t.match(await dryRun(t, `${I}y`, { ...small, ...here }), {
    status: 400,
    body: { description: /^The quota of the organisation "stadt" for this offering is used up/ },
  })
  await admin('DELETE', `/api/quotas/${String(quota.id)}`)
})

t.test('a database error is not taken for a missing provider', async (t) => {
  const owner = asOwner(t, kontor)
  await sql`alter table providers rename to elsewhere`.execute(owner)
  try {
    t.match(await call('PUT', `${I}w`, { ...small, ...here }, dry), { status: 500 })
    t.match(await admin('PUT', '/api/quotas', { provider: view.id, instances: 1 }), {
      status: 500,
    })
  } finally {
    await sql`alter table elsewhere rename to providers`.execute(owner)
  }
  t.match(await call('PUT', `${I}w`, { ...small, ...here }, dry), { status: 200 })
})

t.test('X-Dry-Run on another request is refused before anything is done', async (t) => {
  const query = `service_id=${small.service_id}&plan_id=${small.plan_id}`
  const before = await traces()
  for (const [method, path, body] of [
    ['DELETE', `${I}?${query}`],
    ['PATCH', I, small],
    ['GET', I],
    ['GET', '/v2/catalog'],
    ['DELETE', `${B}?${query}`],
    ['GET', `${I}/last_operation`],
  ] as const) {
    t.match(
      await call(method, path, body, dry),
      { status: 400, body: { description: /^X-Dry-Run is only for PUT/ } },
      `${method} ${path}`,
    )
  }
  for (const value of ['false', '1', 'TRUE', 'yes', 'true, true'])
    t.match(
      await call('PUT', `${I}w`, { ...small, ...here }, { 'x-dry-run': value }),
      { status: 400, body: { description: /^X-Dry-Run must be true/ } },
      value,
    )
  t.strictSame(await traces(), before)
})

t.test('an open circuit gives its answer, and the dry run uses no trial call', async (t) => {
  const fault = simulator.faults.add({ on: 'any', times: 0, do: { closeConnection: true } })
  await until(
    () => call('PUT', `${I}-${Math.random()}`, { ...small, ...here }),
    ({ status }) => status === 503,
  )
  const before = simulator.state().requests
  t.match(await call('PUT', `${I}z`, { ...small, ...here }, dry), {
    status: 503,
    headers: { 'retry-after': /^\d+$/ },
  })
  t.match(
    await call('PUT', `${I}z?accepts_incomplete=true`, { ...small, ...here }, dry),
    { status: 200 },
    'one that can wait would be queued',
  )
  t.match(await call('PUT', `${I}/service_bindings/z`, small, dry), { status: 503 })
  t.match(
    await call('PUT', B, small, dry),
    { status: 503, body: { description: /kept nowhere else/ } },
    'nor could its credentials be read',
  )
  t.strictSame(simulator.state().requests['provision'], before['provision'])
  simulator.faults.clear(fault)
})

t.test('a draining provider accepts no orders', async (t) => {
  t.match(await admin('DELETE', `/api/providers/${view.id}?drain=true`), { status: 202 })
  t.match(await call('PUT', `${I}z`, { ...small, ...here }, dry), {
    status: 400,
    body: { description: /its provider takes no new orders/ },
  })
})
