import { html } from 'ghtml'
import { BrokerError } from '../../../../errors.ts'
import { describe } from '../../../../forms/describe.ts'
import { read, type ReadForm } from '../../../../forms/read.ts'
import { explain } from '../../../../forms/explain.ts'
import { sentenceOf as sentenceOfFault } from '../../../../forms/sentences.ts'
import { renderErrors, type OtherError } from '../../../../forms/render-errors.ts'
import { render } from '../../../../forms/render.ts'
import { changeDraft } from '../../../../orders/change-draft.ts'
import { checkOrder } from '../../../../orders/check.ts'
import { describeForm, type OrderForm } from '../../../../orders/form.ts'
import { validatorOf } from '../../../../schemas.ts'
import type { Language, UpdateOrder } from '../../../../types.gen.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { factsPart } from '../../table-part.ts'
import { hiddenPart } from '../../form-page.ts'
import { formOf, textOf, tokenPart, type Form } from '../../forms.ts'
import { organisationName } from '../../names.ts'
import { numberOf } from './draft-pages.ts'
import { changeOf, drawField, fieldNamed, orderFields } from './edit-fields.ts'
import { orderFacts, parametersPart } from './facts.ts'
import { bodyOf, pressedOf } from './parameters-form.ts'
import { faultsOf, sentenceOf } from './problems.ts'

/** The form of a draft. With `?check=1` it says what hinders the submission. */
export const editPage: Page = {
  permission: person,
  async answer(asked) {
    const form = await describeForm(asked.deps, readerOf(asked), numberOf(asked))
    const { number, state } = form.order
    if (state !== 'draft') return { redirect: `/orders/${number}` }
    const { check } = asked.request.query as { check?: unknown }
    if (check === undefined) return draw(asked, { form })
    const { problems } = await checkOrder(asked.deps, readerOf(asked), number)
    const wrong = problems.flatMap((problem): Array<[string, string]> => {
      const name = problem.field === null ? undefined : fieldNamed(problem.field)
      return name === undefined ? [] : [[name, sentenceOf(asked, problem)]]
    })
    return draw(asked, { form, wrong: new Map(wrong), faults: faultsOf(problems) })
  },
}

/** Keeps a draft, and goes on or shows the form again. */
export const editDraft: Page = {
  permission: person,
  async answer(asked) {
    const reader = readerOf(asked)
    const form = await describeForm(asked.deps, reader, numberOf(asked))
    const { number, state } = form.order
    if (state !== 'draft') return { redirect: `/orders/${number}` }
    const entered = formOf(asked)
    const sent = read(form.schema, bodyOf(entered), { kept: form.kept })
    const isSaved = textOf(entered, 'save') !== ''
    // A draft may lack something; what cannot be read would be lost.
    const isKept = isSaved ? sent.state.texts.size === 0 : sent.isComplete
    if (!isKept) return draw(asked, { form, sent, entered, faults: sent.errors })
    const changedAt = textOf(entered, 'changedAt')
    const change = {
      ...changeOf(entered),
      parameters: sent.value,
      ...(changedAt === '' ? {} : { changedAt }),
    }
    const wrong = wrongFields(change, asked.language)
    if (wrong.size > 0) return draw(asked, { form, sent, entered, wrong, faults: sent.errors })
    try {
      await changeDraft(asked.deps, reader, number, change)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      const again = { sent, entered, faults: sent.errors, message: error.message }
      if (error.code === 'invalid_request') return draw(asked, { ...again, form })
      if (error.code !== 'conflict') throw error
      const now = await describeForm(asked.deps, reader, number)
      if (now.order.state !== 'draft') return { redirect: `/orders/${number}` }
      return draw(asked, { ...again, form: now, isConflict: true })
    }
    if (isSaved) return { redirect: `/orders/${number}` }
    const { problems } = await checkOrder(asked.deps, reader, number)
    const isHere = problems.some(({ field }) => field !== null && field !== '/price')
    return { redirect: `/orders/${number}/${isHere ? 'edit?check=1' : 'check'}` }
  },
}

