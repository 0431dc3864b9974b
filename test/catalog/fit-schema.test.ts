// Schemas rewritten for Cloud Foundry: it takes them, and they allow the same parameters as before.
import t from 'tap'
import draft04 from 'ajv-draft-04'
import fc from 'fast-check'
import { Ajv } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { fitSchema } from '../../src/catalog/cloud-foundry/fit-schema.ts'
import { refusalOfSchema } from '../support/cloud-foundry.ts'

type Schema = Record<string, unknown>

const names = {
  4: 'http://json-schema.org/draft-04/schema#',
  6: 'http://json-schema.org/draft-06/schema#',
  7: 'http://json-schema.org/draft-07/schema#',
  2019: 'https://json-schema.org/draft/2019-09/schema',
  2020: 'https://json-schema.org/draft/2020-12/schema',
} as const
type Draft = keyof typeof names

const lax = {
  strict: false,
  validateFormats: false,
  validateSchema: false,
  logger: false,
} as const
function compile(schema: Schema): (value: unknown) => boolean {
  const name = String(schema['$schema'])
  const ajv = name.includes('draft-04')
    ? new draft04.default(lax)
    : name.includes('2019')
      ? new Ajv2019(lax)
      : name.includes('2020')
        ? new Ajv2020(lax)
        : new Ajv({ ...lax }).addMetaSchema(draft06)
  return ajv.compile(schema) as (value: unknown) => boolean
}

/** Asserts that the rewritten schema is taken, and allows the good values and not the bad ones. */
function fits(
  name: string,
  draft: Draft,
  rest: Schema,
  good: readonly unknown[],
  bad: readonly unknown[],
  target: 4 | 6 = 4,
): void {
  t.test(`${name} (${draft})`, (t) => {
    const given: Schema = { $schema: names[draft], type: 'object', ...rest }
    const before = JSON.stringify(given)
    const fitted = fitSchema(given)
    t.equal(fitted.kind, 'fits', JSON.stringify(fitted))
    if (fitted.kind === 'unfit') return t.end()
    t.equal(JSON.stringify(given), before, 'the given schema is not changed')
    t.equal(fitted.schema['$schema'], names[target])
    t.equal(refusalOfSchema(fitted.schema), undefined, JSON.stringify(fitted.schema))
    const [was, is] = [compile(given), compile(fitted.schema)]
    for (const [values, isGood] of [
      [good, true],
      [bad, false],
    ] as const)
      for (const value of values)
        t.strictSame([was(value), is(value)], [isGood, isGood], JSON.stringify(value))
    t.end()
  })
}

/** An object with a key `then` would count as a promise. */
const conditional = (...parts: readonly unknown[]): Schema =>
  Object.fromEntries(
    ['if', 'then', 'else'].flatMap((keyword, at) =>
      parts[at] === undefined ? [] : [[keyword, parts[at]]],
    ),
  )

/** Of a property `a`. */
const a = (schema: unknown): Schema => ({ properties: { a: schema } })
const as = (...values: unknown[]): Schema[] => values.map((value) => ({ a: value }))

t.test('a schema of draft-04 that fits stays the same object', (t) => {
  const given = {
    $schema: names[4],
    title: 'Size',
    type: 'object',
    properties: { size: { $ref: '#/definitions/size' }, id: { type: 'string' } },
    definitions: { size: { type: 'integer', minimum: 1, exclusiveMinimum: true } },
    dependencies: { size: ['id'] },
    additionalProperties: false,
    unknown: [1],
  }
  t.strictSame(fitSchema(given), { kind: 'fits', schema: given })
  t.equal((fitSchema(given) as { schema?: unknown }).schema, given)
  t.end()
})

