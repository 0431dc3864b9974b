import { html } from 'ghtml'
import {
  acceptRegistration,
  refuseRegistration,
  withdrawRegistration,
} from '../../../../people/registrations/decide.ts'
import { describeRegistration } from '../../../../people/registrations/read.ts'
import { BrokerError } from '../../../../errors.ts'
import { validatorOf } from '../../../../schemas.ts'
import type { RegistrationView } from '../../../../types.gen.ts'
import { askerOf } from '../../../auth/signed-in.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { inputPart, selectPart, submitPart } from '../../fields-part.ts'
import { formOf, textOf, tokenPart } from '../../forms.ts'
import { factsPart } from '../../table-part.ts'
import { scopeOf, whatOf } from './list-page.ts'
import { choicesOf } from './request-fields.ts'

const none: ReadonlySet<string> = new Set()

/** One registration, and what its reader may do with it. */
export const registrationPage: Page = {
  permission: ['operator', 'auditor', 'person'],
  async answer(asked) {
    const { id } = asked.request.params as { id: string }
    const view = await describeRegistration(asked.deps.db, scopeOf(asked), id)
    const title = whatOf(asked, view)
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        !${viewPart(asked, view)} !${view.state === 'pending' ? actionsPart(asked, view) : ''}`,
    }
  },
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

function actionsPart(asked: Asked, view: RegistrationView): string {
  const { person, duties, caller } = readerOf(asked)
  const { decide } = asked.texts.registrations
  const path = `/registrations/${view.id}`
  if (view.person.id === person.id)
    return html`<form method="post" action="${path}/withdraw">
      !${tokenPart(asked)} !${submitPart(decide.withdraw, 'secondary')}
    </form>`
  // Of what it reads but has not asked for, everybody decides but the auditor.
  if (caller.scope === 'all' && !duties.has('operator')) return ''
  const reason = { name: 'reason', label: decide.reason, value: '' }
  return html`<form class="form" method="post" action="${path}/accept">
      !${tokenPart(asked)} !${acceptFields(asked, view)} !${submitPart(decide.accept)}
    </form>
    <form class="form" method="post" action="${path}/refuse">
      !${tokenPart(asked)} !${inputPart(asked.texts.form, reason, none)}
      !${submitPart(decide.refuse, 'secondary')}
    </form>`
}

function acceptFields({ texts }: Asked, { agency, join }: RegistrationView): string[] {
  const { form, registrations: t } = texts
  if (agency === undefined) {
    const role = { name: 'role', label: t.join.role, value: join?.role ?? 'viewer' }
    return [selectPart(form, role, choicesOf(t.roles), none)]
  }
  const { name, parent } = agency
  return [
    inputPart(form, { name: 'name', label: t.agency.name, value: name }, none),
    inputPart(
      form,
      { name: 'parent', label: t.agency.parent, value: parent ?? '', isOptional: true },
      none,
    ),
  ]
}

export const acceptOne = action('accept', async (asked, id, text) => {
  const { agency } = await describeRegistration(asked.deps.db, scopeOf(asked), id)
  const change =
    agency === undefined
      ? { role: text('role') }
      : { name: text('name'), parent: text('parent') || null }
  const validate = validatorOf('accept-registration')
  if (!validate(change)) throw notValid()
  await acceptRegistration(asked.deps, askerOf(asked.request), id, change)
})

export const refuseOne = action('refuse', async (asked, id, text) => {
  const body = { reason: text('reason') }
  const validate = validatorOf('refuse-registration')
  if (!validate(body)) throw notValid()
  await refuseRegistration(asked.deps, askerOf(asked.request), id, body.reason)
})

export const withdrawOne = action('withdraw', (asked, id) =>
  withdrawRegistration(asked.deps, askerOf(asked.request), id),
)

function action(
  name: 'accept' | 'refuse' | 'withdraw',
  act: (asked: Asked, id: string, text: (field: string) => string) => Promise<void>,
): Page {
  return {
    permission: name === 'withdraw' ? ['person'] : ['operator', 'agency'],
    async answer(asked) {
      const { id } = asked.request.params as { id: string }
      await act(asked, id, (field) => textOf(formOf(asked), field))
      return { redirect: `/registrations/${id}` }
    },
  }
}

function notValid(): BrokerError {
  return new BrokerError('invalid_request', 'A field is missing or not valid.')
}
