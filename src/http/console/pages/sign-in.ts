import { html } from 'ghtml'
import { BrokerError } from '../../../errors.ts'
import type { PendingSignIn } from '../../../oidc/sign-in/sign-in-flows.ts'
import { coded } from '../../../log.ts'
import { actorOf, claimedOf, type Claimed } from '../../../people/claimed.ts'
import { findOrCreatePerson } from '../../../people/find-or-create.ts'
import { acceptInvitations } from '../../../people/invitations/accept.ts'
import type { Person } from '../../../people/person.ts'
import { beginSession } from '../../../people/sessions/begin.ts'
import { openToken, sealToken } from '../../../vault/sealed-token.ts'
import type { Asked, Page, PageAnswer } from '../asked.ts'
import { readCookie, setCookie } from '../cookies.ts'
import { localPath } from '../local-path.ts'
import { originOf } from '../origin.ts'
import { keepSession } from '../sessions.ts'

// Long enough for a second factor.
const pendingSeconds = 900
const purpose = 'console sign-in'
const cookieName = (isSecure: boolean) => (isSecure ? '__Host-kontor-sign-in' : 'kontor-sign-in')

interface Kept extends PendingSignIn {
  readonly redirectUri: string
  readonly returnTo: string
  readonly atMs: number
}

interface Query {
  readonly return?: unknown
  /** Present: the person must prove anew who it is. */
  readonly fresh?: unknown
}

/** Leads to the only issuer, or lets one choose. */
export const signInPage: Page = {
  permission: 'public',
  async answer(asked) {
    const { deps, texts, request } = asked
    const { choices = [] } = deps.signIns ?? {}
    const [only, ...others] = choices
    if (only !== undefined && others.length === 0) return beginAt(asked, only.alias)
    const { title, choose, none } = texts.signIn
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : ''
    const links = choices.map(
      ({ alias, label }) =>
        html`<li><a class="kern-link" href="/sign-in/${alias}${query}">${label}</a></li>`,
    )
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        <p class="kern-body">${links.length === 0 ? none : choose}</p>
        <ul class="kern-list kern-list--bullet">
          !${links}
        </ul>`,
    }
  },
}

/** Leads to one issuer. A GET: a policy against forms to other sites would stop a form. */
export const signInAtIssuer: Page = {
  permission: 'public',
  answer: (asked) => beginAt(asked, (asked.request.params as { issuer: string }).issuer),
}

async function beginAt({ deps, request, reply }: Asked, alias: string): Promise<PageAnswer> {
  const { return: returnTo, fresh } = request.query as Query
  const redirectUri = `${originOf(request, deps.publicUrl)}/sign-in/return`
  const begun = await deps.signIns?.begin(alias, redirectUri, fresh !== undefined)
  if (begun === undefined) throw new BrokerError('not_found', 'There is no such sign-in.')
  const atMs = deps.now().getTime()
  const kept: Kept = { ...begun.pending, redirectUri, returnTo: localPath(returnTo), atMs }
  const options = { secure: deps.isSecure, maxAgeSeconds: pendingSeconds }
  setCookie(reply, cookieName(deps.isSecure), sealToken(deps.vault, purpose, kept), options)
  return { redirect: begun.url.href }
}

/** Where the issuer sends people back to. */
export const signInReturn: Page = {
  permission: 'public',
  async answer({ deps, request, reply, session }) {
    const kept = keptOf({ deps, request })
    setCookie(reply, cookieName(deps.isSecure), '', { secure: deps.isSecure, maxAgeSeconds: 0 })
    if (kept === undefined || deps.signIns === undefined)
      throw new BrokerError('invalid_request', 'The sign-in took too long. Begin again.')
    const returnedTo = new URL(kept.redirectUri)
    returnedTo.search = new URL(request.url, kept.redirectUri).search
    const finished = await deps.signIns.finish(kept, returnedTo)
    const claimed = claimedOf(finished)
    const person = await findOrCreatePerson(deps, claimed)
    const text = await beginSession(deps, {
      person,
      claimed,
      sid: finished.sid,
      authenticatedAt: finished.authenticatedAt,
      userAgent: request.headers['user-agent'] ?? '',
      former: session,
    })
    keepSession(reply, deps, text)
    await acceptAll(deps, person, claimed, request.id)
    return { redirect: kept.returnTo }
  },
}

/** So that the next page already has the roles. The person is signed in, whatever comes of it. */
async function acceptAll(
  deps: Asked['deps'],
  person: Person,
  claimed: Claimed,
  requestId: string,
): Promise<void> {
  const scope = { organisations: [], providers: [] }
  const caller = { actor: actorOf(claimed), scope, requestId }
  const verifiedEmail = claimed.isEmailVerified ? (claimed.email ?? undefined) : undefined
  try {
    const given = await acceptInvitations(deps, { person, caller, verifiedEmail })
    // A GET refreshes no caches.
    if (given > 0) await deps.people.reload()
  } catch (error) {
    deps.log.warn({ error: coded(error) }, 'invitations could not be accepted at a sign-in')
  }
}

function keptOf({ deps, request }: Pick<Asked, 'deps' | 'request'>): Kept | undefined {
  const cookie = readCookie(request, cookieName(deps.isSecure))
  // Only `beginAt` seals for this purpose.
  const kept = openToken(deps.vault, purpose, cookie ?? '') as Kept | undefined
  const isLate = kept === undefined || deps.now().getTime() - kept.atMs > pendingSeconds * 1_000
  return isLate ? undefined : kept
}
