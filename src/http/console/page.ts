import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import { validateText } from '../../storable.ts'
import type { FollowedState } from '../../orders/live/followed.ts'
import { callerOf } from '../auth/caller.ts'
import { eventText } from '../streams/event-text.ts'
import type { Asked, Page, PageAnswer, PageDeps } from './asked.ts'
import { checkForm } from './forms.ts'
import { languageOf } from './language.ts'
import { layout } from './layout.ts'
import { sessionOf } from './sessions.ts'
import { textsOf } from './texts/texts.ts'

/** Adds a route for each page. @param pages  by `METHOD /path` */
export function pageRoutes(
  app: FastifyInstance,
  pages: Readonly<Record<string, Page>>,
  deps: PageDeps,
): void {
  for (const [key, page] of Object.entries(pages)) {
    const [method = '', url = ''] = key.split(' ')
    app.route({
      method,
      url,
      // The pages are no part of openapi.yaml.
      schema: { hide: true },
      ...(page.isStream === true ? { exposeHeadRoute: false, config: { isStream: true } } : {}),
      handler: async (request, reply) => {
        const asked = askedOf(deps, request, reply)
        checkAddress(request)
        if (method !== 'GET') checkForm(asked)
        if (page.isStream === true) deps.streams.assertRoom(request)
        return sendPage(asked, await page.answer(asked))
      },
    })
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Under an address that no store can look up there is nothing: `:id` and `:...Id` are our own ids.
 * What it does not refuse may go into a query.
 */
function checkAddress({ params, query }: FastifyRequest): void {
  const isWrong = ([name, value]: [string, unknown]) =>
    validateText(String(value), 'It') !== undefined ||
    (/(?:^i|I)d$/.test(name) && !uuid.test(String(value)))
  if (Object.entries(params as Record<string, unknown>).some(isWrong))
    throw new BrokerError('not_found', 'There is nothing at this address.')
  for (const value of Object.values(query as Record<string, unknown>))
    if (validateText(String(value), 'It') !== undefined)
      throw new BrokerError('invalid_request', 'The address holds text that cannot be stored.')
}

/** What a page knows of a request, whether its route was found or not. */
export function askedOf(deps: PageDeps, request: FastifyRequest, reply: FastifyReply): Asked {
  const language = languageOf(request)
  const { principal } = request
  const signedIn =
    principal?.kind === 'person' && principal.signedIn !== undefined
      ? { ...principal.signedIn, caller: callerOf(request) }
      : undefined
  const session = sessionOf(request)
  return { deps, request, reply, language, texts: textsOf(language), signedIn, session }
}

/** A page that is followed asks for itself again then, so that it shows what its reader may see. */
function changeText({ version }: FollowedState): string {
  return eventText('change', '{}', version)
}

export function sendPage(asked: Asked, answer: PageAnswer): FastifyReply {
  const { reply } = asked
  // A cache between must not send one reader the page of another language.
  void reply.header('vary', 'accept-language, cookie')
  if ('redirect' in answer) return reply.redirect(answer.redirect, 303)
  if ('followed' in answer)
    return asked.deps.streams.answer(asked.request, reply, answer.followed, changeText)
  if ('file' in answer)
    return reply
      .type(answer.type)
      .header('content-disposition', `attachment; filename="${answer.name}"`)
      .send(answer.file)
  return reply
    .code(answer.status ?? 200)
    .type('text/html; charset=utf-8')
    .send(layout(asked, answer))
}
