import type { FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'

const ownNames: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Scheme and host under which people reach the console: the configured ones, or on this machine
 * those of the request.
 * @throws BrokerError `invalid_request` for a request from elsewhere without a configured address:
 *   its Host may be anything
 */
export function originOf(request: FastifyRequest, publicUrl: URL | undefined): string {
  if (publicUrl !== undefined) return publicUrl.origin
  const origin = `${request.protocol}://${request.host}`
  if (URL.canParse(origin) && ownNames.includes(new URL(origin).hostname)) return origin
  throw new BrokerError(
    'invalid_request',
    'This Kontor does not know under which address people reach it. Its operator must set ' +
      'KONTOR_PUBLIC_URL.',
  )
}
