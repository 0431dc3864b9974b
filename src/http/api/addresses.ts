import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../../errors.ts'
import { validateText } from '../../storable.ts'

/**
 * Refuses what the database cannot even be asked for: a filter with it is not valid (400), and nothing that is addressed
 * with it can exist (404). After the route's own schema, which says more.
 */
export function checkAddresses(app: FastifyInstance): void {
  app.addHook('preHandler', (request, _reply, done) => {
    for (const value of Object.values(request.params as Record<string, string>)) {
      if (validateText(value, 'It') !== undefined)
        throw new BrokerError('not_found', 'There is nothing at this address.')
    }
    for (const [name, value] of Object.entries(
      request.query as Record<string, string | string[]>,
    )) {
      const validationError = validateText(String(value), `The query parameter ${name}`)
      if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
    }
    done()
  })
}
