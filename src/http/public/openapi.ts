import type { FastifyInstance, FastifyReply, preHandlerHookHandler } from 'fastify'
import { anyRequest, overloaded, tooMany } from './responses.ts'

export interface OpenapiDocument {
  send(reply: FastifyReply): FastifyReply
  /** Sends the document where /docs has it, instead of rendering it for each request. */
  readonly sendInDocs: preHandlerHookHandler
}

/**
 * The document as bytes that are rendered once: it is a quarter of a megabyte, and everybody may
 * ask for it.
 */
export function openapiDocument(app: FastifyInstance): OpenapiDocument {
  let json: Buffer | undefined
  let yaml: Buffer | undefined
  const send = (reply: FastifyReply) =>
    reply
      .type('application/json; charset=utf-8')
      .send((json ??= Buffer.from(JSON.stringify(app.swagger()))))
  return {
    send,
    sendInDocs(request, reply, done) {
      const { url } = request.routeOptions
      if (url === '/docs/json') void send(reply)
      else if (url === '/docs/yaml')
        void reply
          .type('application/x-yaml')
          .send((yaml ??= Buffer.from(app.swagger({ yaml: true }))))
      else done()
    },
  }
}

export function openapiRoute(app: FastifyInstance, document: OpenapiDocument): void {
  const schema = {
    operationId: 'getOpenapi',
    summary: 'Get this document',
    tags: ['Health'],
    response: {
      200: { description: 'OpenAPI 3.1.', type: 'object' },
      ...tooMany,
      ...overloaded,
      ...anyRequest,
    },
  }
  app.get('/openapi.json', { schema }, (_request, reply) => document.send(reply))
}
