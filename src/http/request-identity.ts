import type { FastifyReply, FastifyRequest } from 'fastify'

const name = 'x-broker-api-request-identity'

/**
 * The client's own id of a request, with which it finds the request in logs; undefined without one.
 */
export function requestIdentityOf({ headers }: FastifyRequest): string | undefined {
  const sent = [headers[name] ?? ''].flat().join(', ')
  return sent === '' ? undefined : sent
}

/** Echoes X-Broker-API-Request-Identity on a response. */
export function echoRequestIdentity(request: FastifyRequest, reply: FastifyReply): void {
  const identity = requestIdentityOf(request)
  if (identity !== undefined) reply.header(name, identity)
}
