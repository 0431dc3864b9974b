import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../errors.ts'
import { coded, type Log } from '../log.ts'
import { toBrokerError } from './errors.ts'
import type { FailedSignIns } from './limits/failed-sign-ins.ts'
import type { Scope } from './scope.ts'

export interface ErrorDeps {
  readonly log: Log
  readonly failedSignIns: FailedSignIns
}

/** Answers each error of a scope as that scope renders errors. */
export function handleErrors(
  app: FastifyInstance,
  scope: Scope,
  { log, ...deps }: ErrorDeps,
): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const known = toBrokerError(error)
    // A client can do nothing about these, so the log has to tell an operator the cause.
    if (known.code === 'internal' || known.code === 'unavailable') {
      log.error(
        { method: request.method, route: request.routeOptions.url, error: coded(error) },
        'request failed',
      )
    }
    return sendError(scope, known, request, reply, deps)
  })
}

export function answerUnknownPaths(app: FastifyInstance, scope: Scope): void {
  app.setNotFoundHandler((request, reply) =>
    scope.sendError(
      new BrokerError('not_found', 'There is nothing at this address.'),
      request,
      reply,
    ),
  )
}

export function sendError(
  scope: Scope,
  error: BrokerError,
  request: FastifyRequest,
  reply: FastifyReply,
  { failedSignIns }: Pick<ErrorDeps, 'failedSignIns'>,
): FastifyReply {
  const answer =
    error.code === 'unauthorized' ? limited(scope, error, request, reply, failedSignIns) : error
  const { retryAfterSeconds } = answer.details
  if (retryAfterSeconds !== undefined)
    reply.header('retry-after', String(Math.ceil(retryAfterSeconds)))
  return scope.sendError(answer, request, reply)
}

const bearerScheme = /^bearer(?: |$)/i

/**
 * Turns a failed sign-in that is one too many into 429. A client with a token still gets 401 and
 * the challenge: they make it fetch another token (RFC 6750, 3.1), which only the client itself can
 * do.
 */
function limited(
  { acceptsCertificates }: Scope,
  error: BrokerError,
  request: FastifyRequest,
  reply: FastifyReply,
  failedSignIns: FailedSignIns,
): BrokerError {
  const isNoGuess = error.details.isNoGuess === true
  const retryAfterSeconds = failedSignIns.count(request, { isNoGuess, acceptsCertificates })
  if (retryAfterSeconds === 0) return error
  if (bearerScheme.test(request.headers.authorization ?? ''))
    return new BrokerError('unauthorized', error.message, { retryAfterSeconds })
  reply.removeHeader('www-authenticate')
  return new BrokerError(
    'rate_limited',
    'Too many sign-ins have failed. Right credentials are let in at any time; do not try ' +
      'wrong ones again.',
    { retryAfterSeconds },
  )
}
