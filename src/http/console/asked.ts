import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Language } from './language.ts'
import type { Texts } from './texts/texts.ts'

export interface PageDeps {
  /** Where readers send feedback: an e-mail address or an https URL; undefined if none is set. */
  readonly contact: string | undefined
  /** Whether people reach the console over TLS. */
  readonly isSecure: boolean
}

/** Who may ask for a page. */
export type PagePermission = 'public'

/** A request for a page. */
export interface Asked {
  readonly deps: PageDeps
  readonly request: FastifyRequest
  /** For cookies and headers; the answer itself is returned. */
  readonly reply: FastifyReply
  readonly language: Language
  readonly texts: Texts
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

/** One page or the target of one form: authorise, one verb, one template. */
export interface Page {
  readonly permission: PagePermission
  readonly answer: (asked: Asked) => PageAnswer | Promise<PageAnswer>
}
