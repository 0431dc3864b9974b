// SCHEMA: schemas in a catalog. test/catalog/parameters.test.ts checks parameters against them.
import t from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { here, startKontor } from '../support/kontor.ts'
import { answer } from '../support/scripted-upstream.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'

const kontor = await startKontor(t)
const { call } = kontor
const provider = await scriptedProvider(t, kontor, 'nord')

const $schema = 'http://json-schema.org/draft-04/schema#'
const good = {
  $schema,
  type: 'object',
  properties: { size: { $ref: '#/definitions/size' } },
  definitions: { size: { type: 'integer' } },
  vendor: [1, null],
}
const everywhere = (schema: unknown) => ({
  service_instance: { create: { parameters: schema }, update: { parameters: schema } },
  service_binding: { create: { parameters: schema } },
})
const places = ['service_instance/create', 'service_instance/update', 'service_binding/create']

/** What Kontor publishes of these schemas of a plan, and the findings for the operator. */
async function publish(schemas: unknown, more: object = {}) {
  const [database, ...rest] = catalogOf('nord').services
  const [small, large] = database?.plans ?? []
  provider.respond({
    catalog: answer(200, {
      services: [{ ...database, plans: [{ ...small, ...more, schemas }, large] }, ...rest],
    }),
  })
  const {
    body: { catalog },
  } = await provider.refresh()
  const { services } = (await call('GET', '/v2/catalog')).body
  return {
    plans: services[0].plans,
    published: services[0].plans[0].schemas,
    findings: catalog.findings as Array<{ path: string; problem: string; effect: string }>,
    catalog,
  }
}

/** In each of the three places: only the schema is withheld, and the operator gets a finding. */
async function dropped(t: Tap, name: string, schema: unknown, says: RegExp): Promise<void> {
  const { plans, published, findings, catalog } = await publish(everywhere(schema))
  t.match(catalog, { offerings: 2, plans: 3, error: null }, name)
  t.equal(plans.length, 2, name)
  t.strictSame(
    published,
    { service_instance: { create: {}, update: {} }, service_binding: { create: {} } },
    name,
  )
  t.match(
    findings,
    places.map((place) => ({
      path: `/services/0/plans/0/schemas/${place}/parameters`,
      problem: says,
      effect: 'schema_dropped',
    })),
    name,
  )
  t.equal(findings.length, 3, name)
}
type Tap = Pick<typeof t, 'match' | 'equal' | 'strictSame'>

t.test('SCHEMA-01 schemas stand at three places of a plan and describe an object', async (t) => {
  const all = everywhere(good)
  t.match(await publish(all), { published: all, findings: { length: 0 } })
  t.strictSame((await publish(all)).published, all, 'kept value for value')
  const some = { service_instance: { update: { parameters: { ...good, type: undefined } } } }
  t.strictSame((await publish(some)).findings, [], 'each may be absent, and so may the type')
  t.strictSame(
    (await publish({ ...everywhere({ ...good, type: ['object', 'null'] }), vendor: 1 })).findings,
    [],
  )
  for (const type of ['array', 'string', ['array', 'null']])
    await dropped(t, JSON.stringify(type), { ...good, type }, /does not describe an object/)
  t.match(
    (
      await publish(
        everywhere({ ...good, $schema: 'https://example.com/of-my-own', type: 'array' }),
      )
    ).published,
    everywhere({ type: 'array' }),
    'in an unknown draft the word may mean something else',
  )
  for (const [place, schemas] of [
    ['', []],
    ['', 'text'],
    ['/service_instance', { service_instance: [] }],
    ['/service_instance/create', { service_instance: { create: 1 } }],
    ['/service_binding/create/parameters', { service_binding: { create: { parameters: [] } } }],
    ['/service_binding/create/parameters', { service_binding: { create: { parameters: true } } }],
  ] as const) {
    const { catalog, plans } = await publish(schemas)
    t.match(
      catalog,
      {
        offerings: 2,
        findings: [
          {
            path: `/services/0/plans/0/schemas${place}`,
            effect: 'schema_dropped',
            problem: /must be object/,
          },
        ],
      },
      JSON.stringify(schemas),
    )
    t.equal(plans.length, 2, 'the plan stays')
  }
})

t.test('SCHEMA-02 a schema without $schema is not published', async (t) => {
  for (const [name, schema] of Object.entries({
    absent: { type: 'object' },
    'a number': { ...good, $schema: 4 },
    null: { ...good, $schema: null },
    'deeper down only': { type: 'object', properties: { a: { $schema } } },
  }))
    await dropped(t, name, schema, /no "\$schema"/)
})

