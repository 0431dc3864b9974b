import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import type { ValidateFunction } from 'ajv'
import t, { type Test as Tap } from 'tap'
import {
  createParameterPool,
  usualLimits,
  type ParameterPool,
  type PoolLimits,
} from '../../src/catalog/parameter-pool.ts'
import type { Extent } from '../../src/catalog/parameter-worker.ts'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { createValidatorCache } from '../../src/catalog/validator-cache.ts'
import { here, startKontor, until } from '../support/kontor.ts'
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

/** Checks for the provider `north`, unless it says otherwise. */
function startPool(t: Tap, limits: Partial<PoolLimits> = {}) {
  const pool: ParameterPool = createParameterPool({ ...usualLimits, ...limits }, (error) => {
    t.error(error)
  })
  t.teardown(() => pool.close())
  return (
    digest: string,
    schema: Schema,
    value: unknown,
    providerId = 'north',
    platformId = 'any',
    extent: Extent = 'first',
  ) => pool.check({ providerId, platformId, schema: { digest, schema }, value, extent })
}

t.test('parameters are checked by the schema of each draft', async (t) => {
  const checkNamed = startPool(t)
  const check = (schema: Schema, value: unknown) =>
    checkNamed(JSON.stringify(schema), schema, value)
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
    t.equal(bad.kind === 'invalid' ? bad.errors[0]?.instancePath : bad.kind, '/users', $schema)
  }
})

t.test(
  'an unusable schema is reported as such, and the parameters are not judged by it',
  async (t) => {
    const check = startPool(t)
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
        await check(String(at), { $schema: draft07, ...schema }, {}),
        { kind: 'no_schema', problem: /./ },
        JSON.stringify(schema),
      )
    }
    t.strictSame(
      await check(
        'good',
        {
          $schema: draft07,
          type: 'object',
          properties: { a: { format: 'email', pattern: '^[\\w-\\.]+$' } },
        },
        { a: 'b.c' },
      ),
      { kind: 'valid' },
      'formats are annotations, and a pattern without the u flag is valid',
    )
  },
)

t.test('the largest schema that may be published is used', async (t) => {
  const check = startPool(t)
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
  t.equal((await check('large', schema, { p1499: 'c' })).kind, 'invalid')
})

