import type { FastifyInstance } from 'fastify'
import type { MappingKind } from '../../tenancy/mapping.ts'
import {
  describeMapping,
  listMappings,
  mapScope,
  unmapScope,
  type PlatformScope,
} from '../../tenancy/mappings/map.ts'
import { describePlatform } from '../../tenancy/platforms/read.ts'
import type { SetMapping } from '../../types.gen.ts'
import { accessScopeOf } from '../auth/authorize.ts'
import { callerOf } from '../auth/caller.ts'
import { describeMappings as describe } from './describe-tenants.ts'
import type { TenantRouteDeps } from './organisations.ts'
import { pageOf, type Paging } from './paging.ts'

interface ById {
  id: string
}
interface ByPlace extends ById {
  kind: MappingKind
  externalId: string
}
interface Filters extends Paging {
  kind?: string
  externalId?: string
}

/** Which organisations the places of a platform order for. */
export async function mappingRoutes(app: FastifyInstance, deps: TenantRouteDeps): Promise<void> {
  app.get<{ Params: ById; Querystring: Filters }>(
    '/platforms/:id/mappings',
    describe.list,
    async (request) => {
      const { limit, cursor, ...filter } = request.query
      const page = pageOf({ limit, cursor })
      const { id } = await describePlatform(deps.db, accessScopeOf(request), request.params.id)
      return listMappings(
        deps.db,
        accessScopeOf(request),
        id,
        { ...filter, before: page.before },
        page.limit,
      )
    },
  )

  app.put<{ Params: ByPlace; Body: SetMapping }>(
    '/platforms/:id/mappings/:kind/:externalId',
    describe.map,
    async (request, reply) => {
      const { id } = await describePlatform(deps.db, accessScopeOf(request), request.params.id)
      const place: PlatformScope = {
        platformId: id,
        kind: request.params.kind,
        externalId: request.params.externalId,
      }
      const isNew = await mapScope(deps, callerOf(request), place, request.body.organisation)
      await deps.signIn.reload()
      return reply
        .code(isNew ? 201 : 200)
        .send(await describeMapping(deps.db, accessScopeOf(request), place))
    },
  )

  app.delete<{ Params: ByPlace }>(
    '/platforms/:id/mappings/:kind/:externalId',
    describe.unmap,
    async (request, reply) => {
      const { id } = await describePlatform(deps.db, accessScopeOf(request), request.params.id)
      await unmapScope(deps, callerOf(request), {
        platformId: id,
        kind: request.params.kind,
        externalId: request.params.externalId,
      })
      await deps.signIn.reload()
      return reply.code(204).send()
    },
  )
}
