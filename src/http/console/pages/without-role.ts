import { html } from 'ghtml'
import { orderReader } from '../../auth/roles.ts'
import { alertPart } from '../alert-part.ts'
import { hasRole, type Asked } from '../asked.ts'

/** What people do first who have signed in and have no role; empty for all others. */
export function withoutRolePart(asked: Asked): string {
  if (asked.signedIn === undefined || hasRole(asked, orderReader)) return ''
  const { registrations, start } = asked.texts
  return alertPart(
    'info',
    start.withoutRole.title,
    html`<p class="kern-body">${start.withoutRole.text}</p>
      <ul class="plain links">
        <li><a class="kern-link" href="/registrations/agency">${registrations.toAgency}</a></li>
        <li><a class="kern-link" href="/registrations/join">${registrations.toJoin}</a></li>
        <li><a class="kern-link" href="/registrations">${start.withoutRole.requests}</a></li>
      </ul>`,
  )
}