fits('exclusive limits', 6, a({ exclusiveMinimum: 1, exclusiveMaximum: 5 }), as(2, 'x'), as(1, 5))
fits('beside a looser limit', 7, a({ minimum: 0, exclusiveMinimum: 1 }), as(1.5), as(1, 0))
fits('beside a stricter limit', 7, a({ minimum: 3, exclusiveMinimum: 1 }), as(3), as(2))
fits('const', 6, a({ const: { x: [1] } }), as({ x: [1] }), as({ x: [2] }, 1))
fits('const and enum', 7, a({ enum: [1, 2], const: 2 }), as(2), as(1, 3))
fits(
  'a doubled enum',
  7,
  a({
    enum: [
      { x: 1, y: 2 },
      { y: 2, x: 1 },
    ],
  }),
  as({ x: 1, y: 2 }),
  as(1),
)
fits('contains', 6, a({ contains: { type: 'string' } }), as(['x', 1], 7), as([], [1]))
fits('minContains 0', 2019, a({ contains: { const: 1 }, minContains: 0 }), as([], [2]), [])
fits('true and false', 6, { properties: { a: true, b: false } }, as(1), [{ b: 1 }])
fits(
  'true and false in items',
  7,
  { properties: { a: { items: false }, b: { items: [true] } } },
  [{ a: [], b: [1, 2] }],
  as([1]),
)
fits(
  'empty required',
  6,
  { required: [], properties: { a: { required: ['x'] } } },
  [{}, { a: { x: 1 } }],
  as({}),
)
fits(
  'dependencies',
  7,
  { dependencies: { a: [], b: ['c', 'c'].slice(1), d: true, e: false, f: { required: ['g'] } } },
  [
    { a: 1, d: 1 },
    { b: 1, c: 1 },
    { f: 1, g: 1 },
  ],
  [{ b: 1 }, { e: 1 }, { f: 1 }],
)
fits(
  'dependentRequired and dependentSchemas',
  2019,
  {
    dependentRequired: { a: ['b'] },
    dependentSchemas: { a: { required: ['c'] }, d: { required: ['e'] } },
  },
  [
    { a: 1, b: 1, c: 1 },
    { d: 1, e: 1 },
  ],
  [{ a: 1, b: 1 }, { a: 1, c: 1 }, { d: 1 }],
)
fits(
  'if, then and else',
  7,
  conditional(
    { properties: { a: { const: 1 } }, required: ['a'] },
    { required: ['b'] },
    { required: ['c'] },
  ),
  [{ a: 1, b: 1 }, { c: 1 }],
  [{ a: 1 }, { a: 2 }, {}],
)
fits('then without if', 7, conditional(undefined, false, false), [{}], [])
fits(
  'propertyNames with a pattern',
  6,
  { propertyNames: { pattern: '^a' } },
  [{ ab: 1 }],
  [{ b: 1 }],
)
fits(
  'propertyNames of a list',
  7,
  { propertyNames: { enum: ['a', 'b'] }, properties: { a: { type: 'string' } } },
  [{ a: 'x', b: 1 }],
  [{ c: 1 }, { a: 1 }],
)
fits('no propertyNames', 7, a({ propertyNames: false }), as({}), as({ x: 1 }))
fits(
  'propertyNames that need draft-06',
  7,
  {
    propertyNames: { maxLength: 2 },
    properties: { a: { exclusiveMinimum: 1, contains: { exclusiveMaximum: 3 } } },
  },
  [{ a: 2 }, { a: [2] }],
  [{ abc: 1 }, { a: 1 }, { a: [3] }],
  6,
)
fits(
  '$defs',
  2020,
  { $defs: { 'x y/z': { type: 'string' } }, ...a({ $ref: '#/$defs/x%20y~1z' }) },
  as('x'),
  as(1),
)
fits(
  'what stands beside $ref',
  2019,
  { $defs: { x: { type: 'string' } }, ...a({ $ref: '#/$defs/x', maxLength: 1 }) },
  as('x'),
  as('xx', 1),
)
fits(
  'anchors',
  2020,
  { $defs: { x: { $anchor: 'text', type: 'string' } }, ...a({ $ref: '#text' }) },
  as('x'),
  as(1),
)
fits(
  'anchors of draft-07',
  7,
  { definitions: { x: { $id: '#text', type: 'string' } }, ...a({ $ref: '#text' }) },
  as('x'),
  as(1),
)
fits(
  '$dynamicRef',
  2020,
  { $dynamicAnchor: 'node', properties: { a: { $dynamicRef: '#node' }, b: { type: 'string' } } },
  [{ a: { b: 'x' } }],
  [{ a: { b: 1 } }],
)
fits(
  '$recursiveRef',
  2019,
  { $recursiveAnchor: true, properties: { a: { $recursiveRef: '#' }, b: { type: 'string' } } },
  [{ a: { b: 'x' } }],
  [{ a: { b: 1 } }],
)
fits(
  'an $id of the whole',
  2020,
  { $id: 'https://example.com/x', $defs: { x: { type: 'string' } }, ...a({ $ref: '#/$defs/x' }) },
  as('x'),
  as(1),
)
fits(
  'prefixItems',
  2020,
  a({ prefixItems: [{ type: 'string' }], items: { type: 'integer' } }),
  as(['x', 1], []),
  as([1], ['x', 'y']),
)
fits(
  'references into prefixItems and items',
  2020,
  {
    properties: {
      a: { prefixItems: [{ type: 'string' }], items: { type: 'integer' } },
      b: { $ref: '#/properties/a/prefixItems/0' },
      c: { $ref: '#/properties/a/items' },
    },
  },
  [{ b: 'x', c: 1 }],
  [{ b: 1 }, { c: 'x' }],
)
fits(
  'items of one kind',
  2020,
  a({ items: { type: 'string' }, additionalItems: false }),
  as(['x', 'y']),
  as([1]),
)
fits(
  'an empty list of items',
  7,
  a({ items: [], additionalItems: { type: 'string' } }),
  as(['x'], []),
  as([1]),
)
fits(
  'unevaluatedProperties',
  2019,
  { properties: { a: {} }, unevaluatedProperties: false },
  as(1),
  [{ b: 1 }],
)
fits(
  'unevaluatedItems',
  2020,
  a({ prefixItems: [{}], unevaluatedItems: false }),
  as([1]),
  as([1, 2]),
)
fits(
  'unevaluated parts where all are allowed',
  2020,
  { allOf: [{}], unevaluatedProperties: true, ...a({ anyOf: [{}], unevaluatedItems: {} }) },
  [{ b: 1 }, { a: [1] }],
  [],
)
fits(
  '$schema in parts',
  7,
  a({ $schema: names[7], type: 'string', $comment: 'x', contentMediaType: 'text/plain' }),
  as('x'),
  as(1),
)
fits(
  'properties with the names of keywords',
  2020,
  {
    properties: {
      $schema: { type: 'string' },
      $ref: { type: 'string' },
      if: { const: 1 },
      id: { type: 'string' },
    },
  },
  [{ $schema: 'x', if: 1 }],
  [{ $ref: 1 }, { if: 2 }],
)
fits('a type that is a list', 7, { type: ['object', 'null'] }, [{}], [[]])
fits('no type', 2020, { type: undefined, required: ['a'] }, as(1), [{}])

