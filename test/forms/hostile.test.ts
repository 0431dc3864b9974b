import t from 'tap'
import { describe } from '../../src/forms/describe.ts'
import { read } from '../../src/forms/read.ts'
import { renderErrors } from '../../src/forms/render-errors.ts'
import { render } from '../../src/forms/render.ts'
import { openForm } from '../support/html-form.ts'
import { conditional, draw, sendUnchanged } from './round-trip.ts'

type Schema = Readonly<Record<string, unknown>>

const script = `"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202E\u200B`
const hostile = {
  title: script,
  description: `${script} javascript:alert(1) http://plain.example https://docs.example/a?b=1"onx=1`,
}
const everywhere: Schema = {
  ...hostile,
  type: 'object',
  required: [script, 'list'],
  properties: {
    [script]: { ...hostile, type: 'string', default: script, pattern: script },
    choice: { ...hostile, type: 'string', enum: [script, 'b'], default: script },
    many: { enum: [script, 1, 2, 3, 4, 5, 6] },
    fixed: { ...hostile, const: script },
    flag: { ...hostile, type: 'boolean', default: true },
    number: { ...hostile, type: 'number' },
    list: { ...hostile, type: 'array', items: { enum: [script, 'x'] }, default: [script] },
    any: { ...hostile, default: { [script]: script } },
    rows: {
      ...hostile,
      type: 'array',
      default: [{ [script]: script }],
      items: { ...hostile, type: 'object', properties: { [script]: { type: 'string' } } },
    },
    kind: {
      ...hostile,
      type: 'object',
      oneOf: [
        { ...hostile, properties: { a: { const: script } } },
        { properties: { b: { const: script } }, required: ['b'] },
      ],
    },
  },
}

const tags = new Set(
  'a button div fieldset input label legend li option p select span textarea ul'.split(' '),
)

t.test('nothing that a provider writes becomes markup, and links lead to https', async (t) => {
  const form = describe(everywhere, undefined)
  for (const language of ['de', 'en'] as const) {
    const errors = [{ pointer: '/choice', code: 'not_offered' as const }]
    const html = render(form, language, errors) + renderErrors(form, language, errors)
    const { elements } = openForm(html)
    const attributes = elements.flatMap(({ attrs }) => attrs)
    t.strictSame(
      [...new Set(elements.map(({ tagName }) => tagName))].filter((tag) => !tags.has(tag)),
      [],
    )
    t.strictSame(
      attributes.filter(({ name }) => /^on|^pattern$|^style$|[^a-z-]/.test(name)),
      [],
    )
    const links = attributes.filter(({ name }) => name === 'href').map(({ value }) => value)
    t.ok(links.length > 5)
    t.strictSame(
      links.filter((link) => !/^(https:\/\/docs\.example\/a\?b=1$|#field)/.test(link)),
      [],
    )
    t.notMatch(html.replaceAll(/(name|value)="[^"]*"|>[^<]*<\/textarea/g, ''), /[\u202E\u200B]/)
    t.notMatch(html, /<script|<img/)
  }
})

t.test('a hostile value comes back as it was', async (t) => {
  const form = draw(everywhere)
  const sent = read(everywhere, form.send('continue'))
  t.strictSame(sent.errors, [])
  t.match(sent.value, { [script]: script, choice: script, any: { [script]: script } })
})

t.test('long texts are cut', async (t) => {
  const long = 'x'.repeat(50_000)
  const schema = {
    type: 'object',
    title: long,
    description: long,
    properties: { [long]: {}, a: { title: long, description: long, enum: [long, `${long}y`] } },
  }
  t.ok(render(describe(schema, undefined), 'de').length < 400_000)
  t.notOk(
    draw({ ...schema, properties: { a: schema.properties.a } }).text.includes('x'.repeat(700)),
  )
})

const bomb = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => {
    const next = { $ref: `#/definitions/d${index + 1}` }
    return [
      `d${index}`,
      { allOf: [next, next], anyOf: [next, next], properties: { a: next, b: next } },
    ]
  }),
)
const deep = (levels: number): Schema =>
  levels === 0
    ? { type: 'string' }
    : { type: 'object', required: ['a'], properties: { a: deep(levels - 1) } }
const wide = (count: number, part: Schema): Schema =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, part]))
const tree = {
  type: 'object',
  properties: { l: { $ref: '#' }, r: { $ref: '#' }, n: { type: 'string' } },
}

/** Each level refers to the next one so often. */
const levels = (count: number, references: number, end: Schema): Schema =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const next = () => ({ $ref: `#/definitions/d${index + 1}` })
      const branches = Array.from({ length: references }, next)
      return [`d${index}`, index === count - 1 ? end : { anyOf: branches }]
    }),
  )