t.test('a check that never ends fails its order, and does not affect the next one', async (t) => {
  const check = startPool(t)
  const hostile: ReadonlyArray<readonly [string, Schema, unknown]> = [
    ['a catastrophic pattern', slowPattern, slowName],
    [
      'references that double forty times',
      {
        $schema: draft07,
        properties: { a: { $ref: '#/definitions/d0' } },
        definitions: doublingDefinitions(40),
      },
      { a: {} },
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
    t.equal((await check(name, schema, value)).kind, 'endless', name)
    t.strictSame(await check('good', { $schema: draft07 }, {}), { kind: 'valid' }, `after ${name}`)
  }
  clearInterval(watching)
  t.ok(blockedMs < 1_000, `our event loop was held up for ${Math.round(blockedMs)} ms at most`)
})

t.test('all errors are found at once, without those of alternatives, and bounded', async (t) => {
  const checkNamed = startPool(t)
  const check = async (schema: Schema, value: unknown) => {
    const asked = [JSON.stringify(schema), { type: 'object', ...schema }, value] as const
    const checked = await checkNamed(...asked, 'north', 'any', 'all')
    if (checked.kind !== 'invalid') return [checked.kind]
    return checked.errors.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`)
  }
  const small = { type: 'integer', maximum: 5 }
  const one = { type: 'string', minLength: 1 }
  const schema = {
    properties: { a: small, b: { $ref: '#/definitions/b' }, c: { oneOf: [small, one] } },
    definitions: { b: { anyOf: [{ $ref: '#/definitions/one' }, { type: 'null' }] }, one },
    allOf: [
      { properties: { a: { multipleOf: 4 } } },
      { anyOf: [{ required: ['x'] }, { required: ['y'] }] },
      { if: { required: ['z'] }, else: { required: ['d'] } },
    ],
    required: ['e'],
    propertyNames: { maxLength: 3 },
  }
  const expected = ['/a maximum', '/a multipleOf', '/b anyOf', '/c oneOf', ' anyOf', ' maxLength']
  for (const $schema of ['http://json-schema.org/draft-04/schema#', draft07]) {
    const found = await check({ $schema, ...schema }, { a: 9, b: 7, c: [], long: 1 })
    const all = [...expected, ' required', ' required']
    t.strictSame(found.toSorted(), all.toSorted(), $schema)
  }
  const values = Array.from({ length: 800 }, (_each, at) => `a value of some length ${at}`)
  const list = { type: 'array', items: { enum: values } }
  const rows = Array.from({ length: 5_000 }, (_each, at) => at)
  const short = { $schema: draft07, properties: { list: { type: 'array', items: one } } }
  t.equal((await check(short, { list: rows })).length, 20)
  const large = await check({ $schema: draft07, properties: { list } }, { list: rows })
  t.ok(large.length >= 1 && large.length < 5, 'a long list of values is not sent 20 times')
  const guarded = { type: 'string', maxLength: 10, pattern: '^(a+)+$' }
  t.strictSame(await check({ $schema: draft07, properties: { name: guarded } }, slowName), [
    'endless',
  ])
  t.strictSame(await check({ $schema: draft07, properties: { a: small } }, { a: 6 }), [
    '/a maximum',
  ])
})

t.test('a check that the end of the process cuts short is no fault of the schema', async (t) => {
  const pool = createParameterPool({ ...usualLimits, runMs: 60_000 }, (error) => t.error(error))
  const check = (value: unknown) =>
    pool.check({
      providerId: 'north',
      platformId: 'any',
      schema: { digest: 'slow', schema: slowPattern },
      value,
      extent: 'first',
    })
  t.match(await check({ name: 'aaa' }), { kind: 'valid' }, 'the thread has the schema')
  const cut = check(slowName)
  await pool.close()
  t.match(await cut, { kind: 'stopping' })
})

t.test('a check that would have to wait too long is refused, and none is skipped', async (t) => {
  const check = startPool(t, { waitMs: 20, maxWaiting: 2 })
  await check('warm', { $schema: draft07 }, {})
  const kinds = await Promise.all([
    check('slow', slowPattern, slowName),
    check('warm', { $schema: draft07, type: 'string' }, {}),
    check('warm', { $schema: draft07, type: 'string' }, {}),
    check('warm', { $schema: draft07, type: 'string' }, {}),
  ])
  t.strictSame(
    kinds.map(({ kind }) => kind),
    ['endless', 'busy', 'busy', 'busy'],
  )
})

t.test('a provider whose schemas are slow to compile delays no other one', async (t) => {
  const check = startPool(t, { threads: 2, compileMs: 150 })
  const doubling = {
    $schema: draft07,
    $ref: '#/definitions/d0',
    definitions: doublingDefinitions(40),
  }
  const slow = check('slow', doubling, {}, 'slow')
  let isOver = false
  void slow.then(() => {
    isOver = true
  })
  const kinds: string[] = []
  while (!isOver) {
    kinds.push((await check('good', { $schema: draft07, type: 'string' }, {})).kind)
    await new Promise(setImmediate)
  }
  t.strictSame(await slow, { kind: 'unusable', problem: 'it is not compiled after 150 ms.' })
  t.ok(kinds.length > 20, `${kinds.length} checks of the other provider meanwhile`)
  t.strictSame([...new Set(kinds)], ['invalid'])
})

t.test('a check without end runs in a thread apart once its provider had one', async (t) => {
  const check = startPool(t, { threads: 2, runMs: 50 })
  const endless = async () => (await check('slow', slowPattern, slowName, 'slow')).kind
  t.equal(await endless(), 'endless')
  t.equal((await check('kept', { $schema: draft07, type: 'string' }, {})).kind, 'invalid')
  let isOver = false
  const more = Promise.all([endless(), endless()]).finally(() => {
    isOver = true
  })
  // A thread that ended would compile this schema, by which all is valid, under the same digest.
  const kinds: string[] = []
  while (!isOver) kinds.push((await check('kept', { $schema: draft07 }, {})).kind)
  t.strictSame(await more, ['endless', 'endless'])
  t.strictSame([...new Set(kinds)], ['invalid'], 'the other provider keeps its thread')
  t.ok(kinds.length > 20, `${kinds.length} checks of the other provider meanwhile`)
})

t.test('platforms take turns at the checks of a provider', async (t) => {
  const check = startPool(t, { threads: 2 })
  const ended: string[] = []
  const checkFor = async (platformId: string) => {
    await check('any', { $schema: draft07 }, {}, 'north', platformId)
    ended.push(platformId)
  }
  await Promise.all([...Array<string>(20).fill('flood'), 'other'].map(checkFor))
  t.equal(ended.indexOf('other'), 2, 'after the one that ran and the next one of the flood')
})

t.test(
  'providers, and platforms with checks without end, have CPU time of their own',
  async (t) => {
    const check = startPool(t, { threads: 2, runMs: 50, endlessBurstMs: 50 })
    const endless = (platformId: string) =>
      check('slow', slowPattern, slowName, 'north', platformId)
    const kinds: string[] = []
    for (let n = 0; n < 4; n++) kinds.push((await endless('hostile')).kind)
    t.match(kinds, ['endless', /./, 'busy', 'busy'], 'refused, when it has used its time up')
    t.equal((await endless('other')).kind, 'endless', 'another platform is not refused')

    const checkOnce = startPool(t, { threads: 2, runMs: 100, burstMs: 40 })
    t.equal((await checkOnce('slow', slowPattern, slowName)).kind, 'endless')
    t.equal((await checkOnce('good', { $schema: draft07 }, {})).kind, 'busy')
    const kindFor = async (platformId: string) =>
      (await checkOnce('good', { $schema: draft07 }, {}, 'north', platformId)).kind
    const slowOfOther = await checkOnce('slow', slowPattern, slowName, 'north', 'other')
    t.equal(slowOfOther.kind, 'endless', 'a platform within its part is not refused')
    t.equal(await kindFor('other'), 'busy', 'until it has used its part up too')
    t.equal(await kindFor('third'), 'valid')
    t.equal((await checkOnce('good', { $schema: draft07 }, {}, 'south')).kind, 'valid')
  },
)

t.test(
  'what one provider compiles pushes out its own schemas, never those of others',
  async (t) => {
    const cache = createValidatorCache()
    const validate = (() => true) as unknown as ValidateFunction
    const has = (provider: string, digest: string) => cache.get(provider, digest) === validate
    cache.add('small', 'only', validate, 3_000)
    for (let n = 0; n < 40; n++) cache.add('large', `l${n}`, validate, 63_000)
    t.strictSame(
      [has('small', 'only'), has('large', 'l39'), has('large', 'l34'), has('large', 'l33')],
      [true, true, true, false],
    )
    for (let n = 0; n < 40; n++) cache.add(`other-${n}`, 'one', validate, 63_000)
    t.ok(has('small', 'only'), 'when all together are too many, those with the most lose it')
    t.notOk(has('large', 'l37'))
  },
)

t.test('idle threads end, and start when they are needed again', async (t) => {
  const check = startPool(t, { idleMs: 50 })
  const started = once(process, 'worker') as Promise<[Worker]>
  t.equal((await check('any', { $schema: draft07, type: 'object' }, {})).kind, 'valid')
  const [thread] = await started
  await until(
    () => thread.threadId,
    (id) => id === -1,
  )
  t.equal((await check('any', { $schema: draft07, type: 'object' }, {})).kind, 'valid')
})

/** A check with them takes twice as long with each. */
function doublingDefinitions(count: number): Schema {
  const chain = Array.from({ length: count }, (_each, at) => [
    `d${at}`,
    { allOf: [{ $ref: `#/definitions/d${at + 1}` }, { $ref: `#/definitions/d${at + 1}` }] },
  ])
  return { ...Object.fromEntries(chain), [`d${count}`]: { type: 'object' } }
}

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

const kontor = await startKontor(t)

async function asked(path: string, method: string, body: Schema) {
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

    t.strictSame(await asked('a', 'PUT', { ...small, ...here, parameters: { users: 'many' } }), [
      400,
      'parameters.users must be integer.',
    ])
    t.strictSame(await asked('a', 'PUT', { ...small, ...here, parameters: { colour: 'red' } }), [
      400,
      'parameters.colour is not a known field.',
    ])
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
    t.strictSame(await asked('a', 'PATCH', { ...large, parameters: { backup: 'yes' } }), [
      400,
      'parameters.backup must be boolean.',
    ])
    t.strictSame(await asked('a', 'PATCH', { ...large, parameters: {} }), [
      400,
      'parameters.backup is missing.',
    ])
    t.strictSame(
      await asked('a/service_bindings/b', 'PUT', {
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
    const { view } = await kontor.addProvider('odd', {
      catalog: catalogWith({
        create: { $schema: 'https://json-schema.org/draft/2031-01/schema', type: 'string' },
        bind: {
          $schema: draft07,
          properties: { role: { $id: 'http://twice', type: 'string' }, b: { $id: 'http://twice' } },
        },
      }),
    })
    const small = await kontor.find('odd', 'db', 'small')
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/odd', {
          ...small,
          ...here,
          parameters: { users: 'many' },
        })
      ).status,
      201,
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/odd/service_bindings/odd', {
          ...small,
          parameters: { role: 'owner' },
        })
      ).status,
      201,
      'a schema that cannot be compiled: the provider decides',
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
        ['note', /\$id of its own/],
        ['note', /of-my-own/],
        ['note', /"odd-db", plan "small": its schema for bind is not used/],
      ],
    )
    const { services } = (await kontor.call('GET', '/v2/catalog')).body
    t.match(
      services.find(({ name }: { name: string }) => name === 'odd-db').plans[0].schemas,
      { service_instance: { create: { parameters: { type: 'string' } } } },
      'it is published nevertheless',
    )
  },
)

