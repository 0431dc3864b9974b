import { createHmac, timingSafeEqual } from 'node:crypto'
import { html } from 'ghtml'
import { BrokerError } from '../../errors.ts'
import type { OpenSession } from '../../people/sessions/find.ts'
import type { Asked } from './asked.ts'
import { originOf } from './origin.ts'

/** What a form has sent: a field that stands there several times has all of its values. */
export type Form = Readonly<Record<string, string | readonly string[] | undefined>>

const field = '_token'

/** The hidden field that every form with method POST needs, inside of the form. */
export function tokenPart({ session }: Asked): string {
  const token = session === undefined ? '' : tokenOf(session)
  return html`<input type="hidden" name="${field}" value="${token}" />`
}

/** The form that a request has sent; empty for another body. */
export function formOf({ request }: Asked): Form {
  return request.body !== null && typeof request.body === 'object' ? (request.body as Form) : {}
}

/** The value of a field of a form, without spaces around it; the first of several. */
export function textOf(form: Form, name: string): string {
  const value = form[name]
  return (typeof value === 'string' ? value : (value?.[0] ?? '')).trim()
}

/**
 * Refuses a form that a page of another site may have sent.
 * @throws BrokerError `forbidden`
 */
export function checkForm(asked: Asked): void {
  const { request, deps, session } = asked
  const { 'sec-fetch-site': site, origin } = request.headers
  // Browsers send the first over TLS and on this machine, the second always.
  const isOurs =
    site === undefined ? origin === originOf(request, deps.publicUrl) : site === 'same-origin'
  if (!isOurs || (session !== undefined && !hasToken(session, formOf(asked))))
    throw new BrokerError(
      'forbidden',
      'This form was not sent by a page of your session. Open the page again and repeat it.',
    )
}

function hasToken(session: OpenSession, form: Form): boolean {
  const [given, right] = [Buffer.from(textOf(form, field)), Buffer.from(tokenOf(session))]
  return given.length === right.length && timingSafeEqual(given, right)
}

function tokenOf({ secret }: OpenSession): string {
  return createHmac('sha256', secret).update('form').digest('base64url')
}
