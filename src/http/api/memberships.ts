import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Asker } from '../../people/asker.ts'
import { changeMembership, removeMembership } from '../../people/memberships/change.ts'
import { giveMembership } from '../../people/memberships/give.ts'
import { describeMembership, listMemberships } from '../../people/memberships/read.ts'
import { administeredBy } from '../../people/roles.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { CreateMembership, PersonRole, UpdateMembership } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { askerOf } from '../auth/signed-in.ts'
import {
  idOf,
  json,
  noContent,
  page,
  pagedQuery,
  problem,
  ref,
  route,
  text,
  tooLarge,
  uuid,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { agencyKeeper, agencyReader } from '../auth/roles.ts'

interface Deps extends TenancyDeps {
  readonly directory: Pick<Directory, 'subtreeOf'>
}

/** The roles of people in organisations. */
export const memberships: Noun<Deps> = {
  tag: {
    name: 'Memberships',
    description: 'The roles of people in organisations.',
  },
  permissions: {
    'POST /api/memberships': agencyKeeper,
    'GET /api/memberships': agencyReader,
    'GET /api/memberships/:id': agencyReader,
    'PATCH /api/memberships/:id': agencyKeeper,
    'DELETE /api/memberships/:id': [...agencyKeeper, 'member'],
  },
  addRoutes,
}

const noMembership = { 404: problem('There is no such membership in your access scope.') }
const conflict = {
  409: problem('The person has that role there already, or is the last administrator and asks.'),
}

const describe = {
  give: route(
    'giveMembership',
    'Give a person a role in an organisation and in all organisations below it',
    { body: ref('create-membership') },
    { 201: json('Given.', 'membership'), ...conflict, ...tooLarge },
  ),
  list: route(
    'listMemberships',
    'List the members of the organisations in your access scope, newest first',
    pagedQuery({
      organisation: text('Name or id of the organisation itself.'),
      person: uuid('Id of the person.'),
      role: ref('person-role'),
    }),
    { 200: page('A page of memberships.', 'membership') },
  ),
  read: route(
    'getMembership',
    'Get a membership',
    { params: idOf('membership') },
    { 200: json('The membership.', 'membership'), ...noMembership },
  ),
  change: route(
    'changeMembership',
    'Give a membership another role',
    { params: idOf('membership'), body: ref('update-membership') },
    { 200: json('Changed.', 'membership'), ...noMembership, ...conflict, ...tooLarge },
  ),
  remove: route(
    'removeMembership',
    'Take a membership away, or leave: each may remove its own',
    { params: idOf('membership') },
    { ...noContent('Removed: it counts in no process.'), ...noMembership, ...conflict },
  ),
} as const

interface ById {
  id: string
}
interface Filters extends Paging {
  organisation?: string
  person?: string
  role?: PersonRole
}

async function addRoutes(app: FastifyInstance, deps: Deps): Promise<void> {
  // Members may leave, so the access scope of the request is what they see, not what they keep.
  const removerOf = (request: FastifyRequest): Asker => {
    const asker = askerOf(request)
    const { principal } = request
    const signedIn = principal?.kind === 'person' ? principal.signedIn : undefined
    // Without a person there are only the claims of an agency, and no role besides.
    if (asker.caller.scope === 'all' || signedIn === undefined) return asker
    const organisations = administeredBy(deps.directory, signedIn.roles)
    return { ...asker, caller: { ...asker.caller, scope: { organisations, providers: [] } } }
  }

  app.post<{ Body: CreateMembership }>('/memberships', describe.give, async (request, reply) => {
    const id = await giveMembership(deps, callerOf(request), request.body)
    return reply
      .code(201)
      .header('location', `/api/memberships/${id}`)
      .send(await describeMembership(deps.db, accessScopeOf(request), id))
  })

  app.get<{ Querystring: Filters }>('/memberships', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listMemberships(
      deps.db,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/memberships/:id', describe.read, async (request) =>
    describeMembership(deps.db, accessScopeOf(request), request.params.id),
  )

  app.patch<{ Params: ById; Body: UpdateMembership }>(
    '/memberships/:id',
    describe.change,
    async (request) => {
      const { id } = request.params
      await changeMembership(deps, askerOf(request), id, request.body)
      return describeMembership(deps.db, accessScopeOf(request), id)
    },
  )

  app.delete<{ Params: ById }>('/memberships/:id', describe.remove, async (request, reply) => {
    await removeMembership(deps, removerOf(request), request.params.id)
    return reply.code(204).send()
  })
}
