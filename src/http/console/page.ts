import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Asked, Page, PageAnswer, PageDeps } from './asked.ts'
import { languageOf } from './language.ts'
import { layout } from './layout.ts'
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
      handler: async (request, reply) => {
        const language = languageOf(request)
        const asked = { deps, request, reply, language, texts: textsOf(language) }
        return sendPage(asked, await page.answer(asked))
      },
    })
  }
}

export function sendPage(asked: Asked, answer: PageAnswer): FastifyReply {
  const { reply } = asked
  // A cache between must not send one reader the page of another language.
  void reply.header('vary', 'accept-language, cookie')
  if ('redirect' in answer) return reply.redirect(answer.redirect, 303)
  return reply
    .code(answer.status ?? 200)
    .type('text/html; charset=utf-8')
    .send(layout(asked, answer))
}