t.test(
  'a schema without end for some parameters fails their orders, delays none, and stays in use',
  async (t) => {
    const { view, simulator } = await kontor.addProvider('slow', {
      catalog: catalogWith({ create: slowPattern }),
    })
    const small = await kontor.find('slow', 'db', 'small')
    const order = (parameters: Schema) => asked('slow', 'PUT', { ...small, ...here, parameters })
    let maxMs = 0
    let over = false
    const watching = (async () => {
      while (!over) {
        const begun = performance.now()
        await kontor.call('GET', '/v2/service_instances/none/last_operation')
        maxMs = Math.max(maxMs, performance.now() - begun)
      }
    })()
    t.strictSame(await order(slowName), [
      400,
      'parameters cannot be checked against the schema of the plan "small": it takes longer ' +
        'than 250 ms.',
    ])
    over = true
    await watching
    t.ok(maxMs < 1_000, `the longest answer meanwhile took ${Math.round(maxMs)} ms`)
    t.equal((await order(slowName))[0], 400, 'the same again is not passed on unchecked')
    t.strictSame(await order({ name: 'b' }), [400, 'parameters.name must match pattern "^(a+)+$".'])
    t.strictSame(simulator.state().instances, [])
    t.equal((await order({ name: 'aaa' }))[0], 201)
    const { body } = await kontor.admin('GET', `/api/providers/${view.id}`)
    t.match(body.catalog.findings.at(-1), {
      effect: 'note',
      problem: /for provision cannot check some parameters, .* refused: it takes longer/,
    })
  },
)

