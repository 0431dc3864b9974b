import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../errors.ts'
import { setHeaders } from './admit.ts'
import { sendError } from './error-handler.ts'
import { toBrokerError } from './errors.ts'
import type { FailedSignIns } from './limits/failed-sign-ins.ts'
import { scopeOfUrl, type Scope } from './scope.ts'

/**
 * Answers requests that the router itself refuses, for which no hook runs, as their scope answers
 * unknown paths: without valid credentials a client learns nothing about the address.
 */
export function answerRouterErrors(
  scopes: readonly Scope[],
  deps: { readonly failedSignIns: FailedSignIns },
) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const scope = scopeOfUrl(scopes, request.url)
    setHeaders(scope, request, reply)
    const send = (refusal: unknown) => {
      sendError(scope, toBrokerError(refusal), request, reply, deps)
    }
    const sendRouterError = () => {
      send(
        error.statusCode === 500
          ? error
          : new BrokerError(
              'invalid_request',
              'The address is not valid: its percent-encoding cannot be read.',
            ),
      )
    }
    try {
      const waiting = scope.authenticate(request, reply, scope.unknownPathPermission)
      if (waiting === undefined) sendRouterError()
      else waiting.then(sendRouterError, send)
    } catch (refusal) {
      send(refusal)
    }
  }
}
