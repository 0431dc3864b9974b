// Schemas as providers might write them, each with a value that fits it.
import fc from 'fast-check'
import { withoutPrototypeKeys } from '../../src/without-prototype-keys.ts'
import { conditional } from './round-trip.ts'

type Schema = Readonly<Record<string, unknown>>

export interface Pair {
  readonly schema: Schema
  readonly value: unknown
}

const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('name', 'size', 'region', 'kind', 'backup', 'a.b', 'x') },
  fc.constantFrom('a/b', 'm~n', '', 'constructor', 'toString', 'Größe', '<b>', 'a b', '0', '"'),
)
const text = fc
  .oneof(
    { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('', ' ', '\n', '\r\n', '\n\n a', '</textarea><p>', '1.000', 'true', '"'),
  )
  // Kontor takes no such text.
  .filter((each) => !each.includes('\0'))
const number = fc.oneof(
  fc.integer(),
  fc.constantFrom(1.125, 1000, 1e21, 1.5e-9, 0.1, -12.345, 999.999, 123456789.123, 0, 4.001),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (each === 0 ? 0 : each)),
)
const words = fc.record(
  { title: fc.string({ maxLength: 8 }), description: fc.string({ maxLength: 20 }) },
  { requiredKeys: [] },
)

const scalars = fc.oneof(
  fc.record({
    schema: fc.constantFrom<Schema>(
      { type: 'string' },
      { type: ['string', 'null'] },
      { type: 'string', format: 'email' },
      { type: 'string', format: 'date' },
      { type: 'string', format: 'uri', maxLength: 400 },
    ),
    value: text,
  }),
  fc.record({ schema: fc.constant<Schema>({ type: 'number' }), value: number }),
  fc.record({ schema: fc.constant<Schema>({ type: ['integer', 'null'] }), value: fc.integer() }),
  fc.record({
    schema: fc.constant<Schema>({ type: ['number', 'null'] }),
    value: fc.constant(null),
  }),
  fc.record({
    schema: fc.constantFrom<Schema>({ type: 'boolean' }, { type: 'boolean', default: true }),
    value: fc.boolean(),
  }),
  fc
    .array(fc.oneof(text, number, fc.boolean(), fc.constant(null)), { minLength: 1, maxLength: 8 })
    .map((values) => [...new Set(values)])
    .chain((values) =>
      fc.record({
        schema: fc.constant<Schema>({ enum: values }),
        value: fc.constantFrom(...values),
      }),
    ),
  text.map((value) => ({ schema: { const: value }, value })),
  fc.jsonValue({ maxDepth: 2 }).map((value) => ({ schema: {}, value: withoutMinusZero(value) })),
  fc.record({
    schema: fc.constant<Schema>({ type: 'array', items: { type: 'string' } }),
    value: fc.array(text, { maxLength: 4 }),
  }),
  fc.record({
    schema: fc.constant<Schema>({ type: 'array', items: { type: 'number' } }),
    value: fc.array(number, { maxLength: 4 }),
  }),
)

function withoutMinusZero(value: unknown): unknown {
  return withoutPrototypeKeys(
    JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')) as unknown,
  )
}

interface Part extends Pair {
  readonly key: string
  readonly isRequired: boolean
  readonly isThere: boolean
}

const { pair } = fc.letrec<{ pair: Pair; object: Pair; part: Part }>((tie) => ({
  part: fc
    .record({
      key,
      isRequired: fc.boolean(),
      isThere: fc.boolean(),
      schema: fc.constant({}),
      value: fc.constant(undefined),
      pair: tie('pair'),
      words,
    })
    .map(({ pair: { schema, value }, words: said, ...rest }) => ({
      ...rest,
      schema: { ...schema, ...said },
      value,
    })),
  object: fc
    .record({
      parts: fc.uniqueArray(tie('part'), { maxLength: 5, selector: (part) => part.key }),
      others: fc.option(fc.dictionary(fc.constantFrom('other', 'more'), fc.jsonValue()), {
        freq: 4,
      }),
      how: fc.constantFrom('plain', 'oneOf', 'if', 'allOf', '$ref'),
    })
    .map(({ parts, others, how }) => objectOf(parts, withoutMinusZero(others ?? {}), how)),
  pair: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    tie('object'),
    fc.array(tie('object'), { minLength: 1, maxLength: 3 }).map((pairs) => ({
      // Rows of one kind: those that fit the first.
      schema: { type: 'array', items: pairs[0]?.schema ?? {} },
      value: [pairs[0]?.value, pairs[0]?.value].slice(0, pairs.length),
    })),
  ),
}))

function objectOf(parts: readonly Part[], others: unknown, how: string): Pair {
  const there = parts.filter(({ isRequired, isThere }) => isRequired || isThere)
  const schema = {
    type: 'object',
    properties: Object.fromEntries(parts.map((part) => [part.key, part.schema])),
    required: parts.filter(({ isRequired }) => isRequired).map((part) => part.key),
  }
  const value = {
    ...(others as object),
    ...Object.fromEntries(there.map((part) => [part.key, part.value])),
  }
  return wrapped(schema, value, how)
}

/** The same object, with a property more that decides in a schema of a more difficult form. */
function wrapped(schema: Schema, value: object, how: string): Pair {
  const kind = (name: string) => ({ properties: { _kind: { const: name } }, required: ['_kind'] })
  switch (how) {
    case 'oneOf':
      return {
        schema: { type: 'object', oneOf: [kind('other'), { ...schema, allOf: [kind('this')] }] },
        value: { ...value, _kind: 'this' },
      }
    case 'if':
      return {
        schema: {
          type: 'object',
          properties: { _kind: { enum: ['this', 'other'] } },
          ...conditional(kind('this'), schema, { properties: { _else: { type: 'string' } } }),
        },
        value: { ...value, _kind: 'this' },
      }
    case 'allOf':
      return { schema: { allOf: [schema, { properties: { _x: { type: 'integer' } } }] }, value }
    default:
      return { schema, value }
  }
}

/** An object of parameters, and a schema that it fits. */
export const anyForm: fc.Arbitrary<Pair> = fc
  .record({
    parts: fc.uniqueArray(
      fc.record({ key, pair, isRequired: fc.boolean(), isThere: fc.boolean() }),
      { minLength: 1, maxLength: 5, selector: (part) => part.key },
    ),
    how: fc.constantFrom('plain', 'oneOf', 'if', 'allOf'),
  })
  .map(({ parts, how }) =>
    objectOf(
      parts.map((part) => ({ ...part, ...part.pair })),
      {},
      how,
    ),
  )
