import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { checkPlanSchemas } from '../../src/catalog/plan-schemas.ts'
import { enter } from './enter.ts'
import { checkOf, sendUnchanged } from './round-trip.ts'
import { samplesOf } from './sample.ts'

type Schema = Readonly<Record<string, unknown>>

const folder = new URL('schemas/', import.meta.url)
const usual = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }
const files = readdirSync(folder).map((file) => ({
  file,
  plans: Object.entries(
    parse(readFileSync(new URL(file, folder), 'utf8')) as Record<string, Schema>,
  ).map(([name, schema]) => ({ name, schema: { ...usual, ...schema } })),
}))

const isSecret = /"writeOnly":true|"format":"password"/
const figures = { schemas: 0, values: 0, asJson: 0, pages: 0 }

for (const { file, plans } of files)
  t.test(`plans of ${file} can be ordered by their forms`, async (t) => {
    for (const { name, schema } of plans) {
      figures.schemas++
      const given = { service_instance: { create: { parameters: schema } } }
      t.strictSame(checkPlanSchemas(given).problems, [], `the catalog takes ${name}`)
      const check = checkOf(schema)
      for (const value of samplesOf(schema)) t.strictSame(order(schema, value, check), [], name)
    }
  })

t.test('there are 200 schemas, and few values need JSON', async (t) => {
  t.comment(JSON.stringify(figures))
  t.ok(figures.schemas >= 200)
  t.ok(figures.asJson < figures.values / 8)
})

/** Enters the value, sends it, and sends it once more as an update shows it. */
function order(schema: Schema, value: unknown, check: (value: unknown) => readonly string[]) {
  const { sent, pages, asJson } = enter(schema, value)
  figures.values++
  figures.pages += pages
  figures.asJson += asJson.length > 0 ? 1 : 0
  const updated = isSecret.test(JSON.stringify(schema)) ? value : sendUnchanged(schema, value).value
  return [
    ...check(value).map((problem) => `the sample ${JSON.stringify(value)}: ${problem}`),
    ...sent.errors.map(({ pointer, code }) => `the form: ${pointer} ${code}`),
    ...check(sent.value).map((problem) => `what comes of the form: ${problem}`),
    ...differences(sent.value, value, schema),
    ...(isDeepStrictEqual(updated, value) ? [] : [`as an update: ${JSON.stringify(updated)}`]),
  ]
}

/** Pointers to what was not entered, and is no default that a new form has; and to what is lost. */
function differences(sent: unknown, entered: unknown, schema: Schema, at = ''): readonly string[] {
  if (isDeepStrictEqual(sent, entered)) return []
  if (!isObject(sent) || !isObject(entered)) return [at]
  const lost = Object.keys(entered).filter((key) => !Object.hasOwn(sent, key))
  return [
    ...lost.map((key) => `${at}/${key} is lost`),
    ...Object.entries(sent).flatMap(([key, value]) => {
      if (Object.hasOwn(entered, key))
        return differences(value, entered[key], schema, `${at}/${key}`)
      return startsWithValue(schema, key) ? [] : [`${at}/${key} was not entered`]
    }),
  ]
}

function isObject(value: unknown): value is Schema {
  return value !== null && typeof value === 'object'
}

/** Whether the schema has a property of the name, anywhere, with a value for new forms. */
function startsWithValue(part: unknown, name: string): boolean {
  return (
    isObject(part) &&
    Object.entries(part).some(
      ([key, each]) =>
        (key === name && /"(default|const|minItems)":/.test(JSON.stringify(each))) ||
        startsWithValue(each, name),
    )
  )
}
