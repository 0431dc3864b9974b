import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../tenancy/caller.ts'
import { requestIdentityHeader } from '../admit.ts'

const maxRequestId = 200

/**
 * The person or machine that sent a request to the management API. `requestId` is what the client
 * sent as `X-Broker-API-Request-Identity`, so that it finds its own request in our log; without
 * that header it is Fastify's request id, which is unique within one process only.
 */
export function callerOf(request: FastifyRequest): Caller {
  const { principal, id, headers } = request
  if (principal?.kind !== 'person') throw new Error('This route is for platforms.')
  return {
    actor: principal.actor,
    scope: principal.scope,
    requestId: headers[requestIdentityHeader]?.toString().slice(0, maxRequestId) || id,
  }
}
