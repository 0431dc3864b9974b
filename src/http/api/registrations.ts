import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  acceptRegistration,
  refuseRegistration,
  withdrawRegistration,
} from '../../people/registrations/decide.ts'
import type { Mailing } from '../../mail/write.ts'
import { describeRegistration, listRegistrations } from '../../people/registrations/read.ts'
import { requestRegistration, type RegistrationDeps } from '../../people/registrations/request.ts'
import type { RegistrationScope } from '../../people/registrations/scope.ts'
import { administeredBy } from '../../people/roles.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type {
  AcceptRegistration,
  CreateRegistration,
  RefuseRegistration,
  RegistrationState,
} from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { askerOf, signedInOf } from '../auth/signed-in.ts'
import {
  actionErrors,
  idOf,
  json,
  page,
  pagedQuery,
  problem,
  ref,
  route,
  tooLarge,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { agencyKeeper, person } from '../auth/roles.ts'

interface Deps extends RegistrationDeps, Mailing {
  readonly directory: RegistrationDeps['directory'] & Pick<Directory, 'subtreeOf'>
}

/** What people without a role ask for: that their agency comes in, or that they join one. */
export const registrations: Noun<Deps> = {
  tag: {
    name: 'Registrations',
    description: 'Agencies that ask to come in, and people who ask to join one.',
  },
  permissions: {
    'POST /api/registrations': person,
    'GET /api/registrations': ['operator', 'auditor', 'person'],
    'GET /api/registrations/:id': ['operator', 'auditor', 'person'],
    'POST /api/registrations/:id/accept': agencyKeeper,
    'POST /api/registrations/:id/refuse': agencyKeeper,
    'POST /api/registrations/:id/withdraw': person,
  },
  addRoutes,
}

const none = { 404: problem('There is no such registration that is yours or that you decide.') }
const params = idOf('registration')

const describe = {
  request: route(
    'requestRegistration',
    'Ask that your agency becomes an organisation, or to join one',
    { body: ref('create-registration') },
    {
      201: json('It waits for a decision.', 'registration'),
      409: problem('Five of your requests wait already.'),
      ...tooLarge,
    },
  ),
  list: route(
    'listRegistrations',
    'List the registrations that are yours or that you decide, newest first',
    pagedQuery({ state: ref('registration-state') }),
    { 200: page('A page of registrations.', 'registration') },
  ),
  read: route(
    'getRegistration',
    'Get a registration',
    { params },
    { 200: json('The registration.', 'registration'), ...none },
  ),
  accept: route(
    'acceptRegistration',
    'Accept a registration: of an agency as an operator, of a person as an administrator',
    { params, body: ref('accept-registration') },
    {
      200: json('Accepted: the person has the role from now on.', 'registration'),
      ...none,
      ...actionErrors,
    },
  ),
  refuse: route(
    'refuseRegistration',
    'Refuse a registration',
    { params, body: ref('refuse-registration') },
    { 200: json('Refused; the person sees the reason.', 'registration'), ...none, ...actionErrors },
  ),
  withdraw: route(
    'withdrawRegistration',
    'Take back what you asked for',
    { params },
    { 200: json('Withdrawn.', 'registration'), ...none, ...actionErrors },
  ),
} as const

interface ById {
  id: string
}
interface Filters extends Paging {
  state?: RegistrationState
}

async function addRoutes(app: FastifyInstance, deps: Deps): Promise<void> {
  const scopeOf = (request: FastifyRequest): RegistrationScope => {
    if (accessScopeOf(request) === 'all') return { personId: undefined, decides: 'all' }
    const { person: own, roles } = signedInOf(request)
    return { personId: own.id, decides: administeredBy(deps.directory, roles) }
  }
  // Who decides about one sees it afterwards, too.
  const decided = (request: FastifyRequest, id: string) => {
    const scope = accessScopeOf(request)
    const decides = scope === 'all' ? scope : scope.organisations
    return describeRegistration(deps.db, { personId: undefined, decides }, id)
  }

  app.post<{ Body: CreateRegistration }>(
    '/registrations',
    describe.request,
    async (request, reply) => {
      const id = await requestRegistration(deps, signedInOf(request), request.body)
      return reply
        .code(201)
        .header('location', `/api/registrations/${id}`)
        .send(await describeRegistration(deps.db, scopeOf(request), id))
    },
  )

  app.get<{ Querystring: Filters }>('/registrations', describe.list, async (request) => {
    const { limit, cursor, state } = request.query
    const asked = pageOf({ limit, cursor })
    return listRegistrations(
      deps.db,
      scopeOf(request),
      { state, before: asked.before },
      asked.limit,
    )
  })

  app.get<{ Params: ById }>('/registrations/:id', describe.read, async (request) =>
    describeRegistration(deps.db, scopeOf(request), request.params.id),
  )

  app.post<{ Params: ById; Body: AcceptRegistration }>(
    '/registrations/:id/accept',
    describe.accept,
    async (request) => {
      const { id } = request.params
      await acceptRegistration(deps, askerOf(request), id, request.body)
      return decided(request, id)
    },
  )

  app.post<{ Params: ById; Body: RefuseRegistration }>(
    '/registrations/:id/refuse',
    describe.refuse,
    async (request) => {
      const { id } = request.params
      await refuseRegistration(deps, askerOf(request), id, request.body.reason)
      return decided(request, id)
    },
  )

  app.post<{ Params: ById }>('/registrations/:id/withdraw', describe.withdraw, async (request) => {
    const { id } = request.params
    await withdrawRegistration(deps, askerOf(request), id)
    return describeRegistration(deps.db, scopeOf(request), id)
  })
}
