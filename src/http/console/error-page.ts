import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import type { BrokerError } from '../../errors.ts'
import { sendProblem, statusOf } from '../problems.ts'
import type { PageDeps } from './asked.ts'
import { askedOf, sendPage } from './page.ts'

/**
 * An error as a page. Programs that ask for an address of no scope land here, too: without
 * `text/html` in Accept they get problem details.
 */
export function sendErrorPage(
  deps: PageDeps,
  error: BrokerError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (!/\btext\/html\b/i.test(request.headers.accept ?? ''))
    return sendProblem(error, request, reply)
  const asked = askedOf(deps, request, reply)
  if (error.code === 'unauthorized' && request.method === 'GET')
    return sendPage(asked, { redirect: `/sign-in?return=${encodeURIComponent(request.url)}` })
  const { errors } = asked.texts
  const status = statusOf(error.code)
  const { title, text } =
    error.code === 'unauthorized'
      ? errors.signedOut
      : isNamed(status)
        ? errors[status]
        : errors.other
  // The sentence of an error on our side says no more than the page.
  const detail = status < 500 && status !== 404 ? error.message : undefined
  return sendPage(asked, {
    title,
    status,
    body: html`<h1 class="kern-heading-x-large">${title}</h1>
      <p class="kern-body">${text}</p>
      !${
        detail === undefined
          ? ''
          : html`<p class="kern-body">${errors.detail} <q lang="en">${detail}</q></p>`
      }
      <p class="kern-body"><a class="kern-link" href="/">${errors.back}</a></p>`,
  })
}

function isNamed(status: number): status is 400 | 403 | 404 | 429 | 500 | 503 {
  return [400, 403, 404, 429, 500, 503].includes(status)
}