/** All fields that the schema of a change refuses, each with the reason. */
function wrongFields(change: UpdateOrder, language: Language): ReadonlyMap<string, string> {
  const wrong = new Map<string, string>()
  const rest: Record<string, unknown> = { ...change }
  const validate = validatorOf('update-order')
  // It stops at the first one.
  while (!validate(rest)) {
    const [error] = validate.errors ?? []
    const name = error && fieldNamed(error.instancePath)
    if (error === undefined || name === undefined || wrong.has(name)) break
    wrong.set(name, sentenceOfFault(explain(error), language))
    delete rest[name]
  }
  return wrong
}

interface Drawn {
  readonly form: OrderForm
  /** What was entered, in a form that is shown again. */
  readonly entered?: Form
  readonly sent?: ReadForm
  readonly wrong?: ReadonlyMap<string, string>
  readonly faults?: ReadForm['errors']
  /** What the system says of all of it. */
  readonly message?: string
  /** Another request has changed the draft since the form was drawn. */
  readonly isConflict?: boolean
}

function draw(
  asked: Asked,
  { form, entered, sent, wrong = new Map(), faults = [], message, isConflict = false }: Drawn,
): PageAnswer {
  const { language, texts } = asked
  const { form: t, draftOf } = texts.orders
  const { order, schema, kept } = form
  const options = { kept, state: sent?.state }
  const described = describe(schema, sent?.value ?? order.parameters ?? undefined, options)
  const fields = orderFields(asked, form, entered)
  const others = [
    ...(message === undefined ? [] : [refusalOf(asked, message, isConflict)]),
    ...fields.flatMap(({ name, label }) =>
      wrong.has(name) ? [{ id: name, sentence: `${label}: ${wrong.get(name) ?? ''}` }] : [],
    ),
  ]
  // A form that is shown again for an error is still of the draft that was read.
  const read = entered && !isConflict ? textOf(entered, 'changedAt') : order.changedAt
  const title = draftOf(order.offering.displayName[language])
  const isRight = others.length === 0 && faults.length === 0
  return {
    title,
    status: isRight || entered === undefined ? 200 : 400,
    body: html`<h1 class="kern-heading-x-large">${title}</h1>
      <p class="kern-body">
        ${t.lead(order.plan.displayName[language], organisationName(asked, order.organisation))}
      </p>
      !${renderErrors(described, language, faults, others)}
      <form class="form" method="post" action="/orders/${order.number}/edit" novalidate>
        !${tokenPart(asked)} !${hiddenPart(['changedAt', read])}
        <button type="submit" name="continue" value="1" hidden></button>
        <h2 class="kern-heading-medium">${t.about}</h2>
        !${fields.map((field) => drawField(asked, field, wrong))}
        <h2 class="kern-heading-medium">${t.service}</h2>
        !${render(described, language, faults, pressedOf(entered))}
        <div class="actions">
          <button type="submit" class="kern-btn kern-btn--primary" name="continue" value="1">
            <span class="kern-label">${t.go}</span>
          </button>
          <button type="submit" class="kern-btn kern-btn--secondary" name="save" value="1">
            <span class="kern-label">${t.save}</span>
          </button>
        </div>
      </form>
      !${isConflict ? keptPart(asked, form) : ''}`,
  }
}

function refusalOf({ texts }: Asked, message: string, isConflict: boolean): OtherError {
  if (isConflict) return { sentence: texts.orders.form.conflict }
  const { other, system } = texts.orderProblems
  return { sentence: `${other} ${system}`, quoted: message }
}

function keptPart(asked: Asked, form: OrderForm): string {
  return html`<h2 class="kern-heading-medium">${asked.texts.orders.form.kept}</h2>
    !${factsPart(orderFacts(asked, form.order))} !${parametersPart(asked, form)}`
}