t.test('what has no meaning in the draft of a schema gets none in draft-04', (t) => {
  const rewritten = (draft: Draft, schema: Schema): unknown => {
    const fitted = fitSchema({ $schema: names[draft], type: 'object', properties: { a: schema } })
    return fitted.kind === 'fits'
      ? (fitted.schema as { properties: { a: unknown } }).properties.a
      : fitted
  }
  const later = {
    ...conditional(true, false),
    dependentRequired: { a: ['b'] },
    prefixItems: [false],
  }
  t.strictSame(rewritten(6, { ...later, $anchor: 'x' }), later)
  t.strictSame(rewritten(4, { const: 1, contains: {}, propertyNames: {} }), {
    const: 1,
    contains: {},
    propertyNames: {},
  })
  t.strictSame(rewritten(7, { id: 'https://example.com/elsewhere' }), {})
  t.strictSame(rewritten(2020, { additionalItems: false, items: {} }), { items: {} })
  t.strictSame(rewritten(7, { enum: [] }), { allOf: [{ not: {} }] })
  t.end()
})

t.test('what cannot be rewritten is unfit, with the reason', (t) => {
  const doubled = (depth: number): Schema =>
    depth === 0 ? { type: 'string' } : conditional(doubled(depth - 1), {}, {})
  const cases: ReadonlyArray<readonly [Draft | string, Schema, RegExp]> = [
    [2020, { allOf: [{}], unevaluatedProperties: false }, /^it has unevaluatedProperties$/],
    [2019, a({ contains: {}, maxContains: 2 }), /maxContains/],
    [2020, a({ contains: {}, minContains: 2 }), /minContains/],
    [2020, a({ anyOf: [{}], unevaluatedItems: false }), /unevaluatedItems/],
    [2020, { $defs: { x: { $id: 'https://example.com/x' } } }, /has an \$id of its own/],
    [7, { ...conditional({ title: 'x' }, {}), ...a({ $ref: '#/if' }) }, /reference #\/if leads to/],
    [7, a({ $ref: '#/definitions/none' }), /reference/],
    [7, a({ $ref: '#none' }), /reference/],
    [7, { $defs: { x: {} }, definitions: { x: {} } }, /the same name/],
    [7, { $ref: '#' }, /without end/],
    [7, { allOf: [{ $ref: '#/definitions/x' }], definitions: { x: { $ref: '#/allOf/0' } } }, /end/],
    [7, a({ minLength: 'x' }), /minLength must be/],
    [7, a({ type: 'text' }), /type/],
    [2020, a({ items: [{}] }), /items is a list/],
    [7, a([1]), /no schema/],
    [7, doubled(13), /too long/],
    [7, { type: undefined, description: 'x'.repeat(63_990) }, /too long/],
    ['https://example.com/my-own', {}, /does not know its draft/],
  ]
  for (const [draft, rest, says] of cases) {
    const $schema = typeof draft === 'string' ? draft : names[draft]
    const fitted = fitSchema({ $schema, type: 'object', ...rest })
    t.equal(fitted.kind, 'unfit', JSON.stringify(rest).slice(0, 100))
    t.match(fitted, { problem: says })
  }
  t.end()
})

t.test('whatever a schema holds, it is unfit or taken', (t) => {
  const keywords =
    '$id id $ref $dynamicRef $anchor $defs definitions properties patternProperties items ' +
    'prefixItems additionalItems additionalProperties unevaluatedItems unevaluatedProperties ' +
    'allOf anyOf not if then else dependencies dependentRequired dependentSchemas required enum ' +
    'const contains minContains propertyNames minimum exclusiveMinimum maximum type __proto__'
  const { schema } = fc.letrec((tie) => ({
    schema: fc
      .array(
        fc.tuple(
          fc.constantFrom(...keywords.split(' ')),
          fc.oneof(
            { maxDepth: 3 },
            fc.jsonValue(),
            fc.constantFrom('#', '#/definitions/a', '#/items', 'object', 'string', 1),
            tie('schema'),
            fc.array(tie('schema'), { maxLength: 2 }),
            fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')),
          ),
        ),
        { maxLength: 4 },
      )
      .map((entries) => Object.fromEntries(entries)),
  }))
  let taken = 0
  fc.assert(
    fc.property(schema, fc.constantFrom(...Object.values(names)), (rest, $schema) => {
      // Inspection drops these.
      fc.pre(!/"\$(ref|dynamicRef)":"(?!#)/.test(JSON.stringify(rest)))
      const fitted = fitSchema({ $schema, ...(rest as Schema) })
      if (fitted.kind === 'unfit') return fitted.problem !== ''
      taken++
      return refusalOfSchema(fitted.schema) === undefined
    }),
    { numRuns: 150 },
  )
  t.ok(taken > 20, `${taken} are taken`)
  t.end()
})
