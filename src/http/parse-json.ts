import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../errors.ts'

/**
 * Reads every body as JSON. OSB 2.17 lets a body come without Content-Type; one of another type is refused with 400,
 * not 415.
 */
export function parseAnyJson (app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (type !== undefined && type !== '' && type !== 'application/json' && !type.endsWith('+json')) {
      done(new BrokerError('invalid_request', 'Content-Type must be application/json.'))
      return
    }
    // A DELETE may carry Content-Type and no body.
    if (body === '') { done(null, undefined); return }
    void parse(request, body.toString(), done)
  })
}
