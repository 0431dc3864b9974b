import { html } from 'ghtml'
import { listMemberships } from '../../../people/memberships/read.ts'
import { endSession } from '../../../people/sessions/end.ts'
import { currentSessions } from '../../../people/sessions/list.ts'
import { notificationsPart } from './notifications-part.ts'
import type { Session } from '../../../people/sessions/session.ts'
import { browserName } from '../browser-name.ts'
import { readerOf, type Asked, type Page } from '../asked.ts'
import { dateTime } from '../format.ts'
import { buttonPart, linkButtonPart } from '../fields-part.ts'
import { factsPart, tablePart } from '../table-part.ts'
import { organisationName } from '../names.ts'

const maxRoles = 100

/** What Kontor knows of the reader, and where the reader is signed in. */
export const accountPage: Page = {
  permission: ['person'],
  async answer(asked) {
    const { deps, texts } = asked
    const { account } = texts
    const reader = readerOf(asked)
    const { name, email, subject, issuer } = reader.person
    const sessions = await currentSessions(deps, reader)
    return {
      title: account.title,
      body: html`<h1 class="kern-heading-x-large">${account.title}</h1>
        !${factsPart([
          [account.name, name ?? account.unknown],
          [account.email, email ?? account.unknown],
          [account.subject, subject],
          [account.issuer, issuer],
        ])}
        !${await rolesPart(asked)}
        <h2 class="kern-heading-medium">${texts.tokens.title}</h2>
        <p class="kern-body">
          <a class="kern-link" href="/account/tokens">${account.toTokens}</a>
        </p>
        !${notificationsPart(asked)}
        <h2 class="kern-heading-medium">${account.sessions.heading}</h2>
        <p class="kern-body">${account.sessions.text}</p>
        !${sessionsPart(asked, sessions)}`,
    }
  },
}

/** Those of memberships can be given up here; those of claims only at the issuer. */
async function rolesPart(asked: Asked): Promise<string> {
  const { deps, texts } = asked
  const { heading, none, organisation, role, action, leave, fromClaims } = texts.account.roles
  const { person, caller, roles } = readerOf(asked)
  const filter = { person: person.id }
  const { items } = await listMemberships(deps.db, caller.scope, filter, maxRoles)
  const claimed = roles.flatMap((grant) =>
    grant.from === 'claims'
      ? [
          [
            html`${deps.directory.organisation(grant.organisationId)?.displayName ?? ''}`,
            html`${texts.registrations.roles[grant.role]}`,
            html`${fromClaims}`,
          ],
        ]
      : [],
  )
  const given = items.map((item) => [
    html`${organisationName(asked, item.organisation)}`,
    html`${texts.registrations.roles[item.role]}`,
    linkButtonPart(
      `/account/roles/${item.id}/leave`,
      leave,
      `${organisationName(asked, item.organisation)}, ${texts.registrations.roles[item.role]}`,
    ),
  ])
  const rows = [...claimed.slice(0, maxRoles), ...given]
  return html`<h2 class="kern-heading-medium">${heading}</h2>
    !${
      rows.length === 0
        ? html`<p class="kern-body">${none}</p>`
        : tablePart(heading, [organisation, role, action], rows)
    }`
}

function sessionsPart(asked: Asked, sessions: readonly Session[]): string {
  const { language } = asked
  const { heading, browser, began, used, action, unnamed } = asked.texts.account.sessions
  const rows = sessions.map(({ id, userAgent, createdAt, lastUsedAt }) => [
    html`${userAgent === '' ? unnamed : browserName(userAgent)}`,
    html`${dateTime(language, createdAt)}`,
    html`${dateTime(language, lastUsedAt)}`,
    endPart(asked, id, userAgent === '' ? unnamed : browserName(userAgent)),
  ])
  return tablePart(heading, [browser, began, used, action], rows)
}

function endPart(asked: Asked, id: string, of: string): string {
  const { end, current } = asked.texts.account.sessions
  return id === asked.session?.id
    ? html`${current}`
    : buttonPart(asked, `/account/sessions/${id}/end`, end, of)
}

export const endOwnSession: Page = {
  permission: ['person'],
  async answer(asked) {
    const { id } = asked.request.params as { id: string }
    await endSession(asked.deps, readerOf(asked), id)
    return { redirect: '/account' }
  },
}