t.test('SCHEMA-03 a schema with an external reference is not published', async (t) => {
  for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
    for (const target of [
      'https://example.com/schema.json',
      'https://example.com/schema.json#/definitions/a',
      'other.json#/a',
      '//example.com/x',
      'file:///etc/passwd',
      'urn:x:y',
    ]) {
      await dropped(
        t,
        `${keyword}: ${target}`,
        {
          $schema,
          type: 'object',
          properties: { deep: { items: [{ anyOf: [{ [keyword]: target }] }] } },
        },
        /outside itself/,
      )
    }
  }
  const inside = {
    $schema,
    type: 'object',
    definitions: { a: { type: 'integer' } },
    properties: { a: { $ref: '#/definitions/a' }, b: { $ref: '#' }, $ref: { type: 'string' } },
  }
  t.match(
    await publish(everywhere(inside)),
    { published: everywhere(inside), findings: { length: 0 } },
    'inside it may, and a property may have that name',
  )
})

t.test('a schema that no order could be checked with is not published', async (t) => {
  const part = (property: object) => ({ $schema, type: 'object', properties: { users: property } })
  for (const schema of [
    { ...part({ maximum: 10 }), required: 'users' },
    part({ type: 'of my own' }),
    { ...part({}), $schema: 'https://json-schema.org/draft/2020-12/schema', required: 'users' },
  ])
    await dropped(t, JSON.stringify(schema), schema, /^By the rules of its draft the schema is inv/)
  for (const schema of [
    part({ $ref: '#/definitions/x' }),
    part({ items: [{ anyOf: [{ $ref: '#x' }] }] }),
    { ...part({ $ref: '#/definitions/a' }), definitions: { a: { not: { $ref: '#/x' } } } },
  ])
    await dropped(t, JSON.stringify(schema), schema, /^The schema has no part #\S*x, to which/)
  for (const [schema, pointer] of [
    [part({ pattern: '(' }), 'properties/users/pattern'],
    [part({ not: { patternProperties: { 'a/[': {} } } }), '/not/patternProperties/a~1\\['],
    [
      { ...part({ $ref: '#/definitions/a' }), definitions: { a: { pattern: 'a**' } } },
      'definitions/a/pattern',
    ],
    [{ ...part({ $ref: '#a' }), definitions: { a: { $id: '#a', pattern: '*' } } }, 'a/pattern'],
  ] as const)
    await dropped(t, pointer, schema, new RegExp(`^The pattern at "\\S*${pointer}" is not a reg`))
  for (const [schema, pointer] of [
    [{ ...part({}), $async: true }, ''],
    [part({ items: [{ $async: true }] }), '/properties/users/items/0'],
  ] as const)
    await dropped(t, pointer, schema, new RegExp(`^The schema has "\\$async" at "${pointer}/`))
  const unused = {
    ...part({ enum: [{ $ref: '#/x', pattern: '(' }], $ref: '#/definitions/a~1%25', $async: false }),
    definitions: {
      'a/%': { properties: { pattern: {}, $async: {} }, pattern: '^[\\w-\\.]+$' },
      b: { $ref: '#/x', pattern: '(' },
      c: { pattern: '^\\p{Lu}' },
    },
  }
  t.strictSame((await publish(everywhere(unused))).published, everywhere(unused))
})

t.test('SCHEMA-04 a schema above 64 kB is not published', async (t) => {
  const ofBytes = (bytes: number, filler = 'x') => {
    const empty = Buffer.byteLength(JSON.stringify({ ...good, description: '' }))
    return {
      ...good,
      description:
        filler.repeat(Math.floor((bytes - empty) / Buffer.byteLength(filler))) +
        'x'.repeat((bytes - empty) % Buffer.byteLength(filler)),
    }
  }
  for (const filler of ['x', 'ü', '😀']) {
    const largest = everywhere(ofBytes(64_000, filler))
    t.equal(Buffer.byteLength(JSON.stringify(largest.service_instance.create.parameters)), 64_000)
    t.match(
      await publish(largest),
      { published: largest, findings: { length: 0 } },
      `64,000 bytes of ${filler}`,
    )
    await dropped(
      t,
      `64,001 bytes of ${filler}`,
      ofBytes(64_001, filler),
      /64001 bytes long; 64000 are allowed/,
    )
  }
})

t.test('SCHEMA-06 a schema for bindings of a plan that cannot be bound is ignored', async (t) => {
  for (const schema of [good, { type: 'array' }]) {
    const { catalog, plans } = await publish(
      { service_binding: { create: { parameters: schema } } },
      { bindable: false },
    )
    t.match(catalog, { offerings: 2, plans: 3, error: null })
    t.equal(plans[0].bindable, false)
  }
  const plan = await kontor.find('nord', 'db', 'small')
  const I = '/v2/service_instances/unbindable'
  t.equal((await call('PUT', I, { ...plan, ...here })).status, 201)
  for (const parameters of [{ size: 1 }, { size: 'no integer' }])
    t.match(
      await call('PUT', `${I}/service_bindings/b`, { ...plan, parameters }),
      { status: 400, body: { description: /cannot be bound/ } },
      'for that reason, whatever the schema says',
    )
  t.strictSame(provider.requests('bind'), [])
})
