import type { FastifyInstance } from 'fastify'
import { abandonOperation } from '../../operations/operator/abandon.ts'
import type { OperatorDeps } from '../../operations/operator/context.ts'
import { describeOperation, listOperations } from '../../operations/operator/look.ts'
import { retryOperation } from '../../operations/operator/retry.ts'
import { settleByHand } from '../../operations/operator/settle-by-hand.ts'
import type { OperationSettlement, OperatorReason } from '../../types.gen.ts'
import { actorOf, reachOf } from '../auth/permit.ts'
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

/** Operations of all platforms, and what an operator may do to those that do not end by themselves. */
export async function operationRoutes(app: FastifyInstance, deps: OperatorDeps): Promise<void> {
  app.get<{ Querystring: Filters }>('/operations', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listOperations(deps, reachOf(request), { ...filter, before: page.before }, page.limit)
  })

  app.get<{ Params: ById }>('/operations/:id', describe.read, async (request) =>
    describeOperation(deps, reachOf(request), request.params.id),
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/operations/:id/retry',
    describe.retry,
    async (request) => {
      const { params, body } = request
      await retryOperation(deps, reachOf(request), actorOf(request), params.id, body.reason)
      return describeOperation(deps, reachOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: OperationSettlement }>(
    '/operations/:id/settle',
    describe.settle,
    async (request) => {
      const { params, body } = request
      await settleByHand(
        deps,
        reachOf(request),
        actorOf(request),
        params.id,
        body.outcome,
        body.reason,
      )
      return describeOperation(deps, reachOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/operations/:id/abandon',
    describe.abandon,
    async (request) => {
      const { params, body } = request
      await abandonOperation(deps, reachOf(request), actorOf(request), params.id, body.reason)
      return describeOperation(deps, reachOf(request), params.id)
    },
  )
}
