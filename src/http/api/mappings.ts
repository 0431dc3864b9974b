import type { FastifyInstance } from 'fastify'
import type { MappingKind } from '../../tenancy/mapping.ts'
import {
  describeMapping,
  listMappings,
  mapPlace,
  unmapPlace,
  type MappedPlace,
} from '../../tenancy/mappings/map.ts'
import { describePlatform } from '../../tenancy/platforms/look.ts'
import type { MappingTarget } from '../../types.gen.ts'
import { actorOf, reachOf } from '../auth/permit.ts'
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
      const { id } = await describePlatform(deps.db, reachOf(request), request.params.id)
      return listMappings(
        deps.db,
        reachOf(request),
        id,
        { ...filter, before: page.before },
        page.limit,
      )
    },
  )

  app.put<{ Params: ByPlace; Body: MappingTarget }>(
    '/platforms/:id/mappings/:kind/:externalId',
    describe.map,
    async (request, reply) => {
      const { id } = await describePlatform(deps.db, reachOf(request), request.params.id)
      const place: MappedPlace = {
        platformId: id,
        kind: request.params.kind,
        externalId: request.params.externalId,
      }
      const isNew = await mapPlace(deps, actorOf(request), place, request.body.organisation)
      await deps.signIn.reload()
      return reply
        .code(isNew ? 201 : 200)
        .send(await describeMapping(deps.db, reachOf(request), place))
    },
  )

  app.delete<{ Params: ByPlace }>(
    '/platforms/:id/mappings/:kind/:externalId',
    describe.unmap,
    async (request, reply) => {
      const { id } = await describePlatform(deps.db, reachOf(request), request.params.id)
      await unmapPlace(deps, actorOf(request), {
        platformId: id,
        kind: request.params.kind,
        externalId: request.params.externalId,
      })
      await deps.signIn.reload()
      return reply.code(204).send()
    },
  )
}
