import { html } from 'ghtml'
import { isUuid } from '../../../../ids.ts'
import { administeredBy } from '../../../../people/roles.ts'
import { listRegistrations } from '../../../../people/registrations/read.ts'
import type { RegistrationScope } from '../../../../people/registrations/scope.ts'
import type { RegistrationView } from '../../../../types.gen.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { tablePart } from '../../table-part.ts'

const shown = 100

export const registrationsPage: Page = {
  permission: ['operator', 'auditor', 'person'],
  async answer(asked) {
    const { registrations: texts } = asked.texts
    const { waiting, done } = asked.request.query as { waiting?: unknown; done?: unknown }
    // A link to older ones shows only their kind.
    const kinds = (['waiting', 'done'] as const).filter(
      (kind) => (kind === 'waiting' ? done : waiting) === undefined,
    )
    const parts = await Promise.all(kinds.map(async (kind) => listPart(asked, kind)))
    const nothing = html`<p class="kern-body">${texts.none}</p>`
    return {
      title: texts.title,
      body: html`<h1 class="kern-heading-x-large">${texts.title}</h1>
        <p class="kern-body">${texts.lead}</p>
        <ul class="plain">
          <li><a class="kern-link" href="/registrations/agency">${texts.toAgency}</a></li>
          <li><a class="kern-link" href="/registrations/join">${texts.toJoin}</a></li>
        </ul>
        !${parts.join('') || nothing}`,
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

/** One kind with its heading; empty if there is none. What waits must not be hidden by the rest. */
async function listPart(asked: Asked, kind: 'waiting' | 'done'): Promise<string> {
  const { texts, request, deps } = asked
  const from = (request.query as Readonly<Record<string, unknown>>)[kind]
  const before = typeof from === 'string' && isUuid(from) ? from : undefined
  const filter = kind === 'done' ? { isDone: true as const } : { state: 'pending' as const }
  const { items, next } = await listRegistrations(
    deps.db,
    scopeOf(asked),
    { ...filter, before },
    shown,
  )
  if (items.length === 0) return ''
  const heading = texts.registrations[kind]
  const more = html`<p class="kern-body">
    <a class="kern-link" href="/registrations?${kind}=${next ?? ''}">${texts.registrations.more}</a>
  </p>`
  return html`<h2 class="kern-heading-medium">${heading}</h2>
    !${listTable(asked, heading, items)} !${next === null ? '' : more}`
}

function listTable(asked: Asked, list: string, items: readonly RegistrationView[]): string {
  const { what, who, when, state, states } = asked.texts.registrations
  const rows = items.map((view) => [
    html`<a class="kern-link" href="/registrations/${view.id}">${whatOf(asked, view)}</a>`,
    html`${view.person.name ?? view.person.subject}`,
    html`${dateTime(asked.language, new Date(view.createdAt))}`,
    html`${states[view.state]}`,
  ])
  return tablePart(list, [what, who, when, state], rows)
}
