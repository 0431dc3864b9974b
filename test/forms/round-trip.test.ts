import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { describe } from '../../src/forms/describe.ts'
import { read } from '../../src/forms/read.ts'
import { anyForm } from './any-form.ts'
import { checkOf, draw, sendUnchanged } from './round-trip.ts'

const numRuns = Number(process.env['KONTOR_FORMS'] ?? 25)

t.test('a value that fits is the same after it was shown and sent', async () => {
  fc.assert(
    fc.property(anyForm, ({ schema, value }) => {
      fc.pre(checkOf(schema)(value).length === 0)
      const sent = sendUnchanged(schema, value)
      deepStrictEqual(sent.value, value)
      return JSON.stringify([sent.errors, sent.isComplete]) === '[[],true]'
    }),
    { numRuns },
  )
})

t.test('any value is the same as JSON', async () => {
  fc.assert(
    fc.property(anyForm, ({ schema, value }) => {
      const form = draw(schema, value, {
        state: { texts: new Map(), choices: new Map(), isJson: true },
      })
      deepStrictEqual(read(schema, form.send('continue')).value, value)
    }),
    { numRuns: Math.ceil(numRuns / 3) },
  )
})

t.test('anything can be sent for any schema, and shown again', async (t) => {
  fc.assert(
    fc.property(
      anyForm,
      anyForm,
      fc.array(fc.tuple(fc.string(), fc.string())),
      ({ schema }, { schema: other, value }, noise) => {
        const body = draw(other, value).send('continue')
        for (const [name, text] of noise) body.append(name, text)
        for (const name of [...body.keys()].slice(0, 3)) body.set(name, '[{"a":1}]')
        const sent = read(schema, body)
        t.ok(draw(schema, sent.value, { state: sent.state }).elements.length > 0)
        t.ok(describe(schema, sent.value))
      },
    ),
    { numRuns: Math.ceil(numRuns / 3) },
  )
})
