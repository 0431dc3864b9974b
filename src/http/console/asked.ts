import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import type { DescribeDeps } from '../../bindings/describe.ts'
import type { Log } from '../../log.ts'
import type { MarketplaceDeps } from '../../marketplace/deps.ts'
import type { SignInFlows } from '../../oidc/sign-in/sign-in-flows.ts'
import type { Tokens } from '../../oidc/tokens.ts'
import type { Followed } from '../../orders/live/followed.ts'
import type { TimelineDeps } from '../../orders/timeline.ts'
import type { PeopleDeps } from '../../people/find-or-create.ts'
import type { SignedIn } from '../../people/person.ts'
import type { OpenSession } from '../../people/sessions/find.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { Role } from '../../tenancy/principal.ts'
import type { Vault } from '../../vault/vault.ts'
import type { PagePermission } from './permission.ts'
import type { SessionAuthenticationDeps } from './sessions.ts'
import type { Texts } from './texts/texts.ts'
import type { Language } from '../../types.gen.ts'
import type { Streams } from '../streams/streams.ts'

export interface PageDeps
  extends
    PeopleDeps,
    SessionAuthenticationDeps,
    MarketplaceDeps,
    TimelineDeps,
    Omit<DescribeDeps, 'people'> {
  readonly people: PeopleDeps['people'] &
    SessionAuthenticationDeps['people'] &
    TimelineDeps['people'] &
    DescribeDeps['people']
  readonly directory: Directory
  readonly log: Log
  /** Where readers send feedback: an e-mail address or an https URL; undefined if none is set. */
  readonly contact: string | undefined
  /** Whether people reach the console over TLS. */
  readonly isSecure: boolean
  /** Under which address people reach it; undefined: on this machine only. */
  readonly publicUrl: URL | undefined
  /** Undefined: Kontor is no client of any issuer, so that no person can sign in. */
  readonly signIns: SignInFlows | undefined
  readonly tokens: Pick<Tokens, 'keysOf'> | undefined
  readonly vault: Vault
  readonly streams: Pick<Streams, 'assertRoom' | 'answer'>
}

/** A request for a page. */
export interface Asked {
  readonly deps: PageDeps
  readonly request: FastifyRequest
  /** For cookies and headers; the answer itself is returned. */
  readonly reply: FastifyReply
  readonly language: Language
  readonly texts: Texts
  /** Undefined: the reader has not signed in, which only public pages have to expect. */
  readonly signedIn: SignedIn | undefined
  readonly session: OpenSession | undefined
}

/** What a page answers: HTML for the layout, or another page to go to (303). */
export type PageAnswer =
  | {
      readonly title: string
      /** HTML of ghtml's `html`. */
      readonly body: string
      /** 200 by default. */
      readonly status?: number
    }
  | { readonly redirect: string }
  /** What is followed by a stream of events; the page has `isStream`. */
  | { readonly followed: Followed }
  /** A file to be downloaded under this name. */
  | { readonly file: string | Readable; readonly type: string; readonly name: string }

/** One page or the target of one form: authorise, one verb, one template. */
export interface Page {
  readonly permission: PagePermission
  /** It answers with a stream of events. */
  readonly isStream?: boolean
  readonly answer: (asked: Asked) => PageAnswer | Promise<PageAnswer>
}

/** Whether the reader has one of these roles: for links and buttons, beside the permission. */
export function hasRole({ request: { principal } }: Asked, roles: readonly Role[]): boolean {
  return principal?.kind === 'person' && roles.some((role) => principal.roles.has(role))
}

/**
 * The person who asks for a page that is not public.
 * @throws Error on a public page, whose reader may be anybody
 */
export function readerOf({ signedIn }: Asked): SignedIn {
  if (signedIn === undefined) throw new Error('This page needs a permission other than "public".')
  return signedIn
}