const extreme: Readonly<Record<string, Schema>> = {
  'a bomb of references': { $ref: '#/definitions/d0', definitions: bomb },
  'choices within choices, none of which fits': {
    $ref: '#/definitions/d0',
    definitions: levels(24, 2, { type: 'object', required: ['x'], properties: { x: {} } }),
  },
  'a circle of references': { properties: { a: { $ref: '#/properties/a' } } },
  'a reference to nothing': { properties: { a: { $ref: '#/nowhere' } }, required: ['a'] },
  'a tree': tree,
  'a tree that must be there': { ...tree, required: ['l', 'r'] },
  'a list of itself': {
    type: 'object',
    properties: { a: { type: 'array', items: { $ref: '#' } } },
  },
  'many levels': deep(300),
  'many properties': { type: 'object', properties: wide(3_000, { type: 'string' }) },
  'many objects': {
    type: 'object',
    properties: wide(50, {
      type: 'object',
      properties: wide(50, { type: 'boolean', default: true }),
    }),
  },
  'many values': {
    type: 'object',
    properties: { a: { enum: Array.from({ length: 5_000 }, String) } },
  },
  'many branches': { type: 'object', oneOf: Array.from({ length: 2_000 }, () => deep(2)) },
  'many conditions': {
    type: 'object',
    allOf: Array.from({ length: 1_000 }, () => conditional(deep(2), deep(3), deep(1))),
    properties: { a: {} },
  },
  'odd keywords': {
    type: ['object'],
    required: [1, 'a', null],
    properties: {
      a: { type: 'string', minLength: 'x', maxLength: -1, enum: {}, default: { a: 1 } },
    },
  },
}

for (const [name, schema] of Object.entries(extreme))
  t.test(`${name}: a form of moderate size, quickly, that can be sent`, async (t) => {
    const begin = process.cpuUsage()
    const form = draw(schema)
    const sent = read(schema, form.send('continue'))
    draw(schema, sent.value, { state: sent.state })
    const { user } = process.cpuUsage(begin)
    t.ok(user < 3_000_000, `${Math.round(user / 1_000)} ms`)
    t.ok(form.elements.length < 10_000, `${form.elements.length} elements`)
    const json = draw(schema, {}, { state: { ...sent.state, isJson: true } })
    json.fill('json:', '{"a":{"b":1}}')
    t.strictSame(read(schema, json.send('continue')).value, { a: { b: 1 } })
  })

t.test('a body that no browser sends makes no harm', async (t) => {
  const names = [
    'json:/__proto__',
    `/${'a/'.repeat(200_000)}`,
    'rows:/rows',
    'add:/rows',
    'choice:/kind',
    'blank:/number',
    '/__proto__/polluted',
  ]
  const body = new URLSearchParams(names.map((name) => [name, '999999999'] as [string, string]))
  body.append('json:', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}}')
  const begin = process.cpuUsage()
  t.strictSame(read(everywhere, body).value, {})
  t.ok(process.cpuUsage(begin).user < 2_000_000)
  t.equal(({} as { polluted?: unknown }).polluted, undefined)
  body.set('json:', '['.repeat(100_000))
  t.match(read(everywhere, body).errors, [{ pointer: '', code: 'no_json' }])
  body.delete('json:')
  t.equal((read(everywhere, body).value['rows'] as unknown[]).length <= 101, true)
})

t.test('an empty body is read quickly, however deep the schema is', async (t) => {
  const self = wide(4, { $ref: '#' })
  const begin = process.cpuUsage()
  for (const properties of [self, { a: { $ref: '#' } }]) {
    const { value, errors, isComplete } = read({ properties }, new URLSearchParams())
    t.strictSame({ value, errors, isComplete }, { value: {}, errors: [], isComplete: true })
  }
  const demanding = { properties: self, required: Object.keys(self) }
  const { errors, isComplete } = read(demanding, new URLSearchParams())
  t.notOk(isComplete)
  t.equal(errors.length, 100)
  t.ok(process.cpuUsage(begin).user < 2_000_000)
})

t.test('what is too much to read is not left out in silence', async (t) => {
  const rows = { type: 'array', items: { $ref: '#' } }
  const body = new URLSearchParams({ 'rows:/rows': '100', '/z': 'typed' })
  for (let index = 0; index < 100; index++) body.append(`rows:/rows/${index}/rows`, '100')
  const schema = { properties: { rows, a: { type: 'string' }, z: { type: 'string' } } }
  const sent = read(schema, body)
  t.notOk(sent.isComplete)
  t.match(sent.errors.at(0), { code: 'invalid' })
})

