import type { FastifyInstance } from 'fastify'
import type { MappingKind } from '../../tenancy/mapping.ts'
import { mapScope, unmapScope, type NamedScope } from '../../tenancy/mappings/map.ts'
import { describeMapping, listMappings } from '../../tenancy/mappings/read.ts'
import type { SetMapping } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { describeMappings as describe } from './describe-platform-parts.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { pageOf, type Paging } from './paging.ts'

interface ById {
  id: string
}
interface ByScope extends ById {
  kind: MappingKind
  externalId: string
}
interface Filters extends Paging {
  kind?: string
  externalId?: string
}

/** Which organisations the Cloud Foundry organisations and namespaces of a platform order for. */
export async function mappingRoutes(app: FastifyInstance, deps: TenancyDeps): Promise<void> {
  app.get<{ Params: ById; Querystring: Filters }>(
    '/platforms/:id/mappings',
    describe.list,
    async (request) => {
      const { limit, cursor, ...filter } = request.query
      const page = pageOf({ limit, cursor })
      return listMappings(
        deps.db,
        accessScopeOf(request),
        request.params.id,
        { ...filter, before: page.before },
        page.limit,
      )
    },
  )

  app.put<{ Params: ByScope; Body: SetMapping }>(
    '/platforms/:id/mappings/:kind/:externalId',
    describe.map,
    async (request, reply) => {
      const scope = scopeOf(request.params)
      const isNew = await mapScope(deps, callerOf(request), scope, request.body.organisation)
      return reply
        .code(isNew ? 201 : 200)
        .send(await describeMapping(deps.db, accessScopeOf(request), scope))
    },
  )

  app.delete<{ Params: ByScope }>(
    '/platforms/:id/mappings/:kind/:externalId',
    describe.unmap,
    async (request, reply) => {
      await unmapScope(deps, callerOf(request), scopeOf(request.params))
      return reply.code(204).send()
    },
  )
}

function scopeOf({ id, kind, externalId }: ByScope): NamedScope {
  return { platform: id, kind, externalId }
}
