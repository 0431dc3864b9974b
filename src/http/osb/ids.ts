import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../../errors.ts'
import { validateId, validateText } from '../../storable.ts'

/**
 * Ids in the address are stored as sent, whatever characters they have; those that cannot be stored
 * get 400.
 */
export function checkIds(app: FastifyInstance): void {
  app.addHook('preValidation', (request, _reply, done) => {
    // Routes of this scope have named parameters only.
    refuse(request.params as Record<string, string>, validateId)
    refuse(request.query as Record<string, string | string[]>, (value, name) =>
      validateText(String(value), `The query parameter ${name}`),
    )
    done()
  })
}

function refuse<Value>(
  values: Readonly<Record<string, Value>>,
  validate: (value: Value, name: string) => string | undefined,
): void {
  for (const [name, value] of Object.entries(values)) {
    const validationError = validate(value, name)
    if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
  }
}
