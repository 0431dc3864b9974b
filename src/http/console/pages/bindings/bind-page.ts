import { html } from 'ghtml'
import { describe } from '../../../../forms/describe.ts'
import { read, type ReadForm } from '../../../../forms/read.ts'
import { renderErrors } from '../../../../forms/render-errors.ts'
import { render } from '../../../../forms/render.ts'
import {
  bindOwnInstance,
  describeBindingForm,
  type BindingForm,
} from '../../../../orders/act-on-binding.ts'
import type { CreateOrderBinding } from '../../../../types.gen.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { submitPart } from '../../fields-part.ts'
import { formOf, keyOf, keyPart, tokenPart, type Form } from '../../forms.ts'
import { bodyOf, pressedOf } from '../orders/parameters-form.ts'
import { refusalOf, refusalPart } from '../../refusal.ts'

/** The form for a binding of an instance. */
export const bindPage: Page = {
  permission: person,
  answer: async (asked) => draw(asked, { form: await formFor(asked) }),
}

export const bindOne: Page = {
  permission: person,
  async answer(asked) {
    const entered = formOf(asked)
    const form = await formFor(asked)
    const sent = form.schema && read(form.schema, bodyOf(entered))
    const shown = { form, entered, ...(sent === undefined ? {} : { sent }) }
    if (sent?.isComplete === false) return draw(asked, shown)
    try {
      // read() gives an object for a schema of an object, and an order checks it once more.
      const parameters = sent?.value as CreateOrderBinding['parameters']
      const given = parameters === undefined ? {} : { parameters }
      await bindOwnInstance(asked.deps, readerOf(asked), form.view.id, given, keyOf(asked))
      return { redirect: `/instances/${form.view.id}` }
    } catch (error) {
      const message = refusalOf(error)
      if (message === undefined) throw error
      return draw(asked, { ...shown, message })
    }
  },
}

function formFor(asked: Asked): Promise<BindingForm> {
  const { id } = asked.request.params as { id: string }
  return describeBindingForm(asked.deps, readerOf(asked), id)
}

interface Drawn {
  readonly form: BindingForm
  readonly entered?: Form
  readonly sent?: ReadForm
  readonly message?: string
}

function draw(asked: Asked, { form, entered, sent, message }: Drawn): PageAnswer {
  const { language, texts } = asked
  const { bindings: t } = texts
  const { view, schema } = form
  const title = t.createFor(view.name ?? view.instanceId)
  const described = describe(schema ?? { type: 'object' }, sent?.value, { state: sent?.state })
  const faults = sent?.errors ?? []
  const path = `/instances/${view.id}`
  return {
    title,
    status: faults.length > 0 || message !== undefined ? 400 : 200,
    body: html`<p class="kern-body">
        <a class="kern-link" href="${path}">${t.back}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${refusalPart(asked, message)} !${renderErrors(described, language, faults)}
      <p class="kern-body">${t.lead(view.provider.name)}</p>
      <form class="form" method="post" action="${path}/bind" novalidate>
        !${tokenPart(asked)} !${keyPart(asked)}
        !${schema === undefined ? '' : render(described, language, faults, pressedOf(entered))}
        !${submitPart(t.create)}
      </form>`,
  }
}
