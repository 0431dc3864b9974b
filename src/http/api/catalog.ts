import type { FastifyInstance } from 'fastify'
import { describeOffering } from '../../marketplace/describe-offering.ts'
import type { MarketplaceDeps } from '../../marketplace/deps.ts'
import { listCatalog } from '../../marketplace/list.ts'
import { readerOf } from '../../marketplace/reader.ts'
import { accessScopeOf } from '../admit.ts'
import { json, pagedQuery, problem, query, route, text } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { orderReader } from './roles.ts'

/** The catalog for people: what they may order for their organisations. */
export const catalog: Noun<MarketplaceDeps> = {
  permissions: {
    'GET /api/catalog': orderReader,
    'GET /api/catalog/:offering': orderReader,
  },
  addRoutes,
}

const organisation = {
  organisation: text(
    'Id or name of the organisation to order for; absent: all that the token names. Operators ' +
      'and auditors see the whole catalog without it.',
  ),
}

const describe = {
  list: route(
    'listCatalog',
    'List what may be ordered, with plans and prices',
    pagedQuery(organisation),
    { 200: json('A page of offerings.', 'catalog-page') },
  ),
  read: route(
    'getCatalogOffering',
    'Get an offering with plans, prices, documents, service levels and attestations',
    {
      params: {
        type: 'object',
        required: ['offering'],
        properties: {
          offering: { type: 'string', minLength: 1, description: 'Id or name of the offering.' },
        },
      },
      ...query(organisation),
    },
    {
      200: json('The offering.', 'catalog-offering'),
      404: problem('There is no such offering, or it may not be seen.'),
    },
  ),
} as const

interface For {
  organisation?: string
}

async function addRoutes(app: FastifyInstance, deps: MarketplaceDeps): Promise<void> {
  app.get<{ Querystring: For & Paging }>('/catalog', describe.list, async (request) => {
    const { limit, cursor, organisation } = request.query
    const page = pageOf({ limit, cursor })
    const reader = await readerOf(deps.directory, accessScopeOf(request), organisation)
    return listCatalog(deps, reader, { limit: page.limit, after: page.before })
  })

  app.get<{ Params: { offering: string }; Querystring: For }>(
    '/catalog/:offering',
    describe.read,
    async (request) => {
      const { organisation } = request.query
      const reader = await readerOf(deps.directory, accessScopeOf(request), organisation)
      return describeOffering(deps, reader, request.params.offering)
    },
  )
}
