import type { FastifyInstance } from 'fastify'
import { csvTable } from '../../csv.ts'
import { comparePlans, maxCompared } from '../../marketplace/compare/compare.ts'
import { freezeComparison } from '../../marketplace/compare/freeze.ts'
import { describeComparison, listComparisons } from '../../marketplace/compare/read.ts'
import { comparisonCsv } from '../../marketplace/compare/rows.ts'
import type { FreezeDeps } from '../../marketplace/deps.ts'
import { readerOf } from '../../marketplace/reader.ts'
import type { CreateComparison, Language } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import {
  idOf,
  json,
  page,
  pagedQuery,
  problem,
  query,
  ref,
  route,
  text,
  tooLarge,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { agencyKeeper, agencyReader, orderReader } from '../auth/roles.ts'

/** Plans side by side, and comparisons that were frozen. */
export const comparisons: Noun<FreezeDeps> = {
  tag: {
    name: 'Comparisons',
    description: 'Plans side by side, and comparisons that were frozen.',
  },
  permissions: {
    'GET /api/catalog/compare': orderReader,
    'POST /api/comparisons': agencyKeeper,
    'GET /api/comparisons': agencyReader,
    'GET /api/comparisons/:id': agencyReader,
  },
  addRoutes,
}

const noComparison = { 404: problem('There is no such comparison.') }
const csvAnswer = { 'text/csv': { schema: { type: 'string' } } }
const format = {
  format: { enum: ['json', 'csv'], default: 'json' },
  language: { enum: ['de', 'en'], default: 'de', description: 'Of the CSV file.' },
}
const asJsonOrCsv = (description: string, name: string) => ({
  description,
  content: { ...json('', name).content, ...csvAnswer },
})

const describe = {
  compare: route(
    'comparePlans',
    'Compare up to four plans',
    {
      querystring: {
        ...query({
          plan: {
            description: `Id of a plan; repeat it for up to ${maxCompared}.`,
            anyOf: [
              { type: 'string', minLength: 1, maxLength: 255 },
              { type: 'array', maxItems: maxCompared, items: { type: 'string', maxLength: 255 } },
            ],
          },
          organisation: text('Id or name of the organisation to order for, as in the catalog.'),
          ...format,
        }).querystring,
        required: ['plan'],
      },
    },
    {
      200: asJsonOrCsv('The plans in the given order.', 'plan-comparison'),
      404: problem('There is no such plan, or it may not be seen.'),
    },
  ),
  freeze: route(
    'freezeComparison',
    'Compare plans and keep the result as it is',
    { body: ref('create-comparison') },
    {
      201: json('Kept; Location is its address.', 'frozen-comparison'),
      404: problem('There is no such plan, or it may not be seen.'),
      ...tooLarge,
    },
  ),
  list: route('listComparisons', 'List frozen comparisons, newest first', pagedQuery({}), {
    200: page('A page of comparisons, without their content.', 'frozen-comparison-head'),
  }),
  read: route(
    'getComparison',
    'Get a frozen comparison as it was',
    { params: idOf('comparison'), ...query(format) },
    { 200: asJsonOrCsv('The comparison.', 'frozen-comparison'), ...noComparison },
  ),
} as const

interface Format {
  format?: 'json' | 'csv'
  language?: Language
}

interface Compared extends Format {
  plan: string | string[]
  organisation?: string
}

async function addRoutes(app: FastifyInstance, deps: FreezeDeps): Promise<void> {
  const { directory } = deps
  app.get<{ Querystring: Compared }>(
    '/catalog/compare',
    describe.compare,
    async (request, reply) => {
      const { plan, organisation, format: wanted, language = 'de' } = request.query
      const reader = await readerOf(directory, accessScopeOf(request), organisation)
      const comparison = await comparePlans(deps, reader, [plan].flat())
      if (wanted !== 'csv') return comparison
      return reply.type(csvTable).send(comparisonCsv(comparison, language))
    },
  )

  app.post<{ Body: CreateComparison }>('/comparisons', describe.freeze, async (request, reply) => {
    const id = await freezeComparison(deps, callerOf(request), request.body)
    return reply
      .code(201)
      .header('location', `/api/comparisons/${id}`)
      .send(await describeComparison(deps, accessScopeOf(request), id))
  })

  app.get<{ Querystring: Paging }>('/comparisons', describe.list, async (request) => {
    const { before, limit } = pageOf(request.query)
    return listComparisons(deps, accessScopeOf(request), before, limit)
  })

  app.get<{ Params: { id: string }; Querystring: Format }>(
    '/comparisons/:id',
    describe.read,
    async (request, reply) => {
      const frozen = await describeComparison(deps, accessScopeOf(request), request.params.id)
      const { format: wanted, language = 'de' } = request.query
      if (wanted !== 'csv') return frozen
      return reply.type(csvTable).send(comparisonCsv(frozen.comparison, language))
    },
  )
}
