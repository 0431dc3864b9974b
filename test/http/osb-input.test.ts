// Invalid input gets a clear error and changes nothing; odd but valid input is accepted.
import t, { type Test } from 'tap'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { catalogOf } from '../support/catalogs.ts'
import { here, startKontor, type Reply } from '../support/kontor.ts'
import { sendRaw } from '../support/raw.ts'
import { traces } from '../support/witness.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'

const kontor = await startKontor(t, { environment: { KONTOR_MAX_BODY_BYTES: '20000' } })
const { call, url } = kontor
const { simulator } = await kontor.addProvider('nord', { catalog: withMore(catalogOf('nord')) })
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const app = await kontor.find('nord', 'app')
const ctx = await kontor.find('nord', 'ctx')
const order = { ...small, ...here }

// One instance with one binding, which invalid input must not change.
const I = '/v2/service_instances/kept'
const B = `${I}/service_bindings/kept-b`
const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`
await expectStatus(
  call('PUT', I, {
    ...order,
    context: { platform: 'cloudfoundry', n: 1 },
    parameters: { size: 1 },
  }),
  201,
)
await expectStatus(call('PUT', B, small), 201)
await expectStatus(call('PUT', '/v2/service_instances/plain', { ...app, ...here }), 201)
await expectStatus(call('PUT', '/v2/service_instances/contextual', { ...ctx, ...here }), 201)

// For sendRaw, which needs the header itself.
const authorization = await signedIn()
const signed = [`authorization: ${authorization}`, 'x-broker-api-version: 2.17']
const unsigned = ['x-broker-api-version: 2.17']

// A third offering: it accepts context updates, its plans cannot be changed, and one has no
// maintenance_info.
function withMore(catalog: OsbCatalog): OsbCatalog {
  return {
    services: [
      ...catalog.services,
      {
        id: 'nord-ctx',
        name: 'ctx',
        description: 'Takes context updates',
        bindable: true,
        allow_context_updates: true,
        instances_retrievable: true,
        plans: [
          {
            id: 'nord-ctx-a',
            name: 'a',
            description: 'a',
            plan_updateable: false,
            binding_rotatable: false,
          },
          {
            id: 'nord-ctx-b',
            name: 'b',
            description: 'b',
            maintenance_info: { version: '2.0.0-rc.1+build.5' },
          },
        ],
      },
    ],
  }
}

async function expectStatus(reply: Promise<Reply>, status: number): Promise<void> {
  const { status: got, text } = await reply
  if (got !== status) throw new Error(`Expected ${status}, got ${got}: ${text}`)
}

/** Expects this refusal, a sentence that says why, and no trace in Kontor or at the provider. */
async function refused(
  t: Test,
  name: string,
  send: () => Promise<Reply>,
  status: number,
  says: RegExp,
  error?: string,
): Promise<void> {
  await t.test(name, async (t) => {
    const before = await traces(kontor.running.runtime.db, simulator)
    const reply = await send()
    t.equal(reply.status, status, reply.text)
    t.match(reply.headers['content-type'], /^application\/json/)
    t.match(reply.body?.description, says)
    t.equal(reply.body?.error, error, 'an error word only where the specification names one')
    t.notMatch(reply.text, /\bat .*\.(ts|js):\d+|syntax error|pg_|FST_/, 'no internals are shown')
    t.strictSame(await traces(kontor.running.runtime.db, simulator), before, 'nothing has changed')
  })
}

t.test('an unreadable body is refused on every call that has one', async (t) => {
  const calls = [
    ['PUT', '/v2/service_instances/new', order],
    ['PATCH', I, { service_id: small.service_id }],
    ['PUT', `${I}/service_bindings/new`, small],
  ] as const
  for (const [method, path, good] of calls) {
    for (const body of [
      '{',
      '{"service_id":',
      'not json',
      '{} {}',
      "{'a':1}",
      '\u0000',
      '{"a":"\n"}',
    ]) {
      await refused(
        t,
        `${method} with broken JSON ${JSON.stringify(body)}`,
        () => call(method, path, body),
        400,
        /not valid JSON/,
      )
    }
    for (const body of ['[]', '"text"', '17', 'true', 'null']) {
      await refused(
        t,
        `${method} with ${body} for a body`,
        () => call(method, path, body),
        400,
        /must be object/,
      )
    }
    await refused(
      t,
      `${method} with an empty body`,
      () => call(method, path, '', { 'content-type': 'application/json' }),
      400,
      /must be object/,
    )
    await refused(t, `${method} without a body`, () => call(method, path), 400, /must be object/)
    await refused(
      t,
      `${method} with a body that is not UTF-8`,
      () =>
        raw(
          method,
          path,
          Buffer.concat([Buffer.from('{"x":"'), Buffer.of(0xc3, 0x28), Buffer.from('"}')]),
        ),
      400,
      /UTF-8/,
    )
    await refused(
      t,
      `${method} of text/plain`,
      () => call(method, path, JSON.stringify(good), { 'content-type': 'text/plain' }),
      400,
      /Content-Type must be application\/json/,
    )
    await refused(
      t,
      `${method} of a form`,
      () => call(method, path, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      400,
      /Content-Type must be application\/json/,
    )
    await refused(
      t,
      `${method} of a Content-Type that is none`,
      () => call(method, path, JSON.stringify(good), { 'content-type': '???' }),
      400,
      /./,
    )
    await refused(
      t,
      `${method} with __proto__`,
      () => call(method, path, JSON.stringify(good).replace('{', '{"__proto__":{"a":1},')),
      400,
      /./,
    )
    await refused(
      t,
      `${method} with __proto__ deep down`,
      () =>
        call(
          method,
          path,
          JSON.stringify({ ...good, parameters: { a: 1 } }).replace(
            '"a":1',
            '"a":{"__proto__":null}',
          ),
        ),
      400,
      /./,
    )
    await refused(
      t,
      `${method} of a body over the limit`,
      () => call(method, path, { ...good, parameters: { a: 'x'.repeat(20_000) } }),
      413,
      /too large/,
    )
    await refused(
      t,
      `${method} of a body over the limit that does not tell its length`,
      () =>
        rawReply(
          sendRaw(url, `${method} ${path}`, [
            ...signed,
            'content-type: application/json',
            'transfer-encoding: chunked',
            '',
            `5000\r\n${' '.repeat(0x5000)}\r\n0\r\n`,
          ]),
        ),
      413,
      /too large/,
    )
    await refused(
      t,
      `${method} with a number beyond all numbers`,
      () => call(method, path, JSON.stringify(good).replace('{', '{"parameters":{"a":1e999},')),
      400,
      /number that is too large/,
    )
    await refused(
      t,
      `${method} of a body that is nested without end`,
      () =>
        call(
          method,
          path,
          JSON.stringify(good).replace(
            '{',
            `{"parameters":{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}},`,
          ),
        ),
      400,
      /nested/,
    )
  }
})

t.test('a field of the wrong type is refused with its name', async (t) => {
  const wrong: ReadonlyArray<readonly [field: string, ...values: unknown[]]> = [
    ['service_id', 1, null, {}, [], true],
    ['plan_id', 1, null, {}],
    ['organization_guid', 1, null, []],
    ['space_guid', 1, null, {}],
    ['context', 'text', 1, []],
    ['parameters', 'text', 1, [], true],
    ['maintenance_info', 'text', [], 1],
  ]
  for (const [field, ...values] of wrong) {
    for (const value of values) {
      await refused(
        t,
        `provision: ${field} = ${JSON.stringify(value)}`,
        () => call('PUT', '/v2/service_instances/new', { ...order, [field]: value }),
        400,
        new RegExp(`${field} must be`),
      )
    }
  }
  for (const [field, ...values] of [
    ['service_id', 1, null],
    ['plan_id', 1],
    ['context', 'x'],
    ['parameters', 'x', []],
    ['maintenance_info', 'x'],
    ['previous_values', 'x'],
  ] as const) {
    for (const value of values) {
      await refused(
        t,
        `update: ${field} = ${JSON.stringify(value)}`,
        () => call('PATCH', I, { service_id: small.service_id, [field]: value }),
        400,
        new RegExp(`${field} must be`),
      )
    }
  }
  for (const [field, ...values] of [
    ['service_id', 1],
    ['plan_id', 1],
    ['context', 'x'],
    ['parameters', 'x', []],
    ['bind_resource', 'x', []],
    ['app_guid', 1],
    ['predecessor_binding_id', 1, ''],
  ] as const) {
    for (const value of values) {
      await refused(
        t,
        `bind: ${field} = ${JSON.stringify(value)}`,
        () => call('PUT', `${I}/service_bindings/new`, { ...small, [field]: value }),
        400,
        new RegExp(`${field} must`),
      )
    }
  }
  for (const [field, path] of [
    ['service_id', `${I}/service_bindings/new`],
    ['plan_id', `${I}/service_bindings/new`],
  ] as const)
    await refused(
      t,
      `bind: ${field} = null`,
      () => call('PUT', path, { ...small, [field]: null }),
      400,
      new RegExp(`${field} is missing`),
    )
  await refused(
    t,
    'bind: bind_resource.app_guid = 1',
    () => call('PUT', `${I}/service_bindings/new`, { ...small, bind_resource: { app_guid: 1 } }),
    400,
    /bind_resource\.app_guid must be string/,
  )
  await refused(
    t,
    'bind: bind_resource.route is empty',
    () => call('PUT', `${I}/service_bindings/new`, { ...small, bind_resource: { route: '' } }),
    400,
    /bind_resource\.route must not be empty/,
  )
  await refused(
    t,
    'provision: context.platform = 1',
    () => call('PUT', '/v2/service_instances/new', { ...order, context: { platform: 1 } }),
    400,
    /context\.platform must be string/,
  )
})

t.test('an id that is missing or empty is refused with its name', async (t) => {
  for (const field of ['service_id', 'plan_id', 'organization_guid', 'space_guid'] as const) {
    await refused(
      t,
      `provision without ${field}`,
      () => call('PUT', '/v2/service_instances/new', { ...order, [field]: undefined }),
      400,
      new RegExp(`${field} is missing`),
    )
    await refused(
      t,
      `provision with an empty ${field}`,
      () => call('PUT', '/v2/service_instances/new', { ...order, [field]: '' }),
      400,
      new RegExp(`${field} must not be empty`),
    )
  }
  for (const field of ['service_id', 'plan_id'] as const) {
    await refused(
      t,
      `bind without ${field}`,
      () => call('PUT', `${I}/service_bindings/new`, { ...small, [field]: undefined }),
      400,
      new RegExp(`${field} is missing`),
    )
    await refused(
      t,
      `bind with an empty ${field}`,
      () => call('PUT', `${I}/service_bindings/new`, { ...small, [field]: '' }),
      400,
      new RegExp(`${field} must not be empty`),
    )
    for (const path of [I, B]) {
      const other =
        field === 'service_id' ? `plan_id=${small.plan_id}` : `service_id=${small.service_id}`
      await refused(
        t,
        `DELETE ${path} without ${field}`,
        () => call('DELETE', `${path}?${other}`),
        400,
        new RegExp(`${field} is missing`),
      )
      await refused(
        t,
        `DELETE ${path} with an empty ${field}`,
        () => call('DELETE', `${path}?${other}&${field}=`),
        400,
        new RegExp(`${field} must not be empty`),
      )
      await refused(
        t,
        `DELETE ${path} with ${field} twice`,
        () => call('DELETE', `${path}?${other}&${field}=a&${field}=b`),
        400,
        new RegExp(`${field} must be string`),
      )
      await refused(
        t,
        `DELETE ${path} with another ${field}`,
        () =>
          call(
            'DELETE',
            `${path}?${other}&${field}=${large[field] === small[field] ? app[field] : large[field]}`,
          ),
        400,
        new RegExp(`${field} is not that of the instance`),
      )
      await refused(
        t,
        `GET ${path} with an empty ${field}`,
        () => call('GET', `${path}?${field}=`),
        400,
        new RegExp(`${field} must not be empty`),
      )
      await refused(
        t,
        `last_operation of ${path} with an empty ${field}`,
        () => call('GET', `${path}/last_operation?${field}=`),
        400,
        new RegExp(`${field} must not be empty`),
      )
    }
  }
  await refused(
    t,
    'update without service_id',
    () => call('PATCH', I, { parameters: {} }),
    400,
    /service_id is missing/,
  )
  await refused(
    t,
    'update with an empty plan_id',
    () => call('PATCH', I, { service_id: small.service_id, plan_id: '' }),
    400,
    /plan_id must not be empty/,
  )
  for (const path of [I, B]) {
    await refused(
      t,
      `last_operation of ${path} with an empty operation`,
      () => call('GET', `${path}/last_operation?operation=`),
      400,
      /operation must not be empty/,
    )
    await refused(
      t,
      `last_operation of ${path} with an operation that is none`,
      () => call('GET', `${path}/last_operation?operation=abc`),
      400,
      /operation names no operation of this (instance|binding)\./,
    )
    await refused(
      t,
      `last_operation of ${path} with an endless operation`,
      () => call('GET', `${path}/last_operation?operation=${'x'.repeat(10_001)}`),
      400,
      /operation must NOT have more than 10000/,
    )
  }
})

t.test('accepts_incomplete must be true or false', async (t) => {
  for (const value of ['yes', '1', '', 'TRUE', 'true&accepts_incomplete=true']) {
    await refused(
      t,
      `provision, ${value}`,
      () => call('PUT', `/v2/service_instances/new?accepts_incomplete=${value}`, order),
      400,
      /accepts_incomplete must be one of "true", "false"/,
    )
    await refused(
      t,
      `update, ${value}`,
      () =>
        call('PATCH', `${I}?accepts_incomplete=${value}`, {
          service_id: small.service_id,
          parameters: { size: 2 },
        }),
      400,
      /accepts_incomplete/,
    )
    await refused(
      t,
      `bind, ${value}`,
      () => call('PUT', `${I}/service_bindings/new?accepts_incomplete=${value}`, small),
      400,
      /accepts_incomplete/,
    )
    await refused(
      t,
      `unbind, ${value}`,
      () => call('DELETE', `${B}?${ids}&accepts_incomplete=${value}`),
      400,
      /accepts_incomplete/,
    )
    await refused(
      t,
      `deprovision, ${value}`,
      () => call('DELETE', `${I}?${ids}&accepts_incomplete=${value}`),
      400,
      /accepts_incomplete/,
    )
  }
})

t.test('text that the database cannot store is refused with 400', async (t) => {
  for (const [name, bad] of [
    ['NUL', '\\u0000'],
    ['half a surrogate pair', '\\ud800'],
    ['the other half', 'a\\udc00b'],
  ] as const) {
    const bodies = {
      organization_guid: order,
      space_guid: order,
      service_id: order,
      plan_id: order,
      'in context': { ...order, context: { platform: 'x', deep: [{ a: 'HERE' }] } },
      'a key of context': { ...order, context: { platform: 'x', HERE: 1 } },
      'in parameters': { ...order, parameters: { a: { b: ['HERE'] } } },
    }
    for (const [place, body] of Object.entries(bodies)) {
      const text = JSON.stringify(place in body ? { ...body, [place]: 'HERE' } : body).replace(
        'HERE',
        bad,
      )
      await refused(
        t,
        `${name}, provision: ${place}`,
        () => call('PUT', '/v2/service_instances/new', text),
        400,
        /character/,
      )
    }
    await refused(
      t,
      `${name}, update: in context`,
      () =>
        call(
          'PATCH',
          '/v2/service_instances/contextual',
          JSON.stringify({ service_id: ctx.service_id, context: { a: 'HERE' } }).replace(
            'HERE',
            bad,
          ),
        ),
      400,
      /character/,
    )
    await refused(
      t,
      `${name}, bind: predecessor_binding_id`,
      () =>
        call(
          'PUT',
          `${I}/service_bindings/new`,
          JSON.stringify({ predecessor_binding_id: 'HERE' }).replace('HERE', bad),
        ),
      400,
      /character/,
    )
    await refused(
      t,
      `${name}, bind: in bind_resource`,
      () =>
        call(
          'PUT',
          `${I}/service_bindings/new`,
          JSON.stringify({ ...small, bind_resource: { x: 'HERE' } }).replace('HERE', bad),
        ),
      400,
      /character/,
    )
  }
  const everyCall = (i: string, b: string): Array<readonly [string, string, unknown?]> => [
    ['PUT', `/v2/service_instances/${i}`, order],
    ['GET', `/v2/service_instances/${i}`],
    ['PATCH', `/v2/service_instances/${i}`, { service_id: small.service_id }],
    ['DELETE', `/v2/service_instances/${i}?${ids}`],
    ['GET', `/v2/service_instances/${i}/last_operation`],
    ['PUT', `/v2/service_instances/${i}/service_bindings/${b}`, small],
    ['GET', `/v2/service_instances/${i}/service_bindings/${b}`],
    ['DELETE', `/v2/service_instances/${i}/service_bindings/${b}?${ids}`],
    ['GET', `/v2/service_instances/${i}/service_bindings/${b}/last_operation`],
  ]
  for (const [method, path, body] of [
    ...everyCall('a%00b', 'b'),
    ...everyCall('kept', '%00').filter(([, path]) => path.includes('%00')),
  ]) {
    await refused(
      t,
      `NUL in the path of ${method} ${path}`,
      () => call(method, path, body),
      400,
      /_id must not hold the character U\+0000/,
    )
  }
  for (const name of ['service_id', 'plan_id', 'operation']) {
    await refused(
      t,
      `NUL in the query, ${name}`,
      () => call('GET', `${I}/last_operation?${name}=%00`),
      400,
      /must not hold the character U\+0000/,
    )
  }
  await refused(
    t,
    'NUL in the query of a delete',
    () => call('DELETE', `${I}?service_id=a%00&plan_id=b`),
    400,
    /must not hold the character U\+0000/,
  )
})

t.test('an id that is too long is refused, whatever its characters', async (t) => {
  // Random, so that Postgres cannot compress it to fit an index.
  const long = Array.from({ length: 1_100 }, (_, at) =>
    encodeURIComponent(String.fromCodePoint(0x4e00 + ((at * 7919) % 20_000))),
  ).join('')
  for (const id of ['x'.repeat(1_001), 'x'.repeat(5_000), long]) {
    for (const [method, path, body] of [
      ['PUT', `/v2/service_instances/${id}`, order],
      ['GET', `/v2/service_instances/${id}`, undefined],
      ['DELETE', `/v2/service_instances/${id}?${ids}`, undefined],
      ['GET', `/v2/service_instances/${id}/last_operation`, undefined],
      ['PUT', `${I}/service_bindings/${id}`, small],
      ['DELETE', `${I}/service_bindings/${id}?${ids}`, undefined],
    ] as const) {
      await refused(
        t,
        `${method} with ${id.length} characters ${path.slice(0, 30)}`,
        () => call(method, path, body),
        400,
        /longer than/,
      )
    }
  }
})

t.test('an order for a plan or offering that is not in the catalog is refused', async (t) => {
  const put = (body: object) => () =>
    call('PUT', '/v2/service_instances/new', { ...order, ...body })
  await refused(
    t,
    'an unknown service',
    put({ service_id: 'no-such' }),
    400,
    /name no plan of the catalog/,
  )
  await refused(
    t,
    'an unknown plan',
    put({ plan_id: 'no-such' }),
    400,
    /name no plan of the catalog/,
  )
  await refused(
    t,
    'a plan of another offering',
    put({ plan_id: app.plan_id }),
    400,
    /name no plan of the catalog/,
  )
  await refused(
    t,
    "the provider's own ids",
    put({ service_id: 'nord-db', plan_id: 'nord-db-small' }),
    400,
    /name no plan of the catalog/,
  )
  await refused(
    t,
    'an id in capitals',
    put({ service_id: small.service_id.toUpperCase() }),
    400,
    /name no plan of the catalog/,
  )
  await refused(
    t,
    'names of properties that every JavaScript object has',
    put({ service_id: 'constructor', plan_id: 'toString' }),
    400,
    /name no plan of the catalog/,
  )
})

t.test('a call on an unknown instance or binding says so', async (t) => {
  const none = '/v2/service_instances/none'
  await refused(t, 'fetch', () => call('GET', none), 404, /no such instance/)
  await refused(
    t,
    'last_operation',
    () => call('GET', `${none}/last_operation`),
    404,
    /no such operation/,
  )
  await refused(
    t,
    'update',
    () => call('PATCH', none, { service_id: small.service_id }),
    404,
    /no such instance/,
  )
  await refused(t, 'deprovision', () => call('DELETE', `${none}?${ids}`), 410, /no such instance/)
  await refused(
    t,
    'bind',
    () => call('PUT', `${none}/service_bindings/b`, small),
    404,
    /no such instance/,
  )
  await refused(
    t,
    'fetch a binding',
    () => call('GET', `${none}/service_bindings/b`),
    404,
    /no such instance/,
  )
  await refused(
    t,
    'unbind',
    () => call('DELETE', `${none}/service_bindings/b?${ids}`),
    410,
    /no such binding/,
  )
  await refused(
    t,
    'last_operation of a binding',
    () => call('GET', `${none}/service_bindings/b/last_operation`),
    404,
    /no such operation/,
  )
  await refused(
    t,
    'fetch an unknown binding',
    () => call('GET', `${I}/service_bindings/none`),
    404,
    /no such binding/,
  )
  await refused(
    t,
    'unbind an unknown binding',
    () => call('DELETE', `${I}/service_bindings/none?${ids}`),
    410,
    /no such binding/,
  )
  await refused(
    t,
    'last_operation of an unknown binding',
    () => call('GET', `${I}/service_bindings/none/last_operation`),
    404,
    /no such operation/,
  )
  await refused(
    t,
    'a binding fetched under another instance',
    () => call('GET', '/v2/service_instances/contextual/service_bindings/kept-b'),
    404,
    /no such binding/,
  )
  await refused(
    t,
    'a binding deleted under another instance',
    () =>
      call(
        'DELETE',
        `/v2/service_instances/contextual/service_bindings/kept-b?service_id=${ctx.service_id}&plan_id=${ctx.plan_id}`,
      ),
    410,
    /no such binding/,
  )
  await refused(
    t,
    'a binding_id in use under another instance',
    () => call('PUT', '/v2/service_instances/contextual/service_bindings/kept-b', ctx),
    409,
    /in use under another instance/,
  )
  await refused(
    t,
    'an instance_id in use',
    () => call('PUT', I, { ...order, space_guid: 'elsewhere' }),
    409,
    /other attributes/,
  )
  await refused(
    t,
    'the schema is checked before the existence',
    () => call('DELETE', none),
    400,
    /service_id is missing/,
  )
})

t.test(
  'maintenance_info is compared with the catalog, by version alone and as a whole string',
  async (t) => {
    const put = (body: object) => () =>
      call('PUT', '/v2/service_instances/new', { ...order, ...body })
    const patch = (body: object) => () =>
      call('PATCH', I, { service_id: small.service_id, ...body })
    for (const version of ['2.0.0', '1.0.0+build', '1.0.1', '0.9.9']) {
      await refused(
        t,
        `MAINT-03/08 provision at ${version}`,
        put({ maintenance_info: { version } }),
        422,
        /Read the catalog again/,
        'MaintenanceInfoConflict',
      )
      await refused(
        t,
        `MAINT-04/08 update to ${version}`,
        patch({ maintenance_info: { version } }),
        422,
        /Read the catalog again/,
        'MaintenanceInfoConflict',
      )
    }
    for (const version of ['1', '1.0', 'v1.0.0', '01.0.0', '1.0.0 ', 1]) {
      await refused(
        t,
        `MAINT-07 provision at ${JSON.stringify(version)}, no SemVer`,
        put({ maintenance_info: { version } }),
        400,
        /maintenance_info\.version must/,
      )
      await refused(
        t,
        `MAINT-07 update to ${JSON.stringify(version)}, no SemVer`,
        patch({ maintenance_info: { version } }),
        400,
        /maintenance_info\.version must/,
      )
    }
    await refused(
      t,
      'MAINT-07 no version',
      put({ maintenance_info: { description: 'x' } }),
      400,
      /maintenance_info\.version is missing/,
    )
    await refused(
      t,
      'MAINT-07 a plan without maintenance_info',
      () =>
        call('PUT', '/v2/service_instances/new', {
          ...app,
          ...here,
          maintenance_info: { version: '1.0.0' },
        }),
      422,
      /has no maintenance_info/,
      'MaintenanceInfoConflict',
    )
    const b = await kontor.find('nord', 'ctx', 'b')
    await refused(
      t,
      'MAINT-08 another build',
      () =>
        call('PUT', '/v2/service_instances/new', {
          ...b,
          ...here,
          maintenance_info: { version: '2.0.0-rc.1+build.6' },
        }),
      422,
      /2\.0\.0-rc\.1\+build\.5/,
      'MaintenanceInfoConflict',
    )
    await t.test(
      'MAINT-05/06 the same version is served, with any description, and so is none',
      async (t) => {
        t.equal(
          (
            await call('PUT', '/v2/service_instances/m-1', {
              ...order,
              maintenance_info: { version: '1.0.0', description: 'Whatever', more: 1 },
            })
          ).status,
          201,
        )
        t.equal((await call('PUT', '/v2/service_instances/m-2', order)).status, 201)
        t.equal(
          (
            await call('PATCH', '/v2/service_instances/m-1', {
              service_id: small.service_id,
              maintenance_info: { version: '1.0.0', description: 'Other' },
            })
          ).status,
          200,
        )
        t.equal(
          (
            await call('PUT', '/v2/service_instances/m-3', {
              ...b,
              ...here,
              maintenance_info: { version: '2.0.0-rc.1+build.5' },
            })
          ).status,
          201,
        )
      },
    )
  },
)

t.test(
  'an order that its plan does not allow is refused before any call to the provider',
  async (t) => {
    await refused(
      t,
      'a bind of a plan that is not bindable',
      () => call('PUT', '/v2/service_instances/plain/service_bindings/b', app),
      400,
      /cannot be bound/,
    )
    await refused(
      t,
      'a rotation on a plan that is not rotatable',
      () =>
        call('PUT', '/v2/service_instances/contextual/service_bindings/b', {
          predecessor_binding_id: 'kept-b',
        }),
      400,
      /cannot be rotated/,
    )
    const rotate = (id: string, body: object) => () =>
      call('PUT', `${I}/service_bindings/${id}`, body)
    await refused(
      t,
      'a predecessor that is unknown',
      rotate('new', { predecessor_binding_id: 'none' }),
      400,
      /names no binding of this instance/,
    )
    await refused(
      t,
      'a predecessor that is the new binding itself',
      rotate('new', { predecessor_binding_id: 'new' }),
      400,
      /own id/,
    )
    await refused(
      t,
      'a rotation with another service_id',
      rotate('new', { predecessor_binding_id: 'kept-b', service_id: app.service_id }),
      400,
      /service_id is not that of the instance/,
    )
    await refused(
      t,
      'a rotation with another plan_id',
      rotate('new', { predecessor_binding_id: 'kept-b', plan_id: large.plan_id }),
      400,
      /plan_id is not that of the instance/,
    )
    await refused(
      t,
      'a bind with another plan_id',
      rotate('new', large),
      400,
      /plan_id is not that of the instance/,
    )
    await t.test('a predecessor of another instance', async (t) => {
      t.equal((await call('PUT', '/v2/service_instances/other', order)).status, 201)
      await refused(
        t,
        'is refused',
        () =>
          call('PUT', '/v2/service_instances/other/service_bindings/new', {
            predecessor_binding_id: 'kept-b',
          }),
        400,
        /names no binding of this instance/,
      )
    })
    const patch = (at: string, body: object) => () =>
      call('PATCH', `/v2/service_instances/${at}`, body)
    const b = await kontor.find('nord', 'ctx', 'b')
    await refused(
      t,
      'a plan change where plans cannot be changed',
      patch('contextual', b),
      422,
      /cannot change their plan/,
    )
    await refused(
      t,
      'a plan that is unknown',
      patch('kept', { ...small, plan_id: 'none' }),
      400,
      /no plan of the instance's offering/,
    )
    await refused(
      t,
      'a plan of another offering',
      patch('kept', { ...small, plan_id: app.plan_id }),
      400,
      /no plan of the instance's offering/,
    )
    await refused(
      t,
      'another service_id',
      patch('kept', { ...small, service_id: app.service_id }),
      400,
      /service_id is not that of the instance/,
    )
  },
)

t.test('a change of context alone is sent only to a provider that accepts it', async (t) => {
  const { db } = kontor.running.runtime
  const before = await traces(db, simulator)
  t.match(
    await call('PATCH', I, {
      service_id: small.service_id,
      context: { platform: 'cloudfoundry', n: 2 },
    }),
    { status: 200, text: /^\{\}$/ },
  )
  t.match(await call('PATCH', I, { service_id: small.service_id }), { status: 200, text: /^\{\}$/ })
  t.match(await call('PATCH', I, { ...small, previous_values: { plan_id: 'stale' } }), {
    status: 200,
    text: /^\{\}$/,
  })
  t.strictSame(await traces(db, simulator), before, 'nothing was sent or written')
  t.equal(
    (
      await call('PATCH', '/v2/service_instances/contextual', {
        service_id: ctx.service_id,
        context: { platform: 'x', new: [1, { a: null }] },
      })
    ).status,
    200,
  )
  t.strictSame(
    simulator.state().instances.find(({ service_id: id }) => id === 'nord-ctx')?.context,
    { platform: 'x', new: [1, { a: null }] },
  )
})

t.test(
  'unknown fields are accepted at every depth, and the context is passed on whole',
  async (t) => {
    const context = {
      platform: 'made-up',
      organization_guid: 'o',
      'x-unknown': { deep: [1, 'ü', null, { k: '😀' }] },
      instance_annotations: { a: 'b' },
    }
    const parameters = {
      nested: { list: [{}, [], '', 0, false, null] },
      constructor: 'c',
      'key with "quotes"': 'ß',
    }
    const ordered = await call('PUT', '/v2/service_instances/unknown-fields', {
      ...order,
      context,
      parameters,
      surprise: { deep: [true] },
      maintenance_info: { version: '1.0.0', more: {} },
    })
    t.equal(ordered.status, 201, ordered.text)
    const held = simulator
      .state()
      .instances.find(({ context: { platform } }) => platform === 'made-up')
    t.strictSame(held?.context, context)
    t.strictSame(held?.parameters, parameters)
    t.strictSame(
      (await call('GET', '/v2/service_instances/unknown-fields')).body.parameters,
      parameters,
    )
    const bound = await call('PUT', '/v2/service_instances/unknown-fields/service_bindings/ub', {
      ...small,
      context,
      surprise: 1,
      bind_resource: { app_guid: 'a', unknown: { x: [1] } },
      parameters,
    })
    t.equal(bound.status, 201, bound.text)
    const binding = simulator
      .state()
      .instances.find(({ context: { platform } }) => platform === 'made-up')?.bindings[0]
    t.strictSame(binding?.bind_resource, { app_guid: 'a', unknown: { x: [1] } })
    t.strictSame(binding?.context, context)
    t.equal(
      (await call('GET', '/v2/catalog?surprise=1', undefined, { 'x-surprise': '1' })).status,
      200,
    )
  },
)

t.test('a body without Content-Type is read, and so is one with a charset', async (t) => {
  t.equal(
    (await call('PUT', '/v2/service_instances/untyped', order, { 'content-type': '' })).status,
    201,
  )
  t.equal(
    (
      await call('PUT', '/v2/service_instances/charset', order, {
        'content-type': 'Application/JSON; Charset="UTF-8"',
      })
    ).status,
    201,
  )
  t.match(
    await call('DELETE', `/v2/service_instances/charset?${ids}`, '', {
      'content-type': 'application/json',
    }),
    { status: 200, text: /^\{\}$/ },
  )
  t.match(await call('DELETE', `/v2/service_instances/untyped?${ids}`, {}), {
    status: 200,
    text: /^\{\}$/,
  })
})

t.test('odd but valid ids work', async (t) => {
  for (const id of [
    'a%2Fb',
    'a%2Fb%2Flast_operation',
    'a%20b',
    '%C3%BC%F0%9F%98%80',
    '%25',
    '..%2F..',
    'a+b',
    "~!$&'()*,;=:@",
    'last_operation',
    'service_bindings',
    'x'.repeat(1_000),
    '%5C',
    '%7F',
    '%0A',
    'constructor',
    '__proto__',
  ]) {
    await t.test(id.slice(0, 60), async (t) => {
      const at = `/v2/service_instances/${id}`
      const ordered = await call('PUT', at, { ...order, parameters: { id } })
      t.equal(ordered.status, 201, ordered.text)
      t.match(await call('GET', at), { status: 200, body: { parameters: { id } } })
      t.match(await call('GET', `${at}/last_operation`), {
        status: 200,
        body: { state: 'succeeded' },
      })
      t.equal((await call('PUT', `${at}/service_bindings/${id}`, small)).status, 201)
      t.equal((await call('GET', `${at}/service_bindings/${id}`)).status, 200)
      t.equal((await call('DELETE', `${at}/service_bindings/${id}?${ids}`)).status, 200)
      t.equal((await call('DELETE', `${at}?${ids}`)).status, 200)
      t.equal((await call('DELETE', `${at}?${ids}`)).status, 410)
    })
  }
})

t.test('an invalid path answers 400 or 404, or 401 without credentials', async (t) => {
  const before = await traces(kontor.running.runtime.db, simulator)
  for (const path of [
    '/v2/service_instances/%',
    '/v2/service_instances/%zz',
    '/v2/service_instances/%C3',
    '/v2/service_instances/%ED%A0%80',
    '/v2/service_instances/a%2',
    '/v2/%zz',
    '/v2/service_instances/',
    '/v2/service_instances//last_operation',
    '/v2/service_instances//service_bindings/b',
    `${I}/service_bindings/`,
    `${I}/service_bindings//last_operation`,
    '/v2/service_instances',
    '/v2',
    '/v2/',
    '/v2//catalog',
    '/v2/catalog/',
    '/v2/nothing',
    `${I}/`,
    `${I}/nothing`,
    `${B}/nothing`,
  ]) {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const reply = await call(method, path, method === 'GET' ? undefined : order)
      t.ok([400, 404].includes(reply.status), `${method} ${path} is ${reply.status}`)
      t.type(reply.body?.description, 'string', `${method} ${path} says why: ${reply.text}`)
      const unsigned = await call(method, path, undefined, {
        authorization: '',
        'x-broker-api-request-identity': 'r-1',
      })
      t.match(
        unsigned,
        {
          status: 401,
          headers: { 'www-authenticate': /^Basic/, 'x-broker-api-request-identity': 'r-1' },
        },
        `${method} ${path} unsigned`,
      )
    }
  }
  t.strictSame(await traces(kontor.running.runtime.db, simulator), before)
})

