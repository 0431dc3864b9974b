import { html } from 'ghtml'
import { isUuid } from '../../../../ids.ts'
import { invite, revokeInvitation } from '../../../../people/invitations/invite.ts'
import { describeInvitation, listInvitations } from '../../../../people/invitations/read.ts'
import type { InvitationView } from '../../../../types.gen.ts'
import { agencyKeeper, agencyReader } from '../../../auth/roles.ts'
import { hasRole, readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { linkButtonPart } from '../../fields-part.ts'
import { formPages } from '../../form-page.ts'
import { textOf } from '../../forms.ts'
import { organisationField } from '../../organisation-field.ts'
import { questionPages } from '../../question-page.ts'
import { tablePart } from '../../table-part.ts'
import { organisationName } from '../../names.ts'
import { choicesOf, present } from '../registrations/request-fields.ts'

const shown = 100

export const invitationsPage: Page = {
  permission: agencyReader,
  async answer(asked) {
    const { deps, request, texts } = asked
    const { invitations, toInvite, more } = texts.members
    const { cursor } = request.query as Record<string, unknown>
    const before = typeof cursor === 'string' && isUuid(cursor) ? cursor : undefined
    const { scope } = readerOf(asked).caller
    const { items, next } = await listInvitations(deps.db, scope, deps.now(), before, shown)
    const link = (path: string, text: string) =>
      html`<p class="kern-body"><a class="kern-link" href="${path}">${text}</a></p>`
    return {
      title: invitations.title,
      body: html`<h1 class="kern-heading-x-large">${invitations.title}</h1>
        <p class="kern-body">${invitations.lead}</p>
        !${hasRole(asked, agencyKeeper) ? link('/invitations/new', toInvite) : ''}
        !${
          items.length === 0
            ? html`<p class="kern-body">${invitations.none}</p>`
            : listTable(asked, items)
        }
        !${next === null ? '' : link(`/invitations?cursor=${next}`, more)}`,
    }
  },
}

function listTable(asked: Asked, items: readonly InvitationView[]): string {
  const { members, registrations } = asked.texts
  const { title, who, state, until, action, revoke, states } = members.invitations
  const mayRevoke = hasRole(asked, agencyKeeper)
  const rows = items.map((item) => [
    html`${inviteeOf(item)}`,
    html`${organisationName(asked, item.organisation)}`,
    html`${registrations.roles[item.role]}`,
    html`${states[item.state]}`,
    html`${dateTime(asked.language, new Date(item.expiresAt))}`,
    mayRevoke && item.state === 'open'
      ? linkButtonPart(`/invitations/${item.id}/revoke`, revoke, item.email ?? item.subject ?? '')
      : '',
  ])
  const head = [who, members.organisation, members.role, state, until, action]
  return tablePart(title, head, rows)
}

export const [invitePage, invitePerson] = formPages<'create-invitation'>(agencyKeeper, (asked) => {
  const { members: texts, registrations } = asked.texts
  const reader = readerOf(asked)
  const field = (name: string, label: string, value = '') => ({
    name,
    path: `/${name}`,
    label,
    value,
  })
  return {
    path: '/invitations/new',
    texts: texts.invite,
    fields: [
      organisationField(asked, texts.organisation),
      { ...field('role', texts.role, 'orderer'), choices: choicesOf(registrations.roles) },
      { ...field('email', texts.email), type: 'email', isOptional: true },
      {
        ...field('issuer', texts.issuer, reader.person.issuer),
        hint: texts.invite.issuerHint,
        isOptional: true,
      },
      { ...field('subject', texts.subject), isOptional: true },
      {
        ...field('expiresInDays', texts.invite.days, '14'),
        hint: texts.invite.daysHint,
        type: 'number',
      },
    ],
    schema: 'create-invitation',
    bodyOf(form) {
      const text = (name: string) => textOf(form, name) || undefined
      const subject = text('subject')
      return present({
        organisation: text('organisation'),
        role: text('role'),
        email: text('email'),
        // It is filled in beforehand, so alone it says nothing.
        issuer: subject === undefined ? undefined : text('issuer'),
        subject,
        expiresInDays: Number(text('expiresInDays')),
      })
    },
    async submit(body, id) {
      await invite(asked.deps, reader.caller, body, id)
      return '/invitations'
    },
  }
})

export const [revokePage, revokeOne] = questionPages(
  agencyKeeper,
  async (asked) => {
    const { form, members: t, registrations } = asked.texts
    const { invitations: words } = t
    const { deps } = asked
    const { scope } = readerOf(asked).caller
    const invitation = await describeInvitation(deps.db, scope, deps.now(), idOf(asked))
    const who = inviteeOf(invitation)
    return {
      path: `/invitations/${invitation.id}/revoke`,
      title: words.revokeOf(who),
      back: { path: '/invitations', label: form.back },
      facts: [
        [words.who, who],
        [t.organisation, organisationName(asked, invitation.organisation)],
        [t.role, registrations.roles[invitation.role]],
        [words.state, words.states[invitation.state]],
        [words.until, dateTime(asked.language, new Date(invitation.expiresAt))],
      ],
      consequence: words.revoked,
      send: words.revoke,
    }
  },
  async (asked) => {
    await revokeInvitation(asked.deps, readerOf(asked).caller, idOf(asked))
    return '/invitations'
  },
)

function inviteeOf({ email, subject, issuer }: InvitationView): string {
  return email ?? `${subject} (${issuer})`
}

function idOf({ request }: Asked): string {
  return (request.params as { id: string }).id
}
