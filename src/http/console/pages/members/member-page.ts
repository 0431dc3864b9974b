import { html } from 'ghtml'
import { BrokerError } from '../../../../errors.ts'
import { changeMembership } from '../../../../people/memberships/change.ts'
import { giveMembership } from '../../../../people/memberships/give.ts'
import { describeMembership } from '../../../../people/memberships/read.ts'
import { validatorOf } from '../../../../schemas.ts'
import type { MembershipView } from '../../../../types.gen.ts'
import { agencyKeeper, agencyReader } from '../../../auth/roles.ts'
import { askerOf } from '../../../auth/signed-in.ts'
import { hasRole, readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { inputPart, linkButtonPart, selectPart, submitPart } from '../../fields-part.ts'
import { formOf, textOf, tokenPart } from '../../forms.ts'
import { organisationField } from '../../organisation-field.ts'
import { factsPart } from '../../table-part.ts'
import { organisationName } from '../../names.ts'
import { choicesOf } from '../registrations/request-fields.ts'

const none: ReadonlySet<string> = new Set()

/** One role of a member, and what the reader may do about it. */
export const memberPage: Page = {
  permission: agencyReader,
  async answer(asked) {
    const { members: texts, registrations } = asked.texts
    const view = await describeMembership(asked.deps.db, readerOf(asked).caller.scope, idOf(asked))
    const { person, organisation, role, createdAt } = view
    const title = personName(person)
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        !${factsPart([
          [texts.email, person.email],
          [texts.subject, person.subject],
          [texts.issuer, person.issuer],
          [texts.organisation, organisationName(asked, organisation)],
          [texts.role, registrations.roles[role]],
          [texts.since, dateTime(asked.language, new Date(createdAt))],
        ])}
        !${hasRole(asked, agencyKeeper) ? actionsPart(asked, view) : ''}`,
    }
  },
}

/** A person as people call it. */
export function personName({ name, email, subject }: MembershipView['person']): string {
  return name ?? email ?? subject
}

function actionsPart(asked: Asked, { id, role }: MembershipView): string {
  const { form, members: texts, registrations } = asked.texts
  const roles = choicesOf(registrations.roles)
  const own = organisationField(asked, texts.organisation)
  const field = (name: string) => ({ name, label: texts.role, value: role })
  return html`<h2 class="kern-heading-medium">${texts.change.title}</h2>
    <form class="form" method="post" action="/members/${id}/change">
      !${tokenPart(asked)} !${selectPart(form, field('role'), roles, none)}
      !${submitPart(texts.change.send)}
    </form>
    <h2 class="kern-heading-medium">${texts.give.title}</h2>
    <form class="form" method="post" action="/members/${id}/give">
      !${tokenPart(asked)}
      !${
        own.choices === undefined
          ? inputPart(form, own, none)
          : selectPart(form, own, own.choices, none)
      }
      !${selectPart(form, field('given'), roles, none)} !${submitPart(texts.give.send, 'secondary')}
    </form>
    <h2 class="kern-heading-medium">${texts.remove.title}</h2>
    <p class="kern-body">${texts.remove.text}</p>
    !${linkButtonPart(`/members/${id}/remove`, texts.remove.send)}`
}

export const changeMember = action(async (asked, id, text) => {
  const change = { role: text('role') }
  const validate = validatorOf('update-membership')
  if (!validate(change)) throw notValid()
  await changeMembership(asked.deps, askerOf(asked.request), id, change)
  return `/members/${id}`
})

export const giveMember = action(async (asked, id, text) => {
  const { caller } = readerOf(asked)
  const { person } = await describeMembership(asked.deps.db, caller.scope, id)
  const body = { person: person.id, organisation: text('organisation'), role: text('given') }
  const validate = validatorOf('create-membership')
  if (!validate(body)) throw notValid()
  return `/members/${await giveMembership(asked.deps, caller, body)}`
})

function action(
  act: (asked: Asked, id: string, text: (field: string) => string) => Promise<string>,
): Page {
  return {
    permission: agencyKeeper,
    answer: async (asked) => ({
      redirect: await act(asked, idOf(asked), (field) => textOf(formOf(asked), field)),
    }),
  }
}

/** Of the membership that the address names. */
export function idOf({ request }: Asked): string {
  return (request.params as { id: string }).id
}

function notValid(): BrokerError {
  return new BrokerError('invalid_request', 'A field is missing or not valid.')
}
