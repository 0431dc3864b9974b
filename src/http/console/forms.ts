import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { html } from 'ghtml'
import { BrokerError } from '../../errors.ts'
import type { OpenSession } from '../../people/sessions/find.ts'
import { isUuid, newId } from '../../ids.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import type { Asked } from './asked.ts'
import { originOf } from './origin.ts'

/** What a form has sent: a field that stands there several times has all of its values. */
export type Form = Readonly<Record<string, string | readonly string[] | undefined>>

const field = '_token'
const keyField = '_id'

/** The hidden field that every form with method POST needs, inside of the form. */
export function tokenPart({ session }: Asked): string {
  const token = session === undefined ? '' : tokenOf(session)
  return html`<input type="hidden" name="${field}" value="${token}" />`
}

/** The hidden field with the id of what a form creates: sent twice, the form creates it once. */
export function keyPart({ session, deps }: Asked): string {
  const id = newId(deps.now())
  const key = session === undefined ? id : `${id}.${macOf(session, `id ${id}`)}`
  return html`<input type="hidden" name="${keyField}" value="${key}" />`
}

/**
 * The id of `keyPart` in a form that was sent.
 * @throws BrokerError `forbidden` for one that Kontor has not made for this session
 */
export function keyOf(asked: Asked): string {
  const { session } = asked
  const [id = '', mac = ''] = textOf(formOf(asked), keyField).split('.')
  if (session === undefined || !isUuid(id) || !isSame(mac, macOf(session, `id ${id}`)))
    throw notOurs()
  return id
}

/**
 * The same, but another one for another body: who goes back, changes the form and sends it again
 * wants another thing, and not what the first one has made.
 * @throws BrokerError `forbidden` as `keyOf`
 */
export function keyFor(asked: Asked, body: unknown): string {
  const id = keyOf(asked)
  const hex = createHash('sha256')
    .update(`${id} ${canonicalJson(body)}`)
    .digest('hex')
  // It begins with the time, as all ids by which lists are sorted.
  return `${id.slice(0, 20)}${hex.slice(0, 3)}-${hex.slice(3, 15)}`
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
  if (!isOurs || (session !== undefined && !hasToken(session, formOf(asked)))) throw notOurs()
}

function notOurs(): BrokerError {
  return new BrokerError(
    'forbidden',
    'This form was not sent by a page of your session. Open the page again and repeat it.',
  )
}

function hasToken(session: OpenSession, form: Form): boolean {
  return isSame(textOf(form, field), tokenOf(session))
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const tokenOf = (session: OpenSession): string => macOf(session, 'form')

function macOf({ secret }: OpenSession, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}
