import type { FastifyInstance } from 'fastify'
import type { RefusalDeps } from '../audit/refusal.ts'
import type { Log } from '../log.ts'
import { admitRequests } from './admit.ts'
import { recordRefusals } from './auth/record-refusals.ts'
import { answerUnknownPaths, handleErrors } from './error-handler.ts'
import type { RequestLimits } from './limits/request-limits.ts'
import type { FailedSignIns } from './limits/failed-sign-ins.ts'
import type { Scope } from './scope.ts'

export interface RegisterScopeDeps extends RefusalDeps {
  readonly log: Log
  readonly failedSignIns: FailedSignIns
  readonly requestLimits: RequestLimits
}

/**
 * Registers a scope: its errors, the hook that admits its requests, and its routes.
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
      admitRequests(scoped, scope, deps.requestLimits)
      recordRefusals(scoped, deps)
      // In a scope of their own: hooks that routes add must not run for unknown paths.
      await scoped.register(async (routes) => scope.addRoutes(routes))
    },
    scope.prefix === '' ? {} : { prefix: scope.prefix },
  )
}