t.test('unknown methods answer 404, or 401 without credentials', async (t) => {
  const before = await traces(kontor.running.runtime.db, simulator)
  for (const method of ['POST', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'MKCOL']) {
    for (const path of ['/v2/catalog', I, B, `${I}/last_operation`]) {
      const reply = await sendRaw(url, `${method} ${path}`, signed)
      t.equal(reply.status, 404, `${method} ${path}`)
      t.type((JSON.parse(reply.text) as { description?: unknown }).description, 'string')
      t.equal(
        (await sendRaw(url, `${method} ${path}`, unsigned)).status,
        401,
        `${method} ${path} unsigned`,
      )
    }
  }
  t.strictSame(await traces(kontor.running.runtime.db, simulator), before)
  for (const path of ['/v2/catalog', I, `${I}/last_operation`]) {
    const got = await call('GET', path)
    const head = await call('HEAD', path)
    t.match(head, { status: 200, text: '' }, `HEAD ${path}`)
    t.equal(
      head.headers['content-length'],
      String(Buffer.byteLength(got.text)),
      `HEAD ${path} tells the length of GET`,
    )
    t.equal((await call('HEAD', path, undefined, { authorization: '' })).status, 401)
  }
  t.strictSame(await traces(kontor.running.runtime.db, simulator), before)
  // Reading a binding's credentials is recorded.
  t.equal(
    (await call('HEAD', B)).headers['content-length'],
    String(Buffer.byteLength((await call('GET', B)).text)),
  )
})