/** As many plans as one likes, each with a schema of its own that takes a while to compile. */
function heavyCatalog(count: number): OsbCatalog {
  const properties = (at: number) =>
    Object.fromEntries(
      Array.from({ length: 500 }, (_each, n) => [
        `p${at}x${n}`,
        { type: 'string', enum: ['a', 'b'] },
      ]),
    )
  const catalog = catalogOf('heavy')
  const [offering] = catalog.services
  const [plan] = offering?.plans ?? []
  if (offering === undefined || plan === undefined) throw new Error('There is no plan.')
  offering.plans = Array.from({ length: count }, (_each, at) => ({
    ...plan,
    id: `heavy-${at}`,
    name: `heavy-${at}`,
    schemas: {
      service_instance: {
        create: { parameters: { $schema: draft07, properties: properties(at) } },
      },
    },
  }))
  return catalog
}

t.test(
  "no order with invalid parameters is accepted while another provider's schemas are compiled",
  async (t) => {
    await kontor.addProvider('heavy', { catalog: heavyCatalog(12) })
    await kontor.addProvider('light', { catalog: catalogWith({ create: users }) })
    const small = await kontor.find('light', 'db', 'small')
    const { body } = await kontor.call('GET', '/v2/catalog')
    const offerings = body.services as Array<{ id: string; name: string; plans: { id: string }[] }>
    const heavyDb = offerings.find(({ name }) => name === 'heavy-db')
    const plans = (heavyDb?.plans ?? []).map(({ id }) => ({ service_id: heavyDb?.id, plan_id: id }))
    const put = async (id: string, plan: Schema, parameters: Schema) =>
      (await kontor.call('PUT', `/v2/service_instances/${id}`, { ...plan, ...here, parameters }))
        .status

    const heavy = new Set<number>()
    const light: number[] = []
    const sender = async (from: number) => {
      for (let at = from; light.length < 10; at += 2)
        heavy.add(await put(`heavy-${at}`, plans[at % 12] ?? {}, { [`p${at % 12}x7`]: 'c' }))
    }
    const flood = [sender(0), sender(1)]
    await until(
      () => heavy.size,
      (size) => size > 0,
    )
    while (light.length < 10) {
      const n = light.length
      light.push(await put(`light-${n}`, small, { users: n % 5 === 0 ? 5 : 1_000_000 }))
    }
    await Promise.all(flood)
    t.strictSame(
      light,
      Array.from({ length: 10 }, (_each, n) => (n % 5 === 0 ? 201 : 400)),
    )
    t.notOk(
      [...heavy].some((status) => status < 400),
      `of the flood: ${[...heavy].join(', ')}`,
    )
  },
)

t.test('a Kontor that has checked parameters stops like any other', async (t) => {
  const ids = await kontor.find('light', 'db', 'small')
  const parameters = { users: 7 }
  t.equal(
    (await kontor.call('PUT', '/v2/service_instances/last', { ...ids, ...here, parameters }))
      .status,
    201,
  )
  await kontor.running.stop()
  t.strictSame(
    process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker'),
    [],
  )
})
