import t, { type Test as Tap } from 'tap'
import { createParameterChecks } from '../../src/catalog/parameters.ts'
import type { CatalogPlan } from '../../src/catalog/snapshot.ts'
import { describe } from '../../src/forms/describe.ts'
import { explain } from '../../src/forms/explain.ts'
import { renderErrors } from '../../src/forms/render-errors.ts'
import { render } from '../../src/forms/render.ts'
import { openForm } from '../support/html-form.ts'

const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    name: { type: 'string', pattern: '^[a-z]+$', title: 'Host' },
    size: { type: 'number', minimum: 5, exclusiveMaximum: 10.5, multipleOf: 0.5 },
    list: { type: 'array', uniqueItems: true, maxItems: 2, items: { enum: ['a', 'b', 'c'] } },
    disk: { type: 'object', required: ['gb'], properties: { gb: { type: 'integer' } } },
    free: { type: ['array', 'string'], minLength: 3 },
  },
}

const cases: ReadonlyArray<readonly [object, string, RegExp, RegExp]> = [
  [{ name: 'A' }, '/name', /Form, die der Anbieter verlangt/, /Host: This does not have the form/],
  [{ size: 1 }, '/size', /mindestens 5 sein/, /at least 5/],
  [{ size: 11 }, '/size', /kleiner als 10,5 sein/, /less than 10\.5/],
  [{ size: 5.25 }, '/size', /Vielfaches von 0,5/, /multiple of 0\.5/],
  [{ size: '5' }, '/size', /muss eine Zahl stehen/, /must be a number/],
  [{ list: ['a', 'a'] }, '/list', /nur einmal vorkommen/, /twice/],
  [{ list: ['a', 'b', 'c'] }, '/list', /Höchstens 2 Einträge/, /At most 2 entries/],
  [{ list: ['x'] }, '/list/0', /angebotenen Werte/, /values that are offered/],
  [{ disk: {} }, '/disk/gb', /Füllen Sie dieses Feld aus/, /gb: Fill in this field/],
  [{ free: 'ab' }, '/free', /mindestens 3 Zeichen/, /at least 3 characters/],
  [{ 'o\u202Ether<b>': 1 }, '', /Der Eintrag „other<b>“ ist/, /no entry “other<b>”/],
  [{}, '', /Vorgaben des Anbieters/, /what the provider demands/],
]

function startChecks(t: Tap, parameters: object) {
  const checks = createParameterChecks({
    // It reports only schemas that are of no use, and this one is.
    db: undefined as never,
    now: () => new Date(),
    maxFindings: 1,
    onUnusable: () => t.fail('the schema is usable'),
    onBusy: () => t.fail('no other check runs'),
    onError: (error) => t.error(error),
  })
  t.teardown(() => checks.close())
  const plan = {
    name: 'small',
    omitted: [],
    target: { providerId: 'north' },
    body: { schemas: { service_instance: { create: { parameters } } } },
  } as unknown as CatalogPlan
  return { checks, plan }
}

t.test('what the check of an order finds is shown at its field', async (t) => {
  const { checks, plan } = startChecks(t, schema)
  for (const [value, pointer, german, english] of cases) {
    const said = JSON.stringify(value)
    const refusal = await checks.validate(plan, 'provision', { ...value }, 'any')
    const fault = refusal?.details.fault
    if (fault === undefined) return t.fail(`nothing was found in ${said}`)
    const errors = [explain(fault)]
    t.equal(errors[0]?.pointer, pointer, said)
    const form = describe(schema, value)
    const { elements, text } = openForm(render(form, 'de', errors))
    t.match(text, german, said)
    const summary = openForm(renderErrors(form, 'en', errors))
    t.match(summary.text, english, said)
    const [link] = summary.elements.flatMap(({ attrs }) =>
      attrs.filter(({ name }) => name === 'href'),
    )
    const ids = elements.flatMap(({ attrs }) => attrs.filter(({ name }) => name === 'id'))
    t.ok(
      ids.some(({ value: id }) => `#${id}` === link?.value),
      `${said} leads to ${link?.value}`,
    )
  }
})

t.test('the first error is named where it takes too long to find all of them', async (t) => {
  const $schema = 'http://json-schema.org/draft-07/schema#'
  // Its pattern, which takes for ever, is not reached where the first error ends the check.
  const name = { type: 'string', maxLength: 10, pattern: '^(a+)+$' }
  const size = { type: 'integer' }
  const { checks, plan } = startChecks(t, { $schema, properties: { name, size } })
  const all = async (value: Record<string, unknown>) => {
    const found = await checks.validateAll(plan, 'provision', value, 'any')
    return found.map(({ code, details }) => `${code} ${details.fault?.instancePath}`)
  }
  const both = ['invalid_parameters /name', 'invalid_parameters /size']
  t.strictSame(await all({ name: 7, size: 'b' }), both)
  // More than one such check would use up what a platform has for orders of this provider.
  for (let at = 0; at < 12; at++)
    t.strictSame(await all({ name: `${'a'.repeat(40)}!`, size: 'b' }), both.slice(0, 1))
  t.equal(await checks.validate(plan, 'provision', { name: 'a', size: 1 }, 'any'), undefined)
})
