// Requests made from the schemas of openapi.yaml: most are nearly right, so that they reach far,
// and each is wrong in a way in which a careless or hostile client might be.

export interface ApiOperation {
  readonly method: string
  readonly path: string
  readonly parameters: ReadonlyArray<{
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema: Schema
  }>
  readonly body: Schema | undefined
  readonly statuses: ReadonlySet<string>
}

export interface FuzzRequest {
  readonly operation: ApiOperation
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
}

export type Schema = Readonly<Record<string, unknown>>

/** Existing values, by the name of their field or parameter. */
export type Pool = Readonly<Record<string, readonly unknown[]>>

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Schema>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export function operationsOf(
  document: Document,
  isWanted: (path: string) => boolean,
): ApiOperation[] {
  return Object.entries(document.paths)
    .filter(([path]) => isWanted(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, about]) => ({
        method: method.toUpperCase(),
        path,
        parameters: (about['parameters'] ?? []) as ApiOperation['parameters'],
        body: (about['requestBody'] as { content: Record<string, { schema: Schema }> } | undefined)
          ?.content['application/json']?.schema,
        statuses: new Set(Object.keys(about['responses'] as object)),
      })),
    )
}

/** mulberry32: the same seed is the same run. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

const oddTexts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u202e\u0000',
  '\ud800',
  'ü'.normalize('NFD'),
  '😀',
  '"',
  "'; drop table instances; --",
  '../../etc/passwd',
  '%00',
  '%',
  '${7*7}',
  '{{7*7}}',
  '\r\nX-Evil: 1',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  'a'.repeat(255),
  'a'.repeat(1_001),
  'ä'.repeat(5_000),
  'a'.repeat(100_000),
  '1.0.0',
  '2.17',
  'in progress',
]
const oddValues: readonly unknown[] = [
  ...oddTexts,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  { a: { b: { c: [] } } },
  nested(50),
  nested(300),
  Object.fromEntries(Array.from({ length: 2_000 }, (_each, at) => [`key${at}`, at])),
  { constructor: { prototype: {} } },
  { toJSON: 'x', valueOf: null },
]
// As text, because JSON.stringify would not write these.
const oddJson = [
  '',
  '{',
  '[]',
  'null',
  '"text"',
  '{"a":1e400}',
  '{"a":NaN}',
  '{"a":01}',
  '{"__proto__":{"x":1}}',
  '{"a":"\\ud800"}',
  '{"a":"\\u0000"}',
  '{"a":1,"a":2}',
  '\ufeff{}',
  '{}{}',
  '{"a":\'b\'}',
  '[[[[',
  '['.repeat(100_000),
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  '{"a":"\t"}',
  '   ',
  '{"constructor":{"prototype":{}}}',
]

export class Generator {
  readonly #random: () => number
  readonly #schemas: Readonly<Record<string, Schema>>
  readonly #pool: Pool
  /** Each instance always has the same offering and plan, so that orders reach far. */
  readonly #pairs: ReadonlyArray<{ readonly service_id: string; readonly plan_id: string }>
  #instance = 0

  constructor(
    seed: number,
    document: Document,
    pool: Pool,
    pairs: ReadonlyArray<{ readonly service_id: string; readonly plan_id: string }>,
  ) {
    this.#random = randomOf(seed)
    this.#schemas = document.components.schemas
    this.#pool = pool
    this.#pairs = pairs
  }

  request(
    operations: readonly ApiOperation[],
    headers: Readonly<Record<string, string>>,
  ): FuzzRequest {
    const operation = this.#pick(operations)
    this.#instance = Math.floor(this.#random() * 12)
    const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_all, name: string) =>
      this.#segment(name),
    )
    return {
      operation,
      method: operation.method,
      target: path + this.#query(operation),
      headers: this.#headers(operation, headers),
      body:
        operation.body === undefined
          ? this.#chance(0.05)
            ? Buffer.from('{}')
            : undefined
          : this.#body(operation.body),
    }
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #pick<T>(list: readonly T[]): T {
    // never empty, so there is always one
    return list[Math.floor(this.#random() * list.length)] as T
  }

  #segment(name: string): string {
    if (name === 'instance_id' && this.#chance(0.9)) return `fuzz-${this.#instance}`
    if (this.#chance(0.9)) return encodeURIComponent(String(this.#pick(this.#pool[name] ?? ['x'])))
    const text = this.#pick(oddTexts).slice(0, 6_000)
    return this.#pick([
      () => encodeURIComponent(text.toWellFormed()),
      () => '%ZZ',
      () => '%C0%80',
      () => '..',
      () => '',
      () => 'a%2Fb',
      () => '%E2%82',
      () => encodeURIComponent(text.toWellFormed()).toLowerCase(),
    ])()
  }

  #query(operation: ApiOperation): string {
    const parts = operation.parameters
      .filter((each) => each.in === 'query')
      .flatMap((each): string[] => {
        if (!this.#chance(each.required === true ? 0.95 : 0.6)) return []
        const value = this.#chance(0.95)
          ? String(this.#value(each.schema, each.name))
          : this.#pick(oddTexts).slice(0, 3_000).toWellFormed()
        return this.#chance(0.03)
          ? [`${each.name}=${encodeURIComponent(value)}`, `${each.name}=true`]
          : [`${each.name}=${encodeURIComponent(value)}`]
      })
    if (this.#chance(0.04))
      parts.push(
        this.#pick([
          'a=%ZZ',
          '=',
          '&&&',
          'constructor=1',
          '__proto__[x]=1',
          'accepts_incomplete[]=true',
          'x=%00',
          'accepts_incomplete',
          `long=${'a'.repeat(9_000)}`,
        ]),
      )
    return parts.length === 0 ? '' : `?${parts.join('&')}`
  }

  #headers(
    operation: ApiOperation,
    usual: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const headers: Record<string, string> = {
      ...usual,
      ...(operation.body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const identity = (value: unknown) =>
      `cloudfoundry ${Buffer.from(JSON.stringify(value)).toString('base64')}`
    const set = (name: string, values: readonly string[]) => {
      headers[name] = this.#pick(values)
    }
    if (this.#chance(0.04))
      set('x-broker-api-version', [
        '2.13',
        '2.99',
        '3.0',
        '1.0',
        '',
        '2',
        '2.x',
        '2.17, 2.17',
        'a'.repeat(1_000),
        '2.17.1',
        '-2.17',
      ])
    if (this.#chance(0.03)) delete headers['x-broker-api-version']
    if (this.#chance(0.03))
      set('authorization', [
        '',
        'Basic',
        'Basic !!!',
        'Basic Zm9v',
        'Bearer x',
        `Basic ${'Z'.repeat(8_000)}`,
        'Basic OjpKOg==',
        'Negotiate abc',
        'Basic \u00ff',
      ])
    if (this.#chance(0.1))
      set('x-broker-api-originating-identity', [
        identity({ user_id: 'u' }),
        identity([]),
        identity({}),
        identity(null),
        'cloudfoundry',
        '',
        'a b c',
        'cloudfoundry =',
        `x ${'A'.repeat(9_000)}`,
        `cloudfoundry ${Buffer.from('{"a":"\\u0000"}').toString('base64')}`,
        `cloudfoundry ${Buffer.from('"\ud800').toString('base64')}`,
      ])
    if (this.#chance(0.1))
      set('x-broker-api-request-identity', [
        'request-1',
        '',
        'a'.repeat(4_000),
        '\u00e4\u00ff',
        'a, b',
      ])
    if (this.#chance(0.05))
      set('content-type', [
        'text/plain',
        '',
        'application/json; charset=latin1',
        'application/xml',
        'application/vnd.api+json',
        'application/json;',
        ';',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
        '__proto__',
      ])
    if (this.#chance(0.05)) set('if-none-match', ['*', '"x"', 'W/"x"', '', '"', ','.repeat(500)])
    if (this.#chance(0.03))
      set('if-modified-since', [
        'Thu, 01 Jan 1970 00:00:00 GMT',
        'yesterday',
        'Xxx, 99 Foo 2999 99:99:99 GMT',
        '0',
      ])
    if (this.#chance(0.03))
      set('accept-encoding', ['gzip', 'br;q=1', '*', 'gzip;q=x', ';;;', 'identity;q=0'])
    if (this.#chance(0.02)) set('content-encoding', ['gzip', 'br', 'identity'])
    if (this.#chance(0.02)) set('accept', ['text/html', '*/*', 'x', ''])
    return headers
  }

  #body(schema: Schema): Buffer | undefined {
    if (this.#chance(0.02)) return undefined
    if (this.#chance(0.05)) return Buffer.from(this.#pick(oddJson))
    if (this.#chance(0.01)) return Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])
    if (this.#chance(0.002)) return Buffer.alloc(1_100_000, ' ')
    let value = this.#value(schema, '')
    for (let times = this.#chance(0.25) ? Math.ceil(this.#random() * 3) : 0; times > 0; times--)
      value = this.#mutate(value)
    let text = JSON.stringify(value) ?? ''
    if (this.#chance(0.02)) text = text.slice(0, Math.floor(this.#random() * text.length))
    return Buffer.from(text)
  }

  /** Changes one part of a value: removed, added, or of another type. */
  #mutate(value: unknown): unknown {
    if (value === null || typeof value !== 'object' || this.#chance(0.1))
      return this.#pick(oddValues)
    const entries = Object.entries(value)
    const chosen = entries.length === 0 ? undefined : this.#pick(entries)
    const rebuilt = (changed: Array<[string, unknown]>) =>
      Array.isArray(value) ? changed.map(([, part]) => part) : Object.fromEntries(changed)
    if (chosen === undefined || this.#chance(0.2))
      return rebuilt([
        ...entries,
        [this.#pick(oddTexts).slice(0, 2_000) || 'empty', this.#pick(oddValues)],
      ])
    if (this.#chance(0.3)) return rebuilt(entries.filter(([key]) => key !== chosen[0]))
    return rebuilt(
      entries.map(([key, part]) => (key === chosen[0] ? [key, this.#mutate(part)] : [key, part])),
    )
  }

  /** A value that the schema allows; knows the part of JSON Schema that our schemas use. */
  #value(given: Schema, name: string): unknown {
    const schema = this.#resolved(given)
    if (name === 'service_id' || name === 'plan_id') {
      const pair = this.#pairs[this.#instance % this.#pairs.length]
      if (pair !== undefined && this.#chance(0.93)) return pair[name]
    }
    const known = this.#pool[name]
    if (known !== undefined && this.#chance(0.9)) return this.#pick(known)
    if (Array.isArray(schema['enum'])) return this.#pick(schema['enum'] as unknown[])
    const types = [schema['type']].flat()
    switch (this.#pick(types)) {
      case 'object':
        return this.#object(schema)
      case 'array':
        return Array.from({ length: Math.floor(this.#random() * 3) }, () =>
          this.#value((schema['items'] ?? {}) as Schema, name),
        )
      case 'integer':
      case 'number':
        return Number(schema['minimum'] ?? 0) + Math.floor(this.#random() * 10)
      case 'boolean':
        return this.#chance(0.5)
      case 'null':
        return null
      case 'string':
        return schema['pattern'] === undefined
          ? this.#pick(['a', 'musterstadt', 'ä ö', 'x'.repeat(40)])
          : this.#pick(['1.0.0', '1.0.0', '1.0.0', 'fuzzed', '2.0.0-rc.1+build'])
      default:
        return this.#pick([1, 'text', true, { any: 'thing' }])
    }
  }

  #object(schema: Schema): Record<string, unknown> {
    const required = (schema['required'] ?? []) as readonly string[]
    const properties = Object.entries(
      (schema['properties'] ?? {}) as Record<string, Schema>,
    ).filter(
      ([key]) =>
        required.includes(key) || this.#chance(key === 'predecessor_binding_id' ? 0.1 : 0.4),
    )
    return Object.fromEntries(properties.map(([key, part]) => [key, this.#value(part, key)]))
  }

  #resolved(schema: Schema): Schema {
    const ref = schema['$ref']
    return typeof ref === 'string'
      ? this.#resolved(this.#schemas[ref.split('/').at(-1) ?? ''] ?? {})
      : schema
  }
}
