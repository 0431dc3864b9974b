import { html } from 'ghtml'
import { administeredBy } from '../../../../people/roles.ts'
import { listRegistrations } from '../../../../people/registrations/read.ts'
import type { RegistrationScope } from '../../../../people/registrations/scope.ts'
import type { RegistrationView } from '../../../../types.gen.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'

const shown = 100

export const registrationsPage: Page = {
  permission: ['operator', 'auditor', 'person'],
  async answer(asked) {
    const { registrations: texts } = asked.texts
    const { items } = await listRegistrations(asked.deps.db, scopeOf(asked), {}, shown)
    const nothing = html`<p class="kern-body">${texts.none}</p>`
    return {
      title: texts.title,
      body: html`<h1 class="kern-heading-x-large">${texts.title}</h1>
        <p class="kern-body">${texts.lead}</p>
        <ul class="plain">
          <li><a class="kern-link" href="/registrations/agency">${texts.toAgency}</a></li>
          <li><a class="kern-link" href="/registrations/join">${texts.toJoin}</a></li>
        </ul>
        <h2 class="kern-heading-medium">${texts.list}</h2>
        !${items.length === 0 ? nothing : tablePart(asked, items)}`,
    }
  },
}

/** What the reader has asked for, and may decide. */
export function scopeOf(asked: Asked): RegistrationScope {
  const { person, caller, roles } = readerOf(asked)
  return {
    personId: person.id,
    decides: caller.scope === 'all' ? 'all' : administeredBy(asked.deps.directory, roles),
  }
}

/** A registration in one line. */
export function whatOf({ texts: { registrations } }: Asked, view: RegistrationView): string {
  const { agency, join } = view
  return agency === undefined
    ? registrations.joinOf(registrations.roles[join?.role ?? 'viewer'], join?.organisation ?? '')
    : registrations.agencyOf(agency.displayName)
}

function tablePart(asked: Asked, items: readonly RegistrationView[]): string {
  const { what, who, when, state, states, list } = asked.texts.registrations
  const head = [what, who, when, state].map(
    (text) => html`<th class="kern-table__header" scope="col">${text}</th>`,
  )
  const rows = items.map(
    (view) =>
      html`<tr class="kern-table__row">
        <td class="kern-table__cell">
          <a class="kern-link" href="/registrations/${view.id}">${whatOf(asked, view)}</a>
        </td>
        <td class="kern-table__cell">${view.person.name ?? view.person.subject}</td>
        <td class="kern-table__cell">${dateTime(asked.language, new Date(view.createdAt))}</td>
        <td class="kern-table__cell">${states[view.state]}</td>
      </tr>`,
  )
  return html`<div class="table" tabindex="0" role="region" aria-label="${list}">
    <table class="kern-table">
      <thead class="kern-table__head">
        <tr class="kern-table__row">
          !${head}
        </tr>
      </thead>
      <tbody class="kern-table__body">
        !${rows}
      </tbody>
    </table>
  </div>`
}
