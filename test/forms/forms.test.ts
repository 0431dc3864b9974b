import t from 'tap'
import { describe } from '../../src/forms/describe.ts'
import { read } from '../../src/forms/read.ts'
import { renderErrors } from '../../src/forms/render-errors.ts'
import { render } from '../../src/forms/render.ts'
import { openForm } from '../support/html-form.ts'
import { checkOf, draw, sendUnchanged } from './round-trip.ts'

const database = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'storage_gb', 'name'],
  properties: {
    name: {
      type: 'string',
      minLength: 3,
      maxLength: 20,
      title: 'Name',
      'x-title-de': 'Bezeichnung',
    },
    version: { type: 'string', enum: ['15', '16', '17'], default: '17' },
    storage_gb: { type: 'integer', minimum: 10, maximum: 4000, multipleOf: 10, default: 20 },
    cpu: { type: 'number', exclusiveMinimum: 0 },
    backup: { type: 'boolean', default: true },
    public: { type: 'boolean' },
    region: { type: 'string', enum: ['a', 'b', 'c', 'd', 'e', 'f'] },
    extensions: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    ports: { type: 'array', items: { type: 'integer' } },
    window: {
      type: 'object',
      required: ['day'],
      properties: { day: { enum: ['Mon', 'Tue'] }, hour: { type: 'integer' } },
    },
    users: {
      type: 'array',
      items: { type: 'object', required: ['user'], properties: { user: { type: 'string' } } },
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
}

t.test('a new form has the defaults, and its own sentences in both languages', async (t) => {
  const form = draw(database)
  t.match(
    form.controls.find(({ name }) => name === '/storage_gb'),
    { value: '20' },
  )
  t.match(
    form.controls.find(({ name, isChosen }) => name === '/version' && isChosen),
    {
      value: '"17"',
    },
  )
  t.match(form.text, /Bezeichnung/)
  t.match(form.text, /3 bis 20 Zeichen/)
  t.match(render(describe(database, undefined), 'en'), />Name</)
})

t.test('what is filled in becomes the typed value that the check takes', async (t) => {
  const form = draw(database)
  form.fill('/name', 'orders')
  form.fill('/storage_gb', '1.500,0')
  form.fill('/cpu', '0,5')
  form.fill('/backup', 'false')
  form.fill('/public', 'true')
  form.fill('/region', 'e')
  form.fill('/extensions', 'postgis\n\npg_trgm\n')
  form.fill('/ports', '5432\n5433')
  form.fill('json:/labels', '{"a":"b"}')
  const sent = read(database, form.send('continue'))
  t.strictSame(sent.errors, [])
  t.ok(sent.isComplete)
  t.strictSame(sent.value, {
    name: 'orders',
    version: '17',
    storage_gb: 1500,
    cpu: 0.5,
    backup: false,
    public: true,
    region: 'e',
    extensions: ['postgis', 'pg_trgm'],
    ports: [5432, 5433],
    labels: { a: 'b' },
  })
  t.strictSame(checkOf(database)(sent.value), [])
})

t.test('buttons add and remove objects and rows, and lose nothing that was typed', async (t) => {
  let form = draw(database)
  form.fill('/name', 'orders')
  form.fill('/cpu', 'much')
  const press = (button: string) => {
    const sent = read(database, form.send(button))
    t.strictSame([sent.isComplete, sent.errors], [false, []], button)
    form = draw(database, sent.value, { state: sent.state })
  }
  press('add:/window')
  form.fill('/window/day', 'Mon')
  press('add:/users')
  form.fill('/users/0/user', 'first')
  press('add:/users')
  form.fill('/users/1/user', 'second')
  press('drop:/users/0')
  t.match(
    form.controls.find(({ name }) => name === '/cpu'),
    { value: 'much' },
  )
  form.fill('/cpu', '2')
  const sent = read(database, form.send('continue'))
  t.match(sent, {
    isComplete: true,
    value: { window: { day: 'Mon' }, users: [{ user: 'second' }] },
  })
  press('remove:/window')
  t.notOk(form.controls.some(({ name }) => name === '/window/day'))
})

t.test('errors stand at the field, and in a summary that leads to it', async (t) => {
  const form = draw(database)
  form.fill('/name', 'ab')
  form.fill('/storage_gb', '1.000')
  form.fill('/cpu', '0')
  form.fill('/extensions', 'a\nb\nc\nd')
  const sent = read(database, form.send('continue'))
  t.strictSame(
    sent.errors.map(({ pointer, code }) => `${pointer} ${code}`),
    ['/name too_short', '/storage_gb ambiguous_number', '/cpu not_above', '/extensions too_many'],
  )
  const again = describe(database, sent.value, { state: sent.state })
  const drawn = openForm(render(again, 'de', sent.errors))
  t.match(
    drawn.controls.find(({ name }) => name === '/storage_gb'),
    { value: '1.000' },
  )
  t.match(drawn.text, /Meinen Sie 1000 oder 1\?/)
  const summary = openForm(renderErrors(again, 'en', sent.errors))
  t.match(summary.text, /Do you mean 1000 or 1\?/)
  const links = summary.elements.filter(({ tagName }) => tagName === 'a')
  t.equal(links.length, 4)
  for (const { attrs } of links) {
    const target = attrs.find(({ name }) => name === 'href')?.value.slice(1)
    t.ok(
      drawn.controls.some(({ id }) => id === target),
      `the link to ${target}`,
    )
  }
})

t.test('a form of kept values gives them back as they are', async (t) => {
  const kept = {
    name: '',
    version: '15',
    storage_gb: 1234,
    cpu: 1.125,
    public: false,
    extensions: [],
    window: {},
    users: [{ user: 'a', admin: true }, {}],
    labels: {},
    other: [1, { deep: null }],
  }
  t.strictSame(sendUnchanged(database, kept).value, kept)
})

const backup = {
  type: 'object',
  required: ['target'],
  properties: {
    target: {
      type: 'object',
      oneOf: [
        { title: 'Tape', properties: { copies: { type: 'integer', default: 2 } } },
        {
          title: 'Disk',
          required: ['tier', 'sizes'],
          properties: {
            tier: { enum: ['hot', 'cold'], default: 'cold' },
            sizes: {
              type: 'array',
              minItems: 1,
              items: { properties: { gb: { type: 'integer' } } },
            },
          },
        },
      ],
    },
  },
}

t.test('a choice brings its own fields, with their defaults', async (t) => {
  const form = draw(backup)
  t.match(
    form.controls.find(({ name }) => name === '/target/copies'),
    { value: '2' },
  )
  const chooser = form.controls.filter(({ name }) => name === 'choice:/target')
  const [, disk] = chooser
  form.fill('choice:/target', disk?.value ?? '')
  // Without the button that shows the fields.
  const sent = read(backup, form.send('continue'))
  t.strictSame([sent.isComplete, sent.errors], [false, []])
  t.strictSame(sent.value, { target: { tier: 'cold', sizes: [{}] } })
  const next = draw(backup, sent.value, { state: sent.state })
  t.match(
    next.controls.find(({ name, isChosen }) => name === '/target/tier' && isChosen),
    {
      value: 'cold',
    },
  )
  t.notOk(next.controls.some(({ name }) => name === '/target/copies'))
})

t.test('what could not be read moves up with its row', async (t) => {
  const rows = { properties: { rows: { type: 'array', items: backup.properties.target.oneOf[0] } } }
  const form = draw(rows, { rows: [{ copies: 1 }, { copies: 2 }, { copies: 3 }] })
  form.fill('/rows/2/copies', 'three')
  const sent = read(rows, form.send('drop:/rows/0'))
  const next = draw(rows, sent.value, { state: sent.state })
  const summary = renderErrors(describe(rows, sent.value), 'de', [
    { pointer: '/rows/1/copies', code: 'no_number' },
  ])
  t.match(openForm(summary).text, /rows 2, copies: Geben Sie eine Zahl ein/)
  const copies = next.controls.filter(({ name }) => name.endsWith('/copies'))
  t.strictSame(
    copies.map(({ value }) => value),
    ['2', 'three'],
  )
})
