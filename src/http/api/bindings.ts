import type { FastifyInstance } from 'fastify'
import { describeBinding, type DescribeDeps } from '../../bindings/describe.ts'
import { listBindings } from '../../instances/listing/bindings/read.ts'
import { bindingsCsv } from '../../instances/listing/csv.ts'
import { revealCredentials, type RevealDeps } from '../../orders/reveal-credentials.ts'
import type { BindingState } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { orderReader, orderer } from '../auth/roles.ts'
import { signedInOf } from '../auth/signed-in.ts'
import { csvFormat, pageOrCsv, sendCsv } from './csv-list.ts'
import { idOf, json, pagedQuery, problem, route, text, uuid } from './describe-route.ts'
import { instanceFilters } from './instances.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { timeOrNone } from './time-filter.ts'

type Deps = DescribeDeps & RevealDeps

/** Bindings of what organisations have; credentials only of those that people ordered here. */
export const bindings: Noun<Deps> = {
  tag: {
    name: 'Bindings',
    description: 'Bindings of what organisations have, whatever platform ordered them.',
  },
  permissions: {
    'GET /api/bindings': orderReader,
    'GET /api/bindings/:id': orderReader,
    'POST /api/bindings/:id/credentials': orderer,
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
  reveal: route(
    'revealCredentials',
    'Read the credentials of a binding that people ordered here; each time is recorded',
    { params: idOf('binding') },
    {
      200: json('The credentials, which no cache may store.', 'binding-credentials'),
      403: problem('Its platform is none of Kontor itself, or you may not order there.'),
      404: problem('There is no such binding, or it is not ready.'),
      405: problem('Kontor does not store them, and the provider does not give them again.'),
      502: problem('The provider did not give them.'),
    },
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

async function addRoutes(app: FastifyInstance, deps: Deps): Promise<void> {
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

  app.post<{ Params: { id: string } }>('/bindings/:id/credentials', describe.reveal, (request) =>
    revealCredentials(deps, signedInOf(request), request.params.id),
  )
}
