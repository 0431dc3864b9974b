import type { FastifyInstance } from 'fastify'
import { describeBinding, type DescribeDeps } from '../../bindings/describe.ts'
import { listBindings } from '../../instances/listing/bindings/read.ts'
import { bindingsCsv } from '../../instances/listing/csv.ts'
import type { BindingState } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { orderReader } from '../auth/roles.ts'
import { csvFormat, pageOrCsv, sendCsv } from './csv-list.ts'
import { idOf, json, pagedQuery, problem, route, text, uuid } from './describe-route.ts'
import { instanceFilters } from './instances.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { timeOrNone } from './time-filter.ts'

/** Bindings of what organisations have, whatever platform ordered them; no credentials. */
export const bindings: Noun<DescribeDeps> = {
  tag: {
    name: 'Bindings',
    description: 'Bindings of what organisations have, whatever platform ordered them.',
  },
  permissions: {
    'GET /api/bindings': orderReader,
    'GET /api/bindings/:id': orderReader,
  },
  addRoutes,
}

const describe = {
  list: route(
    'listBindings',
    'List the bindings of your organisations, those of the newest instance first',
    pagedQuery({
      state: { enum: ['binding', 'ready', 'failed'], description: 'Without it all that exist.' },
      instance: uuid("Kontor's id of an instance."),
      bindingId: text("The platform's id of the binding."),
      ...instanceFilters,
      ...csvFormat,
    }),
    { 200: pageOrCsv('A page of bindings; as CSV all of them.', 'binding') },
  ),
  read: route(
    'getBinding',
    'Get a binding, even if it was deleted, without its credentials',
    { params: idOf('binding') },
    { 200: json('The binding.', 'binding'), 404: problem('There is no such binding.') },
  ),
} as const

interface Filters extends Paging {
  state?: Exclude<BindingState, 'gone'>
  instance?: string
  bindingId?: string
  expiresBefore?: string
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
  format?: 'json' | 'csv'
}

async function addRoutes(app: FastifyInstance, deps: DescribeDeps): Promise<void> {
  app.get<{ Querystring: Filters }>(
    '/bindings',
    { ...describe.list, exposeHeadRoute: false },
    async (request, reply) => {
      const { limit, cursor, format, state, instance, bindingId, expiresBefore, ...instances } =
        request.query
      const page = pageOf({ limit, cursor })
      const scope = accessScopeOf(request)
      const query = {
        state,
        instance,
        bindingId,
        instances,
        expiresBefore: timeOrNone('expiresBefore', expiresBefore),
      }
      const readPage = (before: string | undefined, max: number) =>
        listBindings(deps, scope, { ...query, before }, max)
      return format === 'csv'
        ? sendCsv(reply, 'bindings', await bindingsCsv(readPage, page.before))
        : readPage(page.before, page.limit)
    },
  )

  app.get<{ Params: { id: string } }>('/bindings/:id', describe.read, async (request) =>
    describeBinding(deps, accessScopeOf(request), request.params.id),
  )
}
