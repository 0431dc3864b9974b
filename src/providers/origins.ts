// Which origins (scheme, host, port) of a registration an operator has approved. The role provider
// may register any address. If it saw how calls to each of them fail, or what they do to orders, it
// could scan the networks that Kontor reaches. So Kontor reads only the catalog there, and hides
// the outcome.
import { originOf, originsOf } from '../backends/registry.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { Origins, Provider } from './provider.ts'

/** What the role provider reads instead of the reason why something failed. */
export const hiddenReason =
  'Kontor got no usable answer. It shows why to operators only, because no operator has approved ' +
  'the origin.'

// What a call began before a change of the origin is written after it: the longest call is 55 s.
const maxCallMs = 120_000

/** Of a registration by an operator. */
export function firstOrigins(backend: string, settings: unknown, credentials: unknown): Origins {
  const { settings: own, token } = originsOf(backend, settings, credentials)
  return {
    approvedOrigins: withoutRepeats([own, token]),
    tokenOrigin: token ?? null,
    unapprovedSince: null,
    unapprovedUntil: null,
  }
}

interface Registration {
  readonly settings: unknown
  readonly credentials: unknown
}

/**
 * After a change of settings or credentials. An operator approves the origins that he changes, not
 * those that he sends back as they were: he may not have looked at them. What the registration no
 * longer names is approved no longer. The role provider approves nothing.
 * @param given  which parts of the registration an operator has sent
 */
export function changedOrigins(
  provider: Provider,
  [before, after]: readonly [before: Registration, after: Registration],
  given: { readonly settings: boolean; readonly credentials: boolean },
  now: Date,
): Origins {
  const { backend } = provider
  const former = originsOf(backend, before.settings, before.credentials)
  const next = originsOf(backend, after.settings, after.credentials)
  const known = [
    ...provider.approvedOrigins.map(originOfUrl),
    // A row of an earlier release: the token endpoint was there before approvals were.
    ...(provider.tokenOrigin === null ? [former.token] : []),
  ]
  const isOperator = given.settings || given.credentials
  const approved = withoutRepeats([
    ...(isOperator ? known.filter((each) => Object.values(next).includes(each)) : known),
    ...(given.settings && next.settings !== former.settings ? [next.settings] : []),
    ...(given.credentials && next.token !== former.token ? [next.token] : []),
  ])
  const isMoved = former.settings !== next.settings || former.token !== next.token
  const until = isMoved ? new Date(now.getTime() + maxCallMs) : now
  return approvedFrom(provider, { ...next, approved }, now, until)
}

/**
 * After a registration was given anew whose row something other than Kontor had changed: what the
 * row says of approvals counts no longer. An operator approves the origins that he gives.
 */
export function restoredOrigins(
  provider: Provider,
  { settings, credentials }: Registration,
  isOperator: boolean,
  now: Date,
): Origins {
  const next = originsOf(provider.backend, settings, credentials)
  const approved = isOperator ? withoutRepeats(Object.values(next)) : []
  const until = new Date(now.getTime() + maxCallMs)
  return approvedFrom(provider, { ...next, approved }, now, until)
}

/** After an operator has approved `origins`, which the registration names. */
export function withApproved(provider: Provider, origins: readonly string[], now: Date): Origins {
  const { backend, settings, tokenOrigin, approvedOrigins } = provider
  const own = originOf(backend, settings)
  const named = namedOrigins(provider)
  const known = approvedOrigins.map(originOfUrl).filter((each) => named.includes(each))
  const approved = withoutRepeats([...known, ...origins])
  return approvedFrom(
    provider,
    { settings: own, token: tokenOrigin ?? undefined, approved },
    now,
    now,
  )
}

function approvedFrom(
  { unapprovedSince, unapprovedUntil }: Origins,
  next: { settings: string; token: string | undefined; approved: readonly string[] },
  now: Date,
  until: Date,
): Origins {
  const { settings, token, approved } = next
  const isOpen = [settings, token].some((each) => each !== undefined && !approved.includes(each))
  const wasOpen = unapprovedSince !== null && unapprovedUntil === null
  return {
    approvedOrigins: approved,
    tokenOrigin: token ?? null,
    // It stays the first time: a second move must not show what was recorded after the first.
    unapprovedSince: isOpen ? (unapprovedSince ?? now) : unapprovedSince,
    unapprovedUntil: isOpen ? null : wasOpen ? until : unapprovedUntil,
  }
}

/** The origins that the registration names: of its settings, and of its token endpoint. */
export function namedOrigins({ backend, settings, tokenOrigin }: Provider): string[] {
  return withoutRepeats([originOf(backend, settings), tokenOrigin ?? undefined])
}

/** Those that no operator has approved. */
export function unapprovedOrigins(provider: Provider): string[] {
  const approved = provider.approvedOrigins.map(originOfUrl)
  return namedOrigins(provider).filter((origin) => !approved.includes(origin))
}

/** Whether Kontor reads only the catalog: it sends nothing else to an origin without approval. */
export function isHeld(provider: Provider): boolean {
  return unapprovedOrigins(provider).length > 0
}

/** Why an order or a question is not sent to a held provider. */
export function heldSentence(label: string): string {
  return `${label} has a new address, which waits for the approval of an operator of Kontor.`
}

/**
 * Whether the reason of a failure is hidden: from the role provider, while an origin is not
 * approved, and later what was recorded in that time. Operators and auditors see everything.
 * @param recordedAt  when it was recorded; absent: now
 */
export function isReasonHidden(scope: AccessScope, provider: Provider, recordedAt?: Date): boolean {
  if (scope === 'all') return false
  const { unapprovedSince: since, unapprovedUntil: until } = provider
  const isOpen = isHeld(provider)
  // A process of an earlier release writes no time.
  if (recordedAt === undefined || since === null) return isOpen
  return recordedAt >= since && (isOpen || until === null || recordedAt <= until)
}

export function originOfUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

function withoutRepeats(origins: ReadonlyArray<string | undefined>): string[] {
  return [...new Set(origins)].filter((origin) => origin !== undefined)
}
