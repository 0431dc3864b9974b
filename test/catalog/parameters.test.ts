import t from 'tap'
import {
  createParameterThread,
  usualLimits,
  type Checked,
} from '../../src/catalog/parameter-thread.ts'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { finished, here, startKontor, type TestKontor } from '../support/kontor.ts'
import { catalogOf } from '../support/catalogs.ts'

const draft07 = 'http://json-schema.org/draft-07/schema#'
// Catastrophic backtracking: each further "a" doubles the time.
const slowPattern = {
  $schema: draft07,
  type: 'object',
  properties: { name: { type: 'string', pattern: '^(a+)+$' } },
}
const slowName = { name: `${'a'.repeat(40)}!` }

type Schema = Record<string, unknown>
type Schemas = { create?: Schema; update?: Schema; bind?: Schema }

t.test('parameters are checked by the schema of each draft', async (t) => {
  const thread = createParameterThread(usualLimits)
  t.teardown(() => thread.close())
  const check = (schema: Schema, value: unknown) =>
    thread.check({ digest: JSON.stringify(schema), schema }, value)
  const cases: ReadonlyArray<readonly [string, Schema]> = [
    [
      'http://json-schema.org/draft-04/schema#',
      { properties: { users: { minimum: 0, exclusiveMinimum: true } } },
    ],
    [
      'http://json-schema.org/draft-04/schema',
      { id: 'x', properties: { users: { minimum: 0, exclusiveMinimum: true } } },
    ],
    ['http://json-schema.org/draft-06/schema#', { properties: { users: { exclusiveMinimum: 0 } } }],
    [
      'https://json-schema.org/draft-07/schema#',
      {
        if: { properties: { users: { exclusiveMinimum: 0 } } },
        else: { properties: { users: { const: 'none' } } },
      },
    ],
    [
      'https://json-schema.org/draft/2019-09/schema',
      {
        $defs: { positive: { exclusiveMinimum: 0 } },
        properties: { users: { $ref: '#/$defs/positive', type: 'number' } },
        unevaluatedProperties: false,
      },
    ],
    [
      'https://json-schema.org/draft/2020-12/schema',
      {
        $id: 'https://json-schema.org/draft/2020-12/schema',
        properties: { list: { prefixItems: [{ type: 'string' }] }, users: { exclusiveMinimum: 0 } },
      },
    ],
  ]
  for (const [$schema, rest] of cases) {
    const schema = { $schema, type: 'object', ...rest }
    t.strictSame(await check(schema, { users: 1 }), { kind: 'valid' }, $schema)
    const bad = await check(schema, { users: 0 })
    t.equal(bad.kind === 'invalid' ? bad.error?.instancePath : bad.kind, '/users', $schema)
  }
})

t.test(
  'an unusable schema is reported as such, and the parameters are not judged by it',
  async (t) => {
    const thread = createParameterThread(usualLimits)
    t.teardown(() => thread.close())
    const bad: readonly Schema[] = [
      { type: 'of my own' },
      { properties: { a: { pattern: '(' } } },
      { properties: { a: { $ref: '#/definitions/none' } } },
      { $async: true },
      { allOf: [{ $ref: '#' }] },
      {
        $id: 7,
        properties: {
          a: { $id: 'http://json-schema.org/draft-07/schema#' },
          b: { $id: 'http://json-schema.org/draft-07/schema#' },
        },
      },
    ]
    for (const [at, schema] of bad.entries()) {
      t.match(
        await thread.check({ digest: String(at), schema: { $schema: draft07, ...schema } }, {}),
        { kind: 'unusable', problem: /./ },
        JSON.stringify(schema),
      )
    }
    t.strictSame(
      await thread.check(
        {
          digest: 'good',
          schema: {
            $schema: draft07,
            type: 'object',
            properties: { a: { format: 'email', pattern: '^[\\w-\\.]+$' } },
          },
        },
        { a: 'b.c' },
      ),
      { kind: 'valid' },
      'formats are annotations, and a pattern without the u flag is valid',
    )
  },
)

t.test('the largest schema that may be published is used', async (t) => {
  const thread = createParameterThread(usualLimits)
  t.teardown(() => thread.close())
  const schema = {
    $schema: draft07,
    properties: Object.fromEntries(
      Array.from({ length: 1_500 }, (_each, at) => [
        `p${at}`,
        { type: 'string', enum: ['a', 'b'] },
      ]),
    ),
  }
  t.ok(JSON.stringify(schema).length > 60_000)
  t.equal((await thread.check({ digest: 'large', schema }, { p1499: 'c' })).kind, 'invalid')
})

