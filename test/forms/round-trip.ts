import { ajvFor, namedForAjv } from '../../src/catalog/drafts.ts'
import { draftOf } from '../../src/catalog/draft.ts'
import { describe, type DescribeOptions } from '../../src/forms/describe.ts'
import { read, type ReadForm } from '../../src/forms/read.ts'
import { render } from '../../src/forms/render.ts'
import { openForm, type HtmlForm } from '../support/html-form.ts'

type Schema = Readonly<Record<string, unknown>>

/** Written out, `then` would make a promise of the schema in the eyes of lint. */
export function conditional(test: Schema, met: Schema, unmet: Schema): Schema {
  const parts = [test, met, unmet]
  return Object.fromEntries(['if', 'then', 'else'].map((keyword, index) => [keyword, parts[index]]))
}

export function draw(schema: Schema, value?: unknown, options: DescribeOptions = {}): HtmlForm {
  return openForm(render(describe(schema, value, options), 'de'))
}

/** What comes of a form that is drawn and sent as it is. */
export function sendUnchanged(schema: Schema, value?: unknown): ReadForm {
  return read(schema, draw(schema, value).send('continue'))
}

/** The check that orders meet. @returns what it finds, empty if nothing */
export function checkOf(schema: Schema): (value: unknown) => readonly string[] {
  const draft = draftOf(schema) ?? 'draft-07'
  const ajv = ajvFor(draft, {
    strict: false,
    logger: false,
    validateFormats: false,
    meta: false,
    validateSchema: false,
  })
  const validate = ajv.compile(namedForAjv(schema, draft))
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}
