import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../errors.ts'
import { validateValue } from '../storable.ts'

// Each value costs time at several steps of an order and blocks the event loop; no real order has a
// thousand.
const maxValues = 50_000

/**
 * Parses every body as JSON. OSB 2.17 allows a body without Content-Type; one with another type
 * gets 400, not 415.
 */
export function parseAnyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (
      type !== undefined &&
      type !== '' &&
      type !== 'application/json' &&
      !type.endsWith('+json')
    ) {
      done(new BrokerError('invalid_request', 'Content-Type must be application/json.'))
      return
    }
    // A DELETE may carry Content-Type and no body.
    if (body.length === 0) {
      done(null, undefined)
      return
    }
    if (!isUtf8(body)) {
      done(new BrokerError('invalid_request', 'The request body is not UTF-8.'))
      return
    }
    void parse(request, body.toString(), (error, value: unknown) => {
      const validationError =
        error === null ? validateValue(value, 'The request body', { left: maxValues }) : undefined
      done(
        validationError === undefined ? error : new BrokerError('invalid_request', validationError),
        value,
      )
    })
  })
}
