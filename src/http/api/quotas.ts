import type { FastifyInstance } from 'fastify'
import {
  describeQuota as describeOne,
  describeQuotas,
} from '../../access/quotas/describe-quotas.ts'
import { removeQuota, setQuota, type QuotaDeps } from '../../access/quotas/set-quota.ts'
import type { SetQuota } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { describeQuota as describe } from './describe-access.ts'
import { pageOf, type Paging } from './paging.ts'

interface ById {
  id: string
}
interface Filters extends Paging {
  organisation?: string
  provider?: string
}

/** Quotas: the maximum number of instances. */
export async function quotaRoutes(app: FastifyInstance, deps: QuotaDeps): Promise<void> {
  app.put<{ Body: SetQuota }>('/quotas', describe.set, async (request, reply) => {
    const { id, isNew } = await setQuota(deps, callerOf(request), request.body)
    return reply
      .code(isNew ? 201 : 200)
      .header('location', `/api/quotas/${id}`)
      .send(await describeOne(deps, accessScopeOf(request), id))
  })

  app.get<{ Querystring: Filters }>('/quotas', describe.list, async (request) => {
    const { limit, cursor, ...asked } = request.query
    const page = pageOf({ limit, cursor })
    return describeQuotas(
      deps,
      accessScopeOf(request),
      { ...asked, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/quotas/:id', describe.read, async (request) =>
    describeOne(deps, accessScopeOf(request), request.params.id),
  )

  app.delete<{ Params: ById }>('/quotas/:id', describe.remove, async (request, reply) => {
    await removeQuota(deps, callerOf(request), request.params.id)
    return reply.code(204).send()
  })
}
