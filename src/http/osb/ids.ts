import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../../errors.ts'
import { objectionToText } from '../parse-json.ts'

// Postgres indexes no more than about 2,700 bytes, and an id stands in an index beside others.
const mostBytes = 1_000

/** Ids in the address are kept as sent, whatever they are made of; what cannot be kept is refused. */
export function checkIds (app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    // A route of this scope has named parameters only.
    for (const [name, id] of Object.entries(request.params as Record<string, string>)) {
      const objection = objectionToText(id, name) ?? (Buffer.byteLength(id) > mostBytes ? `${name} is longer than ${mostBytes} bytes.` : undefined)
      if (objection !== undefined) throw new BrokerError('invalid_request', objection)
    }
    for (const [name, value] of Object.entries(request.query as Record<string, string | string[]>)) {
      const objection = objectionToText(String(value), `The query parameter ${name}`)
      if (objection !== undefined) throw new BrokerError('invalid_request', objection)
    }
  })
}
