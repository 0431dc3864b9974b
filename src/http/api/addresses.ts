import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../../errors.ts'
import { validateText } from '../../storable.ts'

/**
 * Refuses text that the database cannot store: in a filter it is not valid (400), and under such an
 * address nothing can exist (404). Runs after the route's own schema, which gives more precise
 * errors.
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
