import type { FastifyInstance } from 'fastify'
import { retirePlatform } from '../../administration/retire-platform.ts'
import { changePlatform } from '../../tenancy/platforms/change.ts'
import { describePlatform, listPlatforms } from '../../tenancy/platforms/read.ts'
import { registerPlatform } from '../../tenancy/platforms/register.ts'
import { setPlatformState } from '../../tenancy/platforms/set-state.ts'
import type { OperatorReason, UpdatePlatform, CreatePlatform } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { callerOf } from '../auth/caller.ts'
import { describePlatforms as describe } from './describe-tenants.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { pageOf, type Paging } from './paging.ts'

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: string
  kind?: string
  organisation?: string
}

/** Platforms, which order for organisations. */
export async function platformRoutes(app: FastifyInstance, deps: TenancyDeps): Promise<void> {
  app.post<{ Body: CreatePlatform }>('/platforms', describe.create, async (request, reply) => {
    const id = await registerPlatform(deps, callerOf(request), request.body)
    return reply
      .code(201)
      .header('location', `/api/platforms/${id}`)
      .send(await describePlatform(deps.db, accessScopeOf(request), id))
  })

  app.get<{ Querystring: Filters }>('/platforms', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listPlatforms(
      deps.db,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/platforms/:id', describe.read, async (request) =>
    describePlatform(deps.db, accessScopeOf(request), request.params.id),
  )

  app.patch<{ Params: ById; Body: UpdatePlatform }>(
    '/platforms/:id',
    describe.change,
    async (request) => {
      const { id } = request.params
      await changePlatform(deps, callerOf(request), id, request.body)
      return describePlatform(deps.db, accessScopeOf(request), id)
    },
  )

  const verbs = {
    suspend: (caller: Caller, id: string, reason: string) =>
      setPlatformState(deps, caller, id, 'suspended', reason),
    resume: (caller: Caller, id: string, reason: string) =>
      setPlatformState(deps, caller, id, 'active', reason),
    retire: (caller: Caller, id: string, reason: string) =>
      retirePlatform(deps, caller, id, reason),
  }
  for (const verb of ['suspend', 'resume', 'retire'] as const) {
    app.post<{ Params: ById; Body: OperatorReason }>(
      `/platforms/:id/${verb}`,
      describe[verb],
      async (request) => {
        const { id } = request.params
        await verbs[verb](callerOf(request), id, request.body.reason)
        return describePlatform(deps.db, accessScopeOf(request), id)
      },
    )
  }
}
