import type { FastifyInstance } from 'fastify'
import { instancesCsv } from '../../instances/listing/csv.ts'
import type { ListingDeps } from '../../instances/listing/deps.ts'
import { describeInstance, listInstances } from '../../instances/listing/read.ts'
import type { InstanceState } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { orderReader } from '../auth/roles.ts'
import { csvFormat, pageOrCsv, sendCsv } from './csv-list.ts'
import { idOf, json, pagedQuery, problem, route, text } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { timeOrNone, timePattern } from './time-filter.ts'

/** What organisations have, whatever platform ordered it. */
export const instances: Noun<ListingDeps> = {
  tag: {
    name: 'Instances',
    description: 'What organisations have, whatever platform ordered it.',
  },
  permissions: {
    'GET /api/instances': orderReader,
    'GET /api/instances/:id': orderReader,
  },
  addRoutes,
}

/** The filters that lists of instances and of bindings share. */
export const instanceFilters = {
  organisation: text('Id or name of an organisation; those below it count, too.'),
  platform: text('Name or id of a platform.'),
  provider: text('Name or id of a provider.'),
  offering: text('Name or id of an offering.'),
  plan: text('Name or id of a plan.'),
  instanceId: text("The platform's id of the instance."),
  q: {
    type: 'string',
    minLength: 1,
    maxLength: 200,
    description:
      'Text to search for: part of the name of the instance, its offering or its plan, or the ' +
      'beginning of an id.',
  },
  expiresBefore: {
    type: 'string',
    pattern: timePattern,
    description: 'Only with credentials that end before this time (ISO 8601, UTC).',
  },
}

const describe = {
  list: route(
    'listInstances',
    'List the instances of your organisations, newest first, whatever platform ordered them',
    pagedQuery({
      state: {
        enum: ['provisioning', 'ready', 'failed', 'gone'],
        description: 'Without it all that exist; gone: those that were deleted.',
      },
      ...instanceFilters,
      ...csvFormat,
    }),
    { 200: pageOrCsv('A page of instances; as CSV all of them.', 'instance') },
  ),
  read: route(
    'getInstance',
    'Get an instance, even if it was deleted',
    { params: idOf('instance') },
    { 200: json('The instance.', 'instance'), 404: problem('There is no such instance.') },
  ),
} as const

interface Filters extends Paging {
  state?: InstanceState
  organisation?: string
  platform?: string
  provider?: string
  offering?: string
  plan?: string
  instanceId?: string
  q?: string
  expiresBefore?: string
  format?: 'json' | 'csv'
}

async function addRoutes(app: FastifyInstance, deps: ListingDeps): Promise<void> {
  app.get<{ Querystring: Filters }>(
    '/instances',
    { ...describe.list, exposeHeadRoute: false },
    async (request, reply) => {
      const { limit, cursor, format, expiresBefore, ...given } = request.query
      const page = pageOf({ limit, cursor })
      const scope = accessScopeOf(request)
      const filter = { ...given, expiresBefore: timeOrNone('expiresBefore', expiresBefore) }
      const readPage = (before: string | undefined, max: number) =>
        listInstances(deps, scope, { ...filter, before }, max)
      return format === 'csv'
        ? sendCsv(reply, 'instances', await instancesCsv(readPage, page.before))
        : readPage(page.before, page.limit)
    },
  )

  app.get<{ Params: { id: string } }>('/instances/:id', describe.read, async (request) =>
    describeInstance(deps, accessScopeOf(request), request.params.id),
  )
}
