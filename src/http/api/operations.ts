import type { FastifyInstance } from 'fastify'
import { abandonOperation } from '../../operations/operator/abandon.ts'
import type { OperatorDeps } from '../../operations/operator/context.ts'
import { describeOperation, listOperations } from '../../operations/operator/read.ts'
import { retryOperation } from '../../operations/operator/retry.ts'
import { resolveManually } from '../../operations/operator/resolve-manually.ts'
import type { SettleOperation, OperatorReason } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { describeOperations as describe } from './describe-operations.ts'
import { pageOf, type Paging } from './paging.ts'

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: NonNullable<Parameters<typeof listOperations>[2]['state']>
  kind?: string
  provider?: string
  platform?: string
  instanceId?: string
}

/** Operations of all platforms, and the actions of an operator on those that need a decision. */
export async function operationRoutes(app: FastifyInstance, deps: OperatorDeps): Promise<void> {
  app.get<{ Querystring: Filters }>('/operations', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listOperations(
      deps,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/operations/:id', describe.read, async (request) =>
    describeOperation(deps, accessScopeOf(request), request.params.id),
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/operations/:id/retry',
    describe.retry,
    async (request) => {
      const { params, body } = request
      await retryOperation(deps, callerOf(request), params.id, body.reason)
      return describeOperation(deps, accessScopeOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: SettleOperation }>(
    '/operations/:id/settle',
    describe.settle,
    async (request) => {
      const { params, body } = request
      await resolveManually(deps, callerOf(request), params.id, body.outcome, body.reason)
      return describeOperation(deps, accessScopeOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/operations/:id/abandon',
    describe.abandon,
    async (request) => {
      const { params, body } = request
      await abandonOperation(deps, callerOf(request), params.id, body.reason)
      return describeOperation(deps, accessScopeOf(request), params.id)
    },
  )
}
