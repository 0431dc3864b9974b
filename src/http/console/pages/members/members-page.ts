import { html } from 'ghtml'
import { isUuid } from '../../../../ids.ts'
import { listMemberships } from '../../../../people/memberships/read.ts'
import type { MembershipView } from '../../../../types.gen.ts'
import { agencyKeeper, agencyReader } from '../../../auth/roles.ts'
import { hasRole, readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { inputPart, selectPart, submitPart } from '../../fields-part.ts'
import { organisationField } from '../../organisation-field.ts'
import { tablePart } from '../../table-part.ts'
import { organisationName } from '../../names.ts'
import { linkTo } from '../catalog/query.ts'

const shown = 100
const none: ReadonlySet<string> = new Set()

/** Who has which role in the organisations of the reader. */
export const membersPage: Page = {
  permission: agencyReader,
  async answer(asked) {
    const { members: texts } = asked.texts
    const { cursor, organisation: of } = asked.request.query as Record<string, unknown>
    const organisation = typeof of === 'string' && of !== '' ? of : undefined
    const before = typeof cursor === 'string' && isUuid(cursor) ? cursor : undefined
    const { items, next } = await listMemberships(
      asked.deps.db,
      readerOf(asked).caller.scope,
      { organisation, before },
      shown,
    )
    const fields = organisation === undefined ? [] : [['organisation', organisation] as const]
    const more = linkTo('/members', [...fields, ['cursor', next ?? '']])
    return {
      title: texts.title,
      body: html`<h1 class="kern-heading-x-large">${texts.title}</h1>
        <p class="kern-body">${texts.lead}</p>
        !${linksPart(asked)} !${filterPart(asked, organisation)}
        !${
          items.length === 0
            ? html`<p class="kern-body">${texts.none}</p>`
            : listTable(asked, items)
        }
        !${next === null ? '' : html`<a class="kern-link" href="${more}">${texts.more}</a>`}`,
    }
  },
}

function linksPart(asked: Asked): string {
  const { toInvite, toInvitations, toTokens } = asked.texts.members
  const links = [
    ...(hasRole(asked, agencyKeeper) ? [['/invitations/new', toInvite] as const] : []),
    ['/invitations', toInvitations] as const,
    ['/tokens', toTokens] as const,
  ]
  return html`<ul class="plain">
    !${links.map(([path, text]) => html`<li><a class="kern-link" href="${path}">${text}</a></li>`)}
  </ul>`
}

function filterPart(asked: Asked, chosen: string | undefined): string {
  const { texts } = asked
  const field = { ...organisationField(asked, texts.members.organisation), value: chosen ?? '' }
  const { choices } = field
  if (choices !== undefined && choices.length < 2) return ''
  const all = { value: '', label: texts.members.allOrganisations }
  return html`<form class="search" method="get" action="/members">
    !${
      choices === undefined
        ? inputPart(texts.form, field, none)
        : selectPart(texts.form, field, [all, ...choices], none)
    }
    !${submitPart(texts.members.show, 'secondary')}
  </form>`
}

function listTable(asked: Asked, items: readonly MembershipView[]): string {
  const { members: texts, registrations } = asked.texts
  const rows = items.map(({ id, person, organisation, role, createdAt }) => [
    html`<a class="kern-link" href="/members/${id}"
      >${person.name ?? person.email ?? person.subject}</a
    >`,
    html`${organisationName(asked, organisation)}`,
    html`${registrations.roles[role]}`,
    html`${dateTime(asked.language, new Date(createdAt))}`,
  ])
  return tablePart(texts.title, [texts.person, texts.organisation, texts.role, texts.since], rows)
}
