import { html } from 'ghtml'
import { BrokerError } from '../../../../errors.ts'
import { requestRegistration } from '../../../../people/registrations/request.ts'
import { validatorOf } from '../../../../schemas.ts'
import type { CreateRegistration } from '../../../../types.gen.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { inputPart, selectPart, submitPart, summaryPart, type Wrong } from '../../fields-part.ts'
import { formOf, textOf, tokenPart, type Form } from '../../forms.ts'
import { agencyFields, agencyOf, joinFields, joinOf, type FieldOf } from './request-fields.ts'

interface Request {
  readonly path: string
  readonly texts: { readonly title: string; readonly lead: string; readonly send: string }
  readonly fields: readonly FieldOf[]
  bodyOf(form: Form): Record<string, unknown>
}

const agency = (asked: Asked): Request => ({
  path: '/registrations/agency',
  texts: asked.texts.registrations.agency,
  fields: agencyFields(asked),
  bodyOf: agencyOf,
})
const join = (asked: Asked): Request => ({
  path: '/registrations/join',
  texts: asked.texts.registrations.join,
  fields: joinFields(asked),
  bodyOf: joinOf,
})

export const agencyPage = formPage(agency)
export const requestAgency = formTarget(agency)
export const joinPage = formPage(join)
export const requestJoin = formTarget(join)

function formPage(of: (asked: Asked) => Request): Page {
  return { permission: ['person'], answer: (asked) => render(asked, of(asked), new Set()) }
}

function formTarget(of: (asked: Asked) => Request): Page {
  return {
    permission: ['person'],
    async answer(asked) {
      const request = of(asked)
      const body = request.bodyOf(formOf(asked))
      const validate = validatorOf('create-registration')
      if (!validate(body)) {
        const { instancePath = '', params = {} } = validate.errors?.[0] ?? {}
        const path = [instancePath, params['missingProperty']].filter(Boolean).join('/')
        const wrong = request.fields.find((field) => field.path === path)?.name
        return render(asked, request, new Set([wrong ?? request.fields[0]?.name ?? '']))
      }
      try {
        const made = body as CreateRegistration
        const id = await requestRegistration(asked.deps, readerOf(asked), made)
        return { redirect: `/registrations/${id}` }
      } catch (error) {
        const isTheirs =
          error instanceof BrokerError && ['invalid_request', 'conflict'].includes(error.code)
        if (!isTheirs) throw error
        return render(asked, request, new Set(), error.message)
      }
    },
  }
}

function render(asked: Asked, request: Request, wrong: Wrong, message?: string): PageAnswer {
  const { path, texts, fields } = request
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
        !${tokenPart(asked)} !${controls} !${submitPart(texts.send)}
      </form>`,
  }
}
