import type { FastifyInstance } from 'fastify'
import { approveOrigins } from '../../administration/approve-origins.ts'
import { decideCatalog } from '../../administration/decide-catalog.ts'
import { changeProvider } from '../../administration/change-provider.ts'
import { refreshProvider } from '../../administration/refresh-provider.ts'
import { registerProvider } from '../../administration/register-provider.ts'
import { removeProvider } from '../../administration/remove-provider.ts'
import { describeProvider, describeProviders } from '../../catalog/describe-providers.ts'
import type { RefreshDeps } from '../../catalog/refresh.ts'
import type { ApproveOrigins, CreateProvider, UpdateProvider } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { describe } from './describe.ts'

interface ById {
  id: string
}

interface BySeen {
  digest?: string
}

/** Providers: registered with their back end, changed, read and removed. */
export async function providerRoutes(app: FastifyInstance, deps: RefreshDeps): Promise<void> {
  app.post<{ Body: CreateProvider }>('/providers', describe.register, async (request, reply) => {
    const provider = await registerProvider(deps, callerOf(request), request.body)
    return reply.code(201).header('location', `/api/providers/${provider.id}`).send(provider)
  })

  app.get('/providers', describe.list, async (request) => ({
    items: await describeProviders(deps.db, accessScopeOf(request)),
  }))

  app.get<{ Params: ById }>('/providers/:id', describe.read, async (request) =>
    describeProvider(deps.db, accessScopeOf(request), request.params.id),
  )

  app.patch<{ Params: ById; Body: UpdateProvider }>(
    '/providers/:id',
    describe.change,
    async (request) => changeProvider(deps, callerOf(request), request.params.id, request.body),
  )

  app.delete<{ Params: ById; Querystring: { drain?: 'true' | 'false' } }>(
    '/providers/:id',
    describe.remove,
    async (request, reply) => {
      const { params, query } = request
      const isDrain = query.drain === 'true'
      const draining = await removeProvider(deps, callerOf(request), params.id, isDrain)
      return draining === undefined ? reply.code(204).send() : reply.code(202).send(draining)
    },
  )

  app.post<{ Params: ById; Body: ApproveOrigins }>(
    '/providers/:id/approve-origins',
    describe.approveOrigins,
    async (request) => approveOrigins(deps, callerOf(request), request.params.id, request.body),
  )

  app.post<{ Params: ById }>('/providers/:id/refresh', describe.refresh, async (request) =>
    refreshProvider(deps, callerOf(request), request.params.id),
  )

  app.post<{ Params: ById; Querystring: BySeen }>(
    '/providers/:id/catalog/confirm',
    describe.confirmCatalog,
    async (request) =>
      decideCatalog(deps, callerOf(request), request.params.id, 'confirmed', request.query.digest),
  )

  app.post<{ Params: ById; Querystring: BySeen }>(
    '/providers/:id/catalog/reject',
    describe.rejectCatalog,
    async (request) =>
      decideCatalog(deps, callerOf(request), request.params.id, 'rejected', request.query.digest),
  )
}
