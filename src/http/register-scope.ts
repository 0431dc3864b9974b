import type { FastifyInstance } from 'fastify'
import type { RefusalDeps } from '../audit/refusal.ts'
import type { Log } from '../log.ts'
import { authorize } from './auth/authorize.ts'
import { recordRefusals } from './auth/record-refusals.ts'
import { answerUnknownPaths, handleErrors } from './error-handler.ts'
import { limitRequests, type RequestLimits } from './limits/request-limits.ts'
import type { FailedSignIns } from './limits/failed-sign-ins.ts'
import type { Scope } from './scope.ts'

export interface RegisterScopeDeps extends RefusalDeps {
  readonly log: Log
  readonly failedSignIns: FailedSignIns
  readonly requestLimits: RequestLimits
}

/**
 * Registers a scope with its hooks, in this order: headers, authentication and authorization,
 * limits, then those of its routes.
 * @param answersUnknownPaths  whether it answers the paths below its prefix that lead nowhere
 */
export async function registerScope(
  app: FastifyInstance,
  scope: Scope,
  deps: RegisterScopeDeps,
  answersUnknownPaths: boolean,
): Promise<void> {
  await app.register(
    async (scoped) => {
      handleErrors(scoped, scope, deps)
      if (answersUnknownPaths) answerUnknownPaths(scoped, scope)
      // Hooks of every request are not async: each promise on the way costs some microseconds.
      scoped.addHook('onRequest', (request, reply, done) => {
        scope.setHeaders(request, reply)
        done()
      })
      authorize(scoped, scope)
      recordRefusals(scoped, deps)
      limitRequests(scoped, scope, deps.requestLimits)
      // In a scope of their own: hooks that routes add must not run for unknown paths.
      await scoped.register(async (routes) => scope.addRoutes(routes))
    },
    scope.prefix === '' ? {} : { prefix: scope.prefix },
  )
}
