import { html } from 'ghtml'
import { isUuid } from '../../../../ids.ts'
import { administeredBy } from '../../../../people/roles.ts'
import { describeToken, listTokens } from '../../../../people/tokens/read.ts'
import { revokeToken } from '../../../../people/tokens/revoke.ts'
import type { TokenScope } from '../../../../people/tokens/scope.ts'
import type { TokenView } from '../../../../types.gen.ts'
import { agencyKeeper, agencyReader } from '../../../auth/roles.ts'
import { hasRole, readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { linkButtonPart } from '../../fields-part.ts'
import { questionPages } from '../../question-page.ts'
import { tablePart } from '../../table-part.ts'
import { issuedPart } from './issued-token.ts'

const shown = 100

/** The reader's own tokens, and once the text of a new one. */
export const ownTokensPage: Page = {
  permission: ['person'],
  async answer(asked) {
    const { title, lead, toNew } = asked.texts.tokens
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        <p class="kern-body">${lead}</p>
        !${issuedPart(asked)}
        <p class="kern-body"><a class="kern-link" href="/account/tokens/new">${toNew}</a></p>
        !${await listPart(asked, '/account/tokens', ownScope(asked))}`,
    }
  },
}

/** Those of all members whom the reader administers. */
export const tokensPage: Page = {
  permission: agencyReader,
  async answer(asked) {
    const { ofMembers, ofMembersLead } = asked.texts.tokens
    return {
      title: ofMembers,
      body: html`<h1 class="kern-heading-x-large">${ofMembers}</h1>
        <p class="kern-body">${ofMembersLead}</p>
        !${await listPart(asked, '/tokens', membersScope(asked))}`,
    }
  },
}

function ownScope(asked: Asked): TokenScope {
  return { personId: readerOf(asked).person.id, administers: [] }
}

function membersScope(asked: Asked): TokenScope {
  const { caller, person, roles } = readerOf(asked)
  if (caller.scope === 'all') return { personId: undefined, administers: 'all' }
  return { personId: person.id, administers: administeredBy(asked.deps.directory, roles) }
}

async function listPart(asked: Asked, path: string, scope: TokenScope): Promise<string> {
  const { none, more } = asked.texts.tokens
  const { cursor } = asked.request.query as Record<string, unknown>
  const before = typeof cursor === 'string' && isUuid(cursor) ? cursor : undefined
  const { items, next } = await listTokens(asked.deps, scope, { before }, shown)
  if (items.length === 0) return html`<p class="kern-body">${none}</p>`
  return html`!${listTable(asked, path, items)}
  !${
    next === null
      ? ''
      : html`<p class="kern-body">
          <a class="kern-link" href="${path}?cursor=${next}">${more}</a>
        </p>`
  }`
}

function listTable(asked: Asked, path: string, items: readonly TokenView[]): string {
  const t = asked.texts.tokens
  const isOwn = path === '/account/tokens'
  const mayRevoke = isOwn || hasRole(asked, agencyKeeper)
  const rows = items.map((token) => [
    html`${token.name}`,
    ...(isOwn ? [] : [html`${token.person.name ?? token.person.subject}`]),
    html`${t.accesses[token.access]}`,
    html`${limitsOf(asked, token)}`,
    html`${timeOf(asked, token.expiresAt)}`,
    html`${timeOf(asked, token.lastUsedAt)}`,
    mayRevoke ? linkButtonPart(`${path}/${token.id}/revoke`, t.revoke, token.name) : '',
  ])
  const head = [t.name, ...(isOwn ? [] : [t.person]), t.access, t.limits, t.expires, t.used]
  return tablePart(isOwn ? t.title : t.ofMembers, [...head, t.action], rows)
}

function limitsOf({ texts }: Asked, { organisations, roles }: TokenView): string {
  const names = [
    ...(organisations ?? []).map(({ name }) => name),
    ...(roles ?? []).map((role) => texts.registrations.roles[role]),
  ]
  return names.length === 0 ? texts.tokens.everything : names.join(', ')
}

export const [revokeOwnPage, revokeOwnToken] = revocation(['person'], '/account/tokens', ownScope)
export const [revokeMembersPage, revokeMembersToken] = revocation(
  agencyKeeper,
  '/tokens',
  membersScope,
)

function revocation(
  permission: Page['permission'],
  path: string,
  scopeOf: (asked: Asked) => TokenScope,
): readonly [page: Page, target: Page] {
  return questionPages(
    permission,
    async (asked) => {
      const { form, tokens: t } = asked.texts
      const token = await describeToken(asked.deps, scopeOf(asked), idOf(asked))
      return {
        path: `${path}/${token.id}/revoke`,
        title: t.revokeOf(token.name),
        back: { path, label: form.back },
        facts: [
          [t.name, token.name],
          [t.person, token.person.name ?? token.person.subject],
          [t.access, t.accesses[token.access]],
          [t.limits, limitsOf(asked, token)],
          [t.expires, timeOf(asked, token.expiresAt)],
          [t.used, timeOf(asked, token.lastUsedAt)],
        ],
        consequence: t.revoked,
        send: t.revoke,
      }
    },
    async (asked) => {
      await revokeToken(asked.deps, readerOf(asked).caller, scopeOf(asked), idOf(asked))
      return path
    },
  )
}

function timeOf({ language, texts }: Asked, time: string | null): string {
  return time === null ? texts.tokens.never : dateTime(language, new Date(time))
}

function idOf({ request }: Asked): string {
  return (request.params as { id: string }).id
}
