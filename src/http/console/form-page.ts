import { html } from 'ghtml'
import { BrokerError } from '../../errors.ts'
import { validatorOf, type SchemaName } from '../../schemas.ts'
import type { AllSchemas } from '../../types.gen.ts'
import type { Asked, Page, PageAnswer } from './asked.ts'
import {
  inputPart,
  selectPart,
  submitPart,
  summaryPart,
  type Choice,
  type Field,
  type Wrong,
} from './fields-part.ts'
import { formOf, keyFor, keyPart, textOf, tokenPart, type Form } from './forms.ts'
import type { PagePermission } from './permission.ts'

export interface FieldOf extends Field {
  /** Where it stands in the body, as a JSON pointer. */
  readonly path: string
  readonly choices?: readonly Choice[]
}

/** A form whose body a schema checks, and one verb takes. */
export interface FormPage<Name extends SchemaName> {
  /** Of the page and of the target. */
  readonly path: string
  readonly texts: { readonly title: string; readonly lead: string; readonly send: string }
  readonly fields: readonly FieldOf[]
  /** Names and values that people do not see. */
  readonly hidden?: ReadonlyArray<readonly [string, string]>
  readonly schema: Name
  bodyOf(form: Form): Record<string, unknown>
  /**
   * @param id  for what it creates: the same when the same form is sent twice with the same values
   * @returns the page to go to
   * @throws BrokerError `invalid_request` or `conflict`, which the form shows
   */
  submit(body: NonNullable<AllSchemas[Name]>, id: string): Promise<string>
}

/** The page of a form, and the target that it is sent to. */
export function formPages<Name extends SchemaName>(
  permission: PagePermission,
  of: (asked: Asked) => FormPage<Name>,
): readonly [page: Page, target: Page] {
  return [
    { permission, answer: (asked) => render(asked, of(asked), new Set()) },
    { permission, answer: (asked) => submit(asked, of(asked)) },
  ]
}

async function submit<Name extends SchemaName>(
  asked: Asked,
  form: FormPage<Name>,
): Promise<PageAnswer> {
  const body: unknown = form.bodyOf(formOf(asked))
  const validate = validatorOf(form.schema)
  if (!validate(body)) {
    const { instancePath = '', params = {} } = validate.errors?.[0] ?? {}
    const path = [instancePath, params['missingProperty']].filter(Boolean).join('/')
    const wrong = form.fields.find((field) => field.path === path)?.name
    return render(asked, form, new Set([wrong ?? form.fields[0]?.name ?? '']))
  }
  try {
    return { redirect: await form.submit(body, keyFor(asked, body)) }
  } catch (error) {
    const isTheirs =
      error instanceof BrokerError && ['invalid_request', 'conflict'].includes(error.code)
    if (!isTheirs) throw error
    return render(asked, form, new Set(), error.message)
  }
}

function render(
  asked: Asked,
  { path, texts, fields, hidden = [] }: FormPage<SchemaName>,
  wrong: Wrong,
  message?: string,
): PageAnswer {
  const { form } = asked.texts
  const sent = formOf(asked)
  const filled = fields.map((field) => ({
    ...field,
    value: textOf(sent, field.name) || field.value,
  }))
  const controls = filled.map((field) =>
    field.choices === undefined
      ? inputPart(form, field, wrong)
      : selectPart(form, field, field.choices, wrong),
  )
  const isRight = wrong.size === 0 && message === undefined
  return {
    title: texts.title,
    status: isRight ? 200 : 400,
    body: html`<h1 class="kern-heading-x-large">${texts.title}</h1>
      <p class="kern-body">${texts.lead}</p>
      !${summaryPart(form, filled, wrong, message)}
      <form class="form" method="post" action="${path}" novalidate>
        !${tokenPart(asked)} !${keyPart(asked)} !${hidden.map(hiddenPart)} !${controls}
        !${submitPart(texts.send)}
      </form>`,
  }
}

export function hiddenPart([name, value]: readonly [string, string]): string {
  return html`<input type="hidden" name="${name}" value="${value}" />`
}
