import type { FastifyInstance } from 'fastify'
import { instancesCsv } from '../../instances/listing/csv.ts'
import type { ListingDeps } from '../../instances/listing/deps.ts'
import { describeInstance, listInstances } from '../../instances/listing/read.ts'
import type { InstanceState, UpdateInstance } from '../../types.gen.ts'
import { describeInstanceAnew } from '../../instances/labels/change.ts'
import { accessScopeOf } from '../admit.ts'
import { orderReader, orderer } from '../auth/roles.ts'
import { signedInOf } from '../auth/signed-in.ts'
import { csvFormat, pageOrCsv, sendCsv } from './csv-list.ts'
import { idOf, json, pagedQuery, problem, ref, route, text, tooLarge } from './describe-route.ts'
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
    'PATCH /api/instances/:id': orderer,
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
  labels: {
    type: 'string',
    minLength: 1,
    maxLength: 1_000,
    description:
      'A label query as Kubernetes has it, such as `env=prod,team!=x,tier in (a,b),!trial`; all ' +
      'parts have to hold.',
  },
  owner: text('Who cares for the instance: a text, or the id of a person.'),
  costCentre: text('Who pays for the instance.'),
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
  describe: route(
    'describeInstance',
    'Set labels, owner or cost centre of an instance',
    { params: idOf('instance'), body: ref('update-instance') },
    {
      200: json('The instance.', 'instance'),
      404: problem('There is no such instance.'),
      409: problem('The instance is gone.'),
      ...tooLarge,
    },
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
  labels?: string
  owner?: string
  costCentre?: string
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

  app.patch<{ Params: { id: string }; Body: UpdateInstance }>(
    '/instances/:id',
    describe.describe,
    async (request) => {
      const { id } = request.params
      await describeInstanceAnew(deps, signedInOf(request), id, request.body)
      return describeInstance(deps, accessScopeOf(request), id)
    },
  )
}