t.test('a check that never ends fails its order, and does not affect the next one', async (t) => {
  const thread = createParameterThread(usualLimits)
  t.teardown(() => thread.close())
  const chain = Object.fromEntries(
    Array.from({ length: 40 }, (_each, at) => [
      `d${at}`,
      { allOf: [{ $ref: `#/definitions/d${at + 1}` }, { $ref: `#/definitions/d${at + 1}` }] },
    ]),
  )
  const hostile: ReadonlyArray<readonly [string, Schema, unknown]> = [
    ['a catastrophic pattern', slowPattern, slowName],
    [
      'references that double forty times',
      {
        $schema: draft07,
        $ref: '#/definitions/d0',
        definitions: { ...chain, d40: { type: 'object' } },
      },
      {},
    ],
    [
      'a reference that leads back',
      {
        $schema: draft07,
        properties: { a: { $ref: '#/definitions/a' } },
        definitions: {
          a: { not: { $ref: '#/definitions/b' } },
          b: { not: { $ref: '#/definitions/a' } },
        },
      },
      { a: 1 },
    ],
    [
      'uniqueItems over many things',
      { $schema: draft07, properties: { list: { uniqueItems: true } } },
      { list: Array.from({ length: 100_000 }, (_each, at) => ({ at })) },
    ],
  ]
  let blockedMs = 0
  let last = performance.now()
  const watching = setInterval(() => {
    blockedMs = Math.max(blockedMs, performance.now() - last)
    last = performance.now()
  }, 10)
  for (const [name, schema, value] of hostile) {
    last = performance.now()
    const checked: Checked = await thread.check({ digest: name, schema }, value)
    t.equal(checked.kind, 'endless', name)
    t.strictSame(
      await thread.check({ digest: 'good', schema: { $schema: draft07 } }, {}),
      { kind: 'valid' },
      `after ${name}`,
    )
  }
  clearInterval(watching)
  t.ok(blockedMs < 1_000, `our event loop was held up for ${Math.round(blockedMs)} ms at most`)
})

t.test('a check that would have to wait too long is skipped', async (t) => {
  const thread = createParameterThread({ ...usualLimits, waitMs: 20 })
  t.teardown(() => thread.close())
  await thread.check({ digest: 'warm', schema: { $schema: draft07 } }, {})
  const [slow, behind] = await Promise.all([
    thread.check({ digest: 'slow', schema: slowPattern }, slowName),
    thread.check({ digest: 'warm', schema: { $schema: draft07, type: 'string' } }, {}),
  ])
  t.strictSame([slow.kind, behind.kind], ['endless', 'skipped'])
})

t.test('an idle thread ends, and one that is needed again starts', async (t) => {
  const thread = createParameterThread({ ...usualLimits, idleMs: 50 })
  t.teardown(() => thread.close())
  const schema = { digest: 'any', schema: { $schema: draft07, type: 'object' } }
  t.equal((await thread.check(schema, {})).kind, 'valid')
  await new Promise((resolve) => {
    setTimeout(resolve, 200)
  })
  t.equal((await thread.check(schema, {})).kind, 'valid')
})

function catalogWith(schemas: Schemas): OsbCatalog {
  const catalog = catalogOf('north')
  const [small, large] = catalog.services[0]?.plans ?? []
  if (small !== undefined)
    small.schemas = {
      service_instance: { create: { parameters: schemas.create } },
      service_binding: { create: { parameters: schemas.bind } },
    }
  if (large !== undefined)
    large.schemas = { service_instance: { update: { parameters: schemas.update } } }
  // A schema for bindings on a plan that is not bindable: platforms ignore it, and so does Kontor.
  const only = catalog.services[1]?.plans[0]
  if (only !== undefined)
    only.schemas = {
      service_binding: { create: { parameters: { $schema: 'http://example.com/of-my-own' } } },
    }
  return catalog
}

async function asked(kontor: TestKontor, path: string, method: string, body: Schema) {
  const {
    status,
    body: { description },
  } = await kontor.call(method, `/v2/service_instances/${path}`, body)
  return [status, description as unknown]
}

const users = {
  $schema: draft07,
  type: 'object',
  additionalProperties: false,
  properties: { users: { type: 'integer', maximum: 100 } },
}

