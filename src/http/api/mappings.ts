import type { FastifyInstance } from 'fastify'
import type { MappingKind } from '../../tenancy/mapping.ts'
import { mapScope, unmapScope, type NamedScope } from '../../tenancy/mappings/map.ts'
import { describeMapping, listMappings } from '../../tenancy/mappings/read.ts'
import type { SetMapping } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { pageOf, type Paging } from './paging.ts'
import {
  json,
  noContent,
  page,
  pagedQuery,
  problem,
  ref,
  route,
  tooLarge,
} from './describe-route.ts'
import { byNameOrId, noPlatform } from './describe-tenants.ts'
import type { Noun } from './noun.ts'
import { agencyReader, operator } from '../auth/roles.ts'

/** Which organisations the Cloud Foundry organisations and namespaces of a platform order for. */
export const mappings: Noun<TenancyDeps> = {
  tag: {
    name: 'Organisation mappings',
    description: 'Which organisation a space or a namespace of a shared platform orders for.',
  },
  permissions: {
    'GET /api/platforms/:id/mappings': agencyReader,
    'PUT /api/platforms/:id/mappings/:kind/:externalId': operator,
    'DELETE /api/platforms/:id/mappings/:kind/:externalId': operator,
  },
  addRoutes,
}

const platformScope = {
  kind: {
    enum: ['cf_organization', 'k8s_namespace'],
    description:
      'cf_organization: the organization_guid of an order. k8s_namespace: the namespace in ' +
      'its context.',
  },
  externalId: {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    description: "The platform's own id of the Cloud Foundry organisation or Kubernetes namespace.",
  },
}

const describe = {
  list: route(
    'listMappings',
    'List for which organisations the scopes of a platform order, newest first',
    { ...byNameOrId('platform'), ...pagedQuery(platformScope) },
    {
      200: page('A page of mappings, limited to organisations in your access scope.', 'mapping'),
      ...noPlatform,
    },
  ),
  map: route(
    'mapPlatformScope',
    'Map a scope of a platform (a Cloud Foundry organisation or Kubernetes namespace) to an ' +
      'organisation',
    { ...byNameOrId('platform', platformScope), body: ref('set-mapping') },
    {
      200: json(
        'Changed. Instances still belong to the organisations they were ordered for.',
        'mapping',
      ),
      201: json('Mapped.', 'mapping'),
      ...noPlatform,
      409: problem('The platform is retired.'),
      ...tooLarge,
    },
  ),
  unmap: route(
    'unmapPlatformScope',
    'Remove the mapping of a scope of a platform',
    byNameOrId('platform', platformScope),
    {
      ...noContent('Removed.'),
      404: problem('There is no such platform, or the scope is not mapped.'),
    },
  ),
} as const

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

async function addRoutes(app: FastifyInstance, deps: TenancyDeps): Promise<void> {
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