t.test('the version header is checked right after the credentials', async (t) => {
  const put = (version: string) => () =>
    call('PUT', '/v2/service_instances/new', order, { 'x-broker-api-version': version })
  await refused(t, 'missing', put(''), 400, /X-Broker-API-Version is missing/)
  await refused(
    t,
    'empty',
    () => rawPut(['x-broker-api-version: ']),
    400,
    /X-Broker-API-Version must be MAJOR\.MINOR/,
  )
  for (const version of ['abc', '2', 'v2.17', '2.17.0', '2,17', '-2.17', '2.x', '2.17, 2.17']) {
    await refused(
      t,
      `"${version}"`,
      () => rawPut([`x-broker-api-version: ${version}`]),
      400,
      /X-Broker-API-Version must be MAJOR\.MINOR/,
    )
  }
  await refused(
    t,
    'sent twice',
    () => rawPut(['x-broker-api-version: 2.17', 'X-Broker-Api-Version: 2.16']),
    400,
    /X-Broker-API-Version must be MAJOR\.MINOR/,
  )
  for (const version of ['1.17', '3.0', '2.12', '2.0', '2.2', '0.0']) {
    await refused(t, `"${version}"`, put(version), 412, /not supported\. Use 2\.13/)
  }
  await refused(
    t,
    '412 before a broken body',
    () => call('PUT', '/v2/service_instances/new', '{', { 'x-broker-api-version': '3.0' }),
    412,
    /not supported/,
  )
  await refused(
    t,
    '412 before an unknown instance',
    () =>
      call('DELETE', '/v2/service_instances/none', undefined, { 'x-broker-api-version': '3.0' }),
    412,
    /not supported/,
  )
  await t.test('2.13, 2.17 and later versions are accepted', async (t) => {
    for (const version of ['2.13', '2.16', '2.17', '2.18', '2.99', '2.170', '2.017']) {
      t.equal(
        (await call('GET', I, undefined, { 'x-broker-api-version': version })).status,
        200,
        version,
      )
    }
  })
})

