import type { FastifyInstance } from 'fastify'
import { decideCatalog } from '../../administration/decide-catalog.ts'
import { refreshProvider } from '../../administration/refresh-provider.ts'
import type { RefreshDeps } from '../../catalog/refresh.ts'
import { callerOf } from '../auth/caller.ts'
import { idOf, json, problem, route } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { operator, providerKeeper } from '../auth/roles.ts'

/** The catalogs of providers: read now, and decided on when one loses too much. */
export const providerCatalogs: Noun<RefreshDeps> = {
  tag: {
    name: 'Provider catalogs',
    description: 'What Kontor has read of a provider: findings, quarantine, refresh.',
  },
  permissions: {
    'POST /api/providers/:id/refresh': providerKeeper,
    'POST /api/providers/:id/catalog/confirm': operator,
    'POST /api/providers/:id/catalog/reject': operator,
  },
  addRoutes,
}

const byId = idOf('provider')
const noProvider = { 404: problem('There is no such provider.') }

const digestQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    digest: {
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
      description:
        '`catalog.quarantine.digest` that you have seen. When another loss is quarantined ' +
        'by now, the answer is 409. Absent: whatever is quarantined.',
    },
  },
}

const describe = {
  refresh: route(
    'refreshProvider',
    "Read a provider's catalog now",
    { params: byId },
    {
      200: json(
        'The state of the catalog. If the read failed, `catalog.error` says why, and the ' +
          'last good copy stays published. For the role provider a worker reads it after the ' +
          'answer while an origin is not approved.',
        'provider',
      ),
      ...noProvider,
    },
  ),
  confirmCatalog: route(
    'confirmCatalog',
    'Publish a catalog that is quarantined',
    { params: byId, querystring: digestQuery },
    {
      200: json(
        'Confirmed, and the catalog read again. If it would lose something else by now, it is ' +
          'judged anew.',
        'provider',
      ),
      409: problem('No catalog is quarantined, or another loss than `digest` names.'),
      ...noProvider,
    },
  ),
  rejectCatalog: route(
    'rejectCatalog',
    'Keep the last good copy instead of a catalog that is quarantined',
    { params: byId, querystring: digestQuery },
    {
      200: json('Rejected. Another loss is judged anew.', 'provider'),
      409: problem('No catalog is quarantined, or another loss than `digest` names.'),
      ...noProvider,
    },
  ),
} as const

interface ById {
  id: string
}

interface BySeen {
  digest?: string
}

async function addRoutes(app: FastifyInstance, deps: RefreshDeps): Promise<void> {
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