t.test(
  "SCHEMA-07 parameters are checked against the plan's own schema before the provider is asked",
  async (t) => {
    const kontor = await startKontor(t)
    const { simulator } = await kontor.addProvider('north', {
      catalog: catalogWith({
        create: users,
        bind: { ...users, properties: { role: { enum: ['reader', 'writer'] } } },
        update: {
          $schema: 'http://json-schema.org/draft-04/schema#',
          required: ['backup'],
          properties: { backup: { type: 'boolean' } },
        },
      }),
    })
    const small = await kontor.find('north', 'db', 'small')
    const large = await kontor.find('north', 'db', 'large')

    t.strictSame(
      await asked(kontor, 'a', 'PUT', { ...small, ...here, parameters: { users: 'many' } }),
      [400, 'parameters.users must be integer.'],
    )
    t.strictSame(
      await asked(kontor, 'a', 'PUT', { ...small, ...here, parameters: { colour: 'red' } }),
      [400, 'parameters.colour is not a known field.'],
    )
    t.equal(
      (await kontor.call('GET', '/v2/service_instances/a/last_operation')).status,
      404,
      'no trace of the refused order',
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/a', {
          ...small,
          ...here,
          parameters: { users: 5 },
        })
      ).status,
      201,
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/a', {
          ...small,
          ...here,
          parameters: { users: 5 },
        })
      ).status,
      200,
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/a', {
          ...small,
          ...here,
          parameters: { users: 'many' },
        })
      ).status,
      409,
      'another order under an id is a conflict, whatever its parameters',
    )

    t.equal(
      (
        await kontor.call('PATCH', '/v2/service_instances/a', {
          ...small,
          parameters: { anything: 1 },
        })
      ).status,
      200,
      'the present plan has no schema for updates',
    )
    t.strictSame(await asked(kontor, 'a', 'PATCH', { ...large, parameters: { backup: 'yes' } }), [
      400,
      'parameters.backup must be boolean.',
    ])
    t.strictSame(await asked(kontor, 'a', 'PATCH', { ...large, parameters: {} }), [
      400,
      'parameters.backup is missing.',
    ])
    t.strictSame(
      await asked(kontor, 'a/service_bindings/b', 'PUT', {
        ...small,
        parameters: { role: 'owner' },
      }),
      [400, 'parameters.role must be one of "reader", "writer".'],
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/a/service_bindings/b', {
          ...small,
          parameters: { role: 'reader' },
        })
      ).status,
      201,
    )
    t.equal(
      (await kontor.call('PATCH', '/v2/service_instances/a', large)).status,
      200,
      'no parameters, nothing to check',
    )

    const { requests } = simulator.state()
    t.strictSame(
      [requests['provision'], requests['update'], requests['bind']],
      [1, 2, 1],
      'the provider got valid parameters only',
    )
  },
)

t.test(
  'SCHEMA-05 a schema of an unknown draft is published with a finding, and checks nothing',
  async (t) => {
    const kontor = await startKontor(t)
    const { view } = await kontor.addProvider('north', {
      catalog: catalogWith({
        create: { $schema: 'https://json-schema.org/draft/2031-01/schema', type: 'string' },
        bind: { $schema: draft07, type: 'of my own' },
      }),
    })
    const small = await kontor.find('north', 'db', 'small')
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/a', {
          ...small,
          ...here,
          parameters: { users: 'many' },
        })
      ).status,
      201,
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/a/service_bindings/b', {
          ...small,
          parameters: { role: 'owner' },
        })
      ).status,
      201,
      'an invalid schema: the provider decides',
    )
    const { body } = await kontor.admin('GET', `/api/providers/${view.id}`)
    const findings = body.catalog.findings as Array<{
      path: string
      problem: string
      effect: string
    }>
    t.match(
      findings.map(({ effect, problem }) => [effect, problem]),
      [
        ['note', /2031-01/],
        ['note', /of-my-own/],
        ['note', /"north-db", plan "small": its schema for bind is not used/],
      ],
    )
    t.equal(
      (await kontor.call('GET', '/v2/catalog')).body.services[0].plans[0].schemas.service_instance
        .create.parameters.type,
      'string',
      'it is published nevertheless',
    )
  },
)

t.test(
  'a schema that is made to be slow fails one order, affects no other, and is not used afterwards',
  async (t) => {
    const kontor = await startKontor(t)
    const { view, simulator } = await kontor.addProvider('north', {
      catalog: catalogWith({ create: slowPattern }),
    })
    const small = await kontor.find('north', 'db', 'small')
    const order = { ...small, ...here, parameters: slowName }
    let maxMs = 0
    let over = false
    const watching = (async () => {
      while (!over) {
        const begun = performance.now()
        await kontor.call('GET', '/v2/service_instances/none/last_operation')
        maxMs = Math.max(maxMs, performance.now() - begun)
      }
    })()
    t.strictSame(await asked(kontor, 'slow', 'PUT', order), [
      400,
      'parameters cannot be checked against the schema of the plan "small": it takes longer ' +
        'than 250 ms.',
    ])
    over = true
    await watching
    t.ok(maxMs < 1_000, `the longest answer meanwhile took ${Math.round(maxMs)} ms`)
    t.strictSame(simulator.state().instances, [])
    t.equal(
      (await kontor.call('PUT', '/v2/service_instances/slow?accepts_incomplete=true', order))
        .status,
      201,
      'now the provider decides',
    )
    t.equal((await finished(kontor.call, '/v2/service_instances/slow')).body.state, 'succeeded')
    const { body } = await kontor.admin('GET', `/api/providers/${view.id}`)
    t.match(body.catalog.findings.at(-1), {
      effect: 'note',
      problem: /its schema for provision is not used to check parameters: it takes longer/,
    })
  },
)

t.test('a Kontor that has checked parameters stops like any other', async (t) => {
  const kontor = await startKontor(t)
  await kontor.addProvider('north', { catalog: catalogWith({ create: users }) })
  t.equal(
    (
      await kontor.call('PUT', '/v2/service_instances/a', {
        ...(await kontor.find('north', 'db', 'small')),
        ...here,
        parameters: {},
      })
    ).status,
    201,
  )
  await kontor.running.stop()
  t.strictSame(
    process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker'),
    [],
  )
})