t.test(
  'the originating identity is a platform and a JSON object, and is passed on as it was',
  async (t) => {
    const base64 = (value: unknown) =>
      Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')
    const name = 'x-broker-api-originating-identity'
    for (const bad of [
      'cloudfoundry',
      'cloudfoundry ',
      base64({ user_id: 'u' }),
      'cloudfoundry !!!',
      'cloudfoundry e30 e30',
      `cloudfoundry ${base64('{')}`,
      ...['[]', '"x"', '1', 'null', '{}', ''].map((text) => `cloudfoundry ${base64(text)}`),
    ]) {
      await refused(
        t,
        JSON.stringify(bad),
        () => call('PUT', '/v2/service_instances/new', order, { [name]: bad }),
        400,
        /X-Broker-API-Originating-Identity must/,
      )
    }
    await refused(
      t,
      'empty',
      () => rawPut(['x-broker-api-version: 2.17', `${name}: `]),
      400,
      /X-Broker-API-Originating-Identity must/,
    )
    await refused(
      t,
      'sent twice',
      () =>
        rawPut([
          'x-broker-api-version: 2.17',
          `${name}: a ${base64({ a: 1 })}`,
          `${name}: b ${base64({ a: 1 })}`,
        ]),
      400,
      /X-Broker-API-Originating-Identity must/,
    )
    for (const good of [
      `cloudfoundry ${base64({ user_id: 'u', more: { ä: [1] } })}`,
      `made-up ${base64('{\r\n  "user_id": "683ea748-3092-4ff4-b656-39cacc4d5360",\r\n  "user_name": "joe"\r\n}')}`,
    ]) {
      const id = `oid-${good.length}`
      t.equal(
        (
          await call(
            'PUT',
            `/v2/service_instances/${id}`,
            { ...order, parameters: { id } },
            { [name]: good },
          )
        ).status,
        201,
      )
      const sent = simulator.state().lastRequests.findLast(({ method }) => method === 'PUT')
      t.equal(sent?.headers[name], good)
    }
    t.equal((await call('PUT', '/v2/service_instances/oid-none', order)).status, 201)
    t.equal(
      simulator.state().lastRequests.findLast(({ method }) => method === 'PUT')?.headers[name],
      undefined,
      'no user is made up',
    )
  },
)

