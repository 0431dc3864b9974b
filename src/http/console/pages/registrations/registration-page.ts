import { html } from 'ghtml'
import {
  acceptRegistration,
  refuseRegistration,
  withdrawRegistration,
} from '../../../../people/registrations/decide.ts'
import { describeRegistration } from '../../../../people/registrations/read.ts'
import { validatorOf } from '../../../../schemas.ts'
import type { RegistrationView } from '../../../../types.gen.ts'
import { askerOf } from '../../../auth/signed-in.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { inputPart, selectPart, submitPart, summaryPart, type Wrong } from '../../fields-part.ts'
import { formOf, textOf, tokenPart } from '../../forms.ts'
import { factsPart } from '../../table-part.ts'
import { refusalOf } from '../../refusal.ts'
import { scopeOf, whatOf } from './list-page.ts'
import { choicesOf } from './request-fields.ts'

const none: ReadonlySet<string> = new Set()

/** One registration, and what its reader may do with it. */
export const registrationPage: Page = {
  permission: ['operator', 'auditor', 'person'],
  answer: async (asked) => draw(asked, await viewOf(asked), none),
}

function viewOf(asked: Asked): Promise<RegistrationView> {
  const { id } = asked.request.params as { id: string }
  return describeRegistration(asked.deps.db, scopeOf(asked), id)
}

/** @param message  what the system says of what was sent */
function draw(asked: Asked, view: RegistrationView, wrong: Wrong, message?: string): PageAnswer {
  const { form, registrations: t } = asked.texts
  const title = whatOf(asked, view)
  const fields = [
    { name: 'name', label: t.agency.name, value: '' },
    { name: 'parent', label: t.agency.parent, value: '' },
    { name: 'role', label: t.join.role, value: '' },
    { name: 'reason', label: t.decide.reason, value: '' },
  ]
  return {
    title,
    status: wrong.size === 0 && message === undefined ? 200 : 400,
    body: html`<h1 class="kern-heading-x-large">${title}</h1>
      !${summaryPart(form, fields, wrong, message)} !${viewPart(asked, view)}
      !${view.state === 'pending' ? actionsPart(asked, view, wrong) : ''}`,
  }
}

function viewPart({ texts }: Asked, view: RegistrationView): string {
  const { registrations: t } = texts
  const { agency, join, person } = view
  return factsPart([
    [t.state, t.states[view.state]],
    [t.who, [person.name, person.email].filter(Boolean).join(', ') || person.subject],
    [t.agency.name, agency?.name],
    [t.agency.level, agency && t.levels[agency.level]],
    [t.agency.leitwegId, agency?.leitwegId],
    [t.agency.parent, agency?.parent],
    [t.decide.contact, agency && Object.values(agency.contact).join(', ')],
    [t.decide.message, join?.message],
    [t.decide.organisation, view.organisation?.name],
    [t.decide.reason, view.reason],
  ])
}

function actionsPart(asked: Asked, view: RegistrationView, wrong: Wrong): string {
  const { person, duties, caller } = readerOf(asked)
  const { decide } = asked.texts.registrations
  const path = `/registrations/${view.id}`
  if (view.person.id === person.id)
    return html`<form method="post" action="${path}/withdraw">
      !${tokenPart(asked)} !${submitPart(decide.withdraw, 'secondary')}
    </form>`
  // Of what it reads but has not asked for, everybody decides but the auditor.
  if (caller.scope === 'all' && !duties.has('operator')) return ''
  const reason = { name: 'reason', label: decide.reason, value: sentOf(asked, 'reason') ?? '' }
  return html`<form class="form" method="post" action="${path}/accept" novalidate>
      !${tokenPart(asked)} !${acceptFields(asked, view, wrong)} !${submitPart(decide.accept)}
    </form>
    <form class="form" method="post" action="${path}/refuse" novalidate>
      !${tokenPart(asked)} !${inputPart(asked.texts.form, reason, wrong)}
      !${submitPart(decide.refuse, 'secondary')}
    </form>`
}

/** What a form that is shown again holds; undefined: it was not sent, or another one was. */
function sentOf(asked: Asked, name: string): string | undefined {
  const form = formOf(asked)
  return form[name] === undefined ? undefined : textOf(form, name)
}

function acceptFields(asked: Asked, { agency, join }: RegistrationView, wrong: Wrong): string[] {
  const { form, registrations: t } = asked.texts
  const field = (name: string, label: string, value: string | null | undefined) => ({
    name,
    label,
    value: sentOf(asked, name) ?? value ?? '',
  })
  if (agency === undefined)
    return [selectPart(form, field('role', t.join.role, join?.role), choicesOf(t.roles), wrong)]
  const parent = { ...field('parent', t.agency.parent, agency.parent), isOptional: true }
  return [
    inputPart(form, field('name', t.agency.name, agency.name), wrong),
    inputPart(form, parent, wrong),
  ]
}

export const acceptOne = action('accept', async (asked, { id, agency }, text) => {
  const change =
    agency === undefined
      ? { role: text('role') }
      : { name: text('name'), parent: text('parent') || null }
  const validate = validatorOf('accept-registration')
  if (!validate(change)) return fieldOf(validate.errors)
  await acceptRegistration(asked.deps, askerOf(asked.request), id, change)
  return undefined
})

export const refuseOne = action('refuse', async (asked, { id }, text) => {
  const body = { reason: text('reason') }
  const validate = validatorOf('refuse-registration')
  if (!validate(body)) return fieldOf(validate.errors)
  await refuseRegistration(asked.deps, askerOf(asked.request), id, body.reason)
  return undefined
})

export const withdrawOne = action('withdraw', async (asked, { id }) => {
  await withdrawRegistration(asked.deps, askerOf(asked.request), id)
  return undefined
})

/** The field that the schema refuses. */
function fieldOf(errors: ReadonlyArray<{ readonly instancePath: string }> | null | undefined) {
  return errors?.[0]?.instancePath.slice(1) ?? ''
}

/** @param act  returns the name of the field that is wrong, if one is */
function action(
  name: 'accept' | 'refuse' | 'withdraw',
  act: (
    asked: Asked,
    view: RegistrationView,
    text: (field: string) => string,
  ) => Promise<string | undefined>,
): Page {
  return {
    permission: name === 'withdraw' ? ['person'] : ['operator', 'agency'],
    async answer(asked) {
      const view = await viewOf(asked)
      try {
        const wrong = await act(asked, view, (field) => textOf(formOf(asked), field))
        if (wrong !== undefined) return draw(asked, view, new Set([wrong]))
      } catch (error) {
        const message = refusalOf(error)
        if (message === undefined) throw error
        const now = await viewOf(asked)
        // The same form was sent twice, or another person was first: its page says what holds.
        if (now.state === 'pending') return draw(asked, now, none, message)
      }
      return { redirect: `/registrations/${view.id}` }
    },
  }
}
