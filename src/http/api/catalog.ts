import type { FastifyInstance } from 'fastify'
import { describeOffering } from '../../marketplace/describe-offering.ts'
import type { MarketplaceDeps } from '../../marketplace/deps.ts'
import { facetNames, type FacetName } from '../../marketplace/facets.ts'
import { listCatalog } from '../../marketplace/list.ts'
import { readerOf } from '../../marketplace/reader.ts'
import type { SortOrder } from '../../marketplace/sort.ts'
import { accessScopeOf } from '../admit.ts'
import { json, pagedQuery, problem, query, route, text } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { orderReader } from '../auth/roles.ts'
import type { Language } from '../../types.gen.ts'

/** The catalog for people: what they may order for their organisations. */
export const catalog: Noun<MarketplaceDeps> = {
  tag: {
    name: 'Catalog',
    description: 'Services as people read them: search, prices, documents.',
  },
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

const facet = (description: string) => ({
  description: `${description} Repeat it for several values, of which one has to fit.`,
  anyOf: [
    { type: 'string', maxLength: 255 },
    { type: 'array', maxItems: 50, items: { type: 'string', maxLength: 255 } },
  ],
})

const filters = {
  q: {
    type: 'string',
    maxLength: 200,
    description:
      'Words to search for, in German or English. All have to be found: as they are, in another ' +
      'form, at the beginning of a word, in a compound, or, where there is nothing else, with a ' +
      'slip of the finger.',
  },
  category: facet('Category, such as collaboration.'),
  provider: facet('Name of the provider.'),
  protection: facet('Protection need that has to be met: normal, hoch or sehr_hoch.'),
  region: facet('Region.'),
  model: facet('IaaS, PaaS, SaaS or FaaS.'),
  price: facet('Price class: free, under-50, 50-200, 200-1000, over-1000, usage, other, unstated.'),
  fulfilment: facet('Kind of fulfilment, such as osb-broker.'),
  attestation: facet('Attestation that is valid today, such as C5.'),
  orderable: {
    enum: ['true', 'false'],
    description: 'true: only what may be ordered.',
  },
  sort: {
    enum: ['relevance', 'name', 'price', 'provider'],
    description:
      'price: the lowest fixed price of a month first, unknown ones last. Absent: relevance with ' +
      '`q`, the order of publication without it.',
  },
  language: { enum: ['de', 'en'], default: 'de', description: 'Of the names, for sorting.' },
}

const describe = {
  list: route(
    'listCatalog',
    'Search what may be ordered, with plans, prices and facets',
    pagedQuery({ ...organisation, ...filters }),
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

interface Filters extends For, Paging, Partial<Record<FacetName, string | string[]>> {
  q?: string
  orderable?: 'true' | 'false'
  sort?: SortOrder
  language?: Language
}

async function addRoutes(app: FastifyInstance, deps: MarketplaceDeps): Promise<void> {
  app.get<{ Querystring: Filters }>('/catalog', describe.list, async (request) => {
    const { limit, cursor, organisation, q, orderable, sort, language, ...given } = request.query
    const page = pageOf({ limit, cursor })
    const reader = await readerOf(deps.directory, accessScopeOf(request), organisation)
    const query = {
      q,
      sort,
      language: language ?? ('de' as const),
      isOrderable: orderable === 'true',
      chosen: Object.fromEntries(facetNames.map((name) => [name, [given[name] ?? []].flat()])),
    }
    return listCatalog(deps, reader, query, { limit: page.limit, after: page.before })
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
