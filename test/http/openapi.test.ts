import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'

type Part = Readonly<Record<string, unknown>>

const document = parse(
  await readFile(new URL('../../openapi.yaml', import.meta.url), 'utf8'),
) as Part
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
ajv.addSchema({ ...document, $id: 'openapi' })

const isPart = (value: unknown): value is Part =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const pointer = (path: readonly string[]) =>
  path
    .map((name) => `/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
    .join('')

interface Example {
  readonly path: readonly string[]
  readonly schema: readonly string[]
  readonly value: unknown
}

/** Every example with the path of its schema. */
function* examplesOf(part: unknown, path: readonly string[]): Generator<Example> {
  if (!isPart(part)) {
    if (Array.isArray(part))
      for (const [at, each] of part.entries()) yield* examplesOf(each, [...path, String(at)])
    return
  }
  // Beside `schema` in a parameter, header or body, within the schema itself elsewhere.
  const schema = 'schema' in part ? [...path, 'schema'] : path
  if ('example' in part) yield { path, schema, value: part['example'] }
  const { examples } = part
  if (Array.isArray(examples))
    for (const value of examples as unknown[]) yield { path, schema, value }
  else if (isPart(examples))
    for (const each of Object.values(examples))
      yield { path, schema, value: isPart(each) ? each['value'] : undefined }
  for (const [name, each] of Object.entries(part))
    if (name !== 'examples' && name !== 'example') yield* examplesOf(each, [...path, name])
}

t.test('every example in openapi.yaml conforms to its schema', async (t) => {
  const examples = [...examplesOf(document, [])]
  t.ok(examples.length > 60, `${examples.length} examples`)
  for (const { path, schema, value } of examples) {
    const validate = ajv.compile({ $ref: `openapi#${pointer(schema)}` })
    t.ok(
      validate(value),
      `${path.join('/')} ${JSON.stringify(value)} ${ajv.errorsText(validate.errors)}`,
    )
  }
})

t.test('every body below /v2 has an example, and a validator accepts every schema', async (t) => {
  const { schemas } = document['components'] as { schemas: Record<string, Part> }
  for (const name of Object.keys(schemas)) {
    t.match(name, /^[a-zA-Z0-9._-]+$/, 'a name that OpenAPI allows')
    t.ok(ajv.compile({ $ref: `openapi#/components/schemas/${name}` }), name)
  }
  const bodies = new Set(
    [
      ...JSON.stringify(
        Object.entries(document['paths'] as Part).filter(([path]) => path.startsWith('/v2')),
      ).matchAll(/#\/components\/schemas\/([a-z-]+)/g),
    ].map(([, name]) => name ?? ''),
  )
  t.ok(bodies.size >= 10)
  t.strictSame(
    [...bodies].filter((name) => !Array.isArray(schemas[name]?.['examples'])),
    [],
    'without an example',
  )
})

t.test('every operation has a summary and stands in a group that is described', async (t) => {
  const tags = document['tags'] as ReadonlyArray<{ name: string; description?: string }>
  t.ok(tags.length > 15)
  t.strictSame(
    tags.filter(({ description = '' }) => description === ''),
    [],
  )
  const paths = document['paths'] as Record<
    string,
    Record<string, { summary?: string; tags?: string[] }>
  >
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { summary = '', tags: own = [] }] of Object.entries(methods)) {
      t.not(summary, '', `${method} ${path}`)
      t.ok(own.length === 1 && tags.some(({ name }) => name === own[0]), `${method} ${path}`)
    }
})

t.test('openapi.yaml has what the published document of OSB 2.17 lacks', async (t) => {
  const paths = document['paths'] as Record<
    string,
    Record<
      string,
      {
        parameters: Array<{ name: string; required: boolean }>
        responses: Record<string, { headers?: Part }>
      }
    >
  >
  for (const [path, methods] of Object.entries(paths).filter(([each]) => each.startsWith('/v2'))) {
    for (const [method, { parameters, responses }] of Object.entries(methods)) {
      const where = `${method} ${path}`
      const required = (name: string) => parameters.find((each) => each.name === name)?.required
      t.strictSame(
        [
          required('x-broker-api-version'),
          required('x-broker-api-originating-identity'),
          required('x-broker-api-request-identity'),
        ],
        [true, false, false],
        where,
      )
      t.strictSame(
        ['400', '401', '412', '500', '503'].filter((status) => responses[status] === undefined),
        [],
        where,
      )
    }
  }
  t.ok(paths['/v2/catalog']?.['get']?.responses['304'])
  t.strictSame(
    Object.keys(paths['/v2/catalog']?.['get']?.responses['200']?.headers ?? {}).toSorted(),
    ['etag', 'last-modified', 'x-broker-api-request-identity'],
  )
  const { schemas } = document['components'] as {
    schemas: Record<string, { properties: Record<string, Part>; required?: string[] }>
  }
  t.strictSame(
    ['instances_retrievable', 'bindings_retrievable', 'allow_context_updates'].filter(
      (name) => !(name in (schemas['offering']?.properties ?? {})),
    ),
    [],
  )
  t.notOk('binding_rotatable' in (schemas['offering']?.properties ?? {}))
  t.strictSame(schemas['catalog']?.required, ['services'])
  t.ok(
    ['provision-request', 'update-request'].every(
      (name) => 'maintenance_info' in (schemas[name]?.properties ?? {}),
    ),
  )
  t.match(schemas['provision-response']?.properties, {
    // Both may be null by the specification; Kontor leaves them out then.
    operation: { maxLength: 10_000, type: 'string' },
    dashboard_url: { type: 'string' },
  })
  t.notOk(schemas['bind-request']?.required, 'a rotation names its predecessor only')
  t.strictSame(Object.keys(schemas['last-binding-operation-response']?.properties ?? {}), [
    'state',
    'description',
  ])
})