t.test('a list has 1,000 lines, and its first 100 faulty ones are named', async (t) => {
  const schema = {
    type: 'object',
    properties: { list: { type: 'array', items: { type: 'integer' } } },
  }
  const begin = process.cpuUsage()
  const sent = read(schema, new URLSearchParams({ '/list': 'x\n'.repeat(100_000) }))
  const form = describe(schema, sent.value, { state: sent.state })
  const html = render(form, 'en', sent.errors) + renderErrors(form, 'en', sent.errors)
  t.equal(sent.errors.length, 100)
  t.ok(html.length < 300_000, `${html.length} characters`)
  t.equal(html.split('Enter a number').length - 1, 101)
  t.ok(process.cpuUsage(begin).user < 1_000_000)
  const text = (count: number) => new URLSearchParams({ '/list': '1\n'.repeat(count) })
  t.match(read(schema, text(1_001)).errors, [
    { pointer: '/list', code: 'too_many', values: [1_000] },
  ])
  t.strictSame(read(schema, text(1_000)).errors, [])
  const long = { list: Array.from({ length: 1_001 }, (_, index) => index) }
  t.strictSame(sendUnchanged(schema, long).value, long)
})

t.test('many rows under conditions are read quickly', async (t) => {
  const rows = { type: 'array', items: { $ref: '#' } }
  const body = new URLSearchParams({ 'rows:/rows': '100' })
  for (let index = 0; index < 100; index++) body.append(`rows:/rows/${index}/rows`, '100')
  const large = { type: 'string', description: 'x'.repeat(60_000) }
  const condition = conditional({ required: ['large'] }, { required: ['large'] }, {})
  const begin = process.cpuUsage()
  read({ properties: { rows, large }, ...condition }, body)
  const { user } = process.cpuUsage(begin)
  t.ok(user < 1_000_000, `${Math.round(user / 1_000)} ms`)
})

const sealed: Schema = {
  type: 'object',
  required: ['password'],
  properties: {
    password: { type: 'string', format: 'password' },
    token: { type: 'string', writeOnly: true, default: 'default-secret' },
    pin: { type: 'integer', writeOnly: true },
    id: { type: 'string', readOnly: true },
    free: {
      properties: { inner: { type: 'string', writeOnly: true } },
      type: ['object', 'string'],
    },
    nested: { type: 'object', properties: { key: { type: 'string', writeOnly: true } } },
    flag: { type: 'boolean', writeOnly: true },
    note: { type: 'string', minLength: 3 },
  },
  additionalProperties: { type: 'string', writeOnly: true },
}

t.test('secrets are never shown, and go on in an update', async (t) => {
  const kept = {
    password: 'kept-secret',
    token: 'kept-secret',
    pin: 1234567,
    id: 'of-the-provider',
    free: { inner: 'kept-secret', outer: 'seen' },
    nested: { key: 'kept-secret' },
    flag: true,
    note: 'abc',
    extra: 'kept-secret',
  }
  for (const isJson of [false, true]) {
    const state = { texts: new Map(), choices: new Map(), isJson }
    const html = render(describe(sealed, kept, { kept, state }), 'de')
    t.notMatch(html, /secret|1234567/)
    t.match(html, /seen/)
    const form = openForm(html)
    const flag = form.controls.filter(({ name, isChosen }) => name === '/flag' && isChosen)
    t.strictSame(
      flag.map(({ value }) => value),
      isJson ? [] : [''],
    )
    const sent = read(sealed, form.send('continue'), { kept })
    t.strictSame(sent.errors, [])
    t.strictSame({ ...sent.value, id: kept.id }, kept)
  }
  t.notMatch(render(describe(sealed, undefined), 'de'), /secret/)
})

t.test('secrets below choices within choices are not shown, and found quickly', async (t) => {
  const secret = { properties: { key: { type: 'string', writeOnly: true } } }
  const schema = {
    type: 'object',
    properties: { any: { type: ['object', 'string'], allOf: [{ $ref: '#/definitions/d0' }] } },
    definitions: levels(14, 4, secret),
  }
  const begin = process.cpuUsage()
  const { text } = draw(schema, { any: { key: 'kept-secret', other: 'seen' } })
  const { user } = process.cpuUsage(begin)
  t.notMatch(text, /secret/)
  t.match(text, /seen/)
  t.ok(user < 1_000_000, `${Math.round(user / 1_000)} ms`)
})

t.test('an entered secret is asked for again when the form is shown again', async (t) => {
  const form = draw(sealed)
  form.fill('/password', 'typed-secret')
  form.fill('/note', 'x')
  const sent = read(sealed, form.send('continue'))
  t.strictSame(
    sent.errors.map(({ pointer, code }) => `${pointer} ${code}`),
    ['/note too_short', '/password enter_again'],
  )
  const again = describe(sealed, sent.value, { state: sent.state })
  t.notMatch(render(again, 'de', sent.errors), /typed-secret/)
})
