import type { FastifyInstance } from 'fastify'
import { forgetOrphan, removeOrphanNow, type DecideDeps } from '../../orphans/operator/decide.ts'
import { describeOrphan, listOrphans } from '../../orphans/operator/read.ts'
import type { OperatorReason } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { describeOrphans as describe } from './describe-operations.ts'
import { pageOf, type Paging } from './paging.ts'

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: string
  cause?: string
  provider?: string
}

/** What orders may have left at providers, and the decisions of an operator about it. */
export async function orphanRoutes(app: FastifyInstance, deps: DecideDeps): Promise<void> {
  app.get<{ Querystring: Filters }>('/orphans', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listOrphans(
      deps.db,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/orphans/:id', describe.read, async (request) =>
    describeOrphan(deps.db, accessScopeOf(request), request.params.id),
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/orphans/:id/remove',
    describe.remove,
    async (request) => {
      const { params, body } = request
      await removeOrphanNow(deps, callerOf(request), params.id, body.reason)
      return describeOrphan(deps.db, accessScopeOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/orphans/:id/forget',
    describe.forget,
    async (request) => {
      const { params, body } = request
      await forgetOrphan(deps, callerOf(request), params.id, body.reason)
      return describeOrphan(deps.db, accessScopeOf(request), params.id)
    },
  )
}
