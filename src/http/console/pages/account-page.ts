import { html } from 'ghtml'
import { endSession } from '../../../people/sessions/end.ts'
import { currentSessions } from '../../../people/sessions/list.ts'
import type { Session } from '../../../people/sessions/session.ts'
import { browserName } from '../browser-name.ts'
import { readerOf, type Asked, type Page } from '../asked.ts'
import { dateTime } from '../format.ts'
import { tokenPart } from '../forms.ts'

/** What Kontor knows of the reader, and where the reader is signed in. */
export const accountPage: Page = {
  permission: ['person'],
  async answer(asked) {
    const { deps, texts } = asked
    const { account } = texts
    const reader = readerOf(asked)
    const { name, email, subject, issuer } = reader.person
    const sessions = await currentSessions(deps, reader)
    const row = (key: string, value: string) =>
      html`<div class="kern-description-list-item">
        <dt class="kern-description-list-item__key">${key}</dt>
        <dd class="kern-description-list-item__value">${value}</dd>
      </div>`
    return {
      title: account.title,
      body: html`<h1 class="kern-heading-x-large">${account.title}</h1>
        <dl class="kern-description-list">
          !${row(account.name, name ?? account.unknown)}
          !${row(account.email, email ?? account.unknown)} !${row(account.subject, subject)}
          !${row(account.issuer, issuer)}
        </dl>
        <h2 class="kern-heading-medium">${account.sessions.heading}</h2>
        <p class="kern-body">${account.sessions.text}</p>
        !${tablePart(asked, sessions)}`,
    }
  },
}

function tablePart(asked: Asked, sessions: readonly Session[]): string {
  const { browser, began, used, action, heading } = asked.texts.account.sessions
  const head = [browser, began, used, action].map(
    (text) => html`<th class="kern-table__header" scope="col">${text}</th>`,
  )
  return html`<div class="table" tabindex="0" role="region" aria-label="${heading}">
    <table class="kern-table">
      <thead class="kern-table__head">
        <tr class="kern-table__row">
          !${head}
        </tr>
      </thead>
      <tbody class="kern-table__body">
        !${sessions.map((session) => rowPart(asked, session))}
      </tbody>
    </table>
  </div>`
}

function rowPart(asked: Asked, { id, userAgent, createdAt, lastUsedAt }: Session): string {
  const { language, texts, session } = asked
  const { end, current, unnamed } = texts.account.sessions
  const action =
    id === session?.id
      ? html`${current}`
      : html`<form method="post" action="/account/sessions/${id}/end">
          !${tokenPart(asked)}
          <button type="submit" class="kern-btn kern-btn--secondary kern-btn--x-small">
            <span class="kern-label">${end}</span>
          </button>
        </form>`
  return html`<tr class="kern-table__row">
    <td class="kern-table__cell">${userAgent === '' ? unnamed : browserName(userAgent)}</td>
    <td class="kern-table__cell">${dateTime(language, createdAt)}</td>
    <td class="kern-table__cell">${dateTime(language, lastUsedAt)}</td>
    <td class="kern-table__cell">!${action}</td>
  </tr>`
}

export const endOwnSession: Page = {
  permission: ['person'],
  async answer(asked) {
    const { id } = asked.request.params as { id: string }
    await endSession(asked.deps, readerOf(asked), id)
    return { redirect: '/account' }
  },
}