t.test('the request identity is echoed on every response', async (t) => {
  const name = 'x-broker-api-request-identity'
  const answers = await Promise.all([
    call('GET', '/v2/catalog', undefined, { [name]: 'id-1' }),
    call('GET', '/v2/catalog', undefined, { [name]: 'id-1', 'if-none-match': '*' }),
    call('PUT', '/v2/service_instances/new', '{', { [name]: 'id-1' }),
    call('GET', '/v2/catalog', undefined, { [name]: 'id-1', authorization: '' }),
    call('GET', '/v2/service_instances/none', undefined, { [name]: 'id-1' }),
    call('GET', '/v2/nothing', undefined, { [name]: 'id-1' }),
    call('GET', '/v2/service_instances/%zz', undefined, { [name]: 'id-1' }),
    call('PUT', I, { ...order, space_guid: 'x' }, { [name]: 'id-1' }),
    call('DELETE', `/v2/service_instances/none?${ids}`, undefined, { [name]: 'id-1' }),
    call('GET', '/v2/catalog', undefined, { [name]: 'id-1', 'x-broker-api-version': '3.0' }),
    call(
      'PUT',
      '/v2/service_instances/new',
      { ...order, parameters: { a: 'x'.repeat(20_000) } },
      { [name]: 'id-1' },
    ),
    call(
      'PUT',
      '/v2/service_instances/new',
      { ...order, maintenance_info: { version: '9.0.0' } },
      { [name]: 'id-1' },
    ),
  ])
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 304, 400, 401, 404, 404, 400, 409, 410, 412, 413, 422],
  )
  for (const { status, headers } of answers) t.equal(headers[name], 'id-1', `on ${status}`)
  t.notOk(name in (await call('GET', '/v2/catalog')).headers, 'none is made up')
  t.equal(
    (await rawPut(['x-broker-api-version: 3.0', `${name}: `])).headers[name],
    undefined,
    'an empty one is not echoed',
  )
  t.equal(
    (await rawPut(['x-broker-api-version: 3.0', `${name}: odd; "text", more`])).headers[name],
    'odd; "text", more',
  )
})

async function signedIn(): Promise<string> {
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    'raw',
  )
  await kontor.running.runtime.refresh()
  return basicAuth(username, password)
}

async function rawReply(sent: ReturnType<typeof sendRaw>): Promise<Reply> {
  const reply = await sent
  return { ...reply, body: reply.text === '' ? undefined : (JSON.parse(reply.text) as unknown) }
}

function raw(method: string, path: string, body: Buffer): Promise<Reply> {
  return rawReply(
    sendRaw(url, `${method} ${path}`, [...signed, 'content-type: application/json'], body),
  )
}

function rawPut(lines: readonly string[]): Promise<Reply> {
  return rawReply(
    sendRaw(
      url,
      'PUT /v2/service_instances/new',
      [`authorization: ${authorization}`, 'content-type: application/json', ...lines],
      JSON.stringify(order),
    ),
  )
}
