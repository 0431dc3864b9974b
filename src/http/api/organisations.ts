import type { FastifyInstance } from 'fastify'
import { retireOrganisation } from '../../administration/retire-organisation.ts'
import { changeOrganisation } from '../../tenancy/organisations/change.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { createOrganisation } from '../../tenancy/organisations/create.ts'
import { describeOrganisation, listOrganisations } from '../../tenancy/organisations/read.ts'
import { setOrganisationState } from '../../tenancy/organisations/set-state.ts'
import type { OperatorReason, UpdateOrganisation, CreateOrganisation } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { callerOf } from '../auth/caller.ts'
import { pageOf, type Paging } from './paging.ts'
import { json, page, pagedQuery, problem, ref, route, text } from './describe-route.ts'
import { byNameOrId, conflict, isRetired, nameConflict, stateFilter } from './describe-tenants.ts'
import type { Noun } from './noun.ts'
import { memberReader, operator } from '../auth/roles.ts'

/** The tree of organisations. */
export const organisations: Noun<TenancyDeps> = {
  tag: {
    name: 'Organisations',
    description: 'The tree of federation, states, municipalities and departments.',
  },
  permissions: {
    'POST /api/organisations': operator,
    'GET /api/organisations': memberReader,
    'GET /api/organisations/:id': memberReader,
    'PATCH /api/organisations/:id': operator,
    'POST /api/organisations/:id/suspend': operator,
    'POST /api/organisations/:id/resume': operator,
    'POST /api/organisations/:id/retire': operator,
  },
  addRoutes,
}

const noOrganisation = {
  404: problem('There is no such organisation in your access scope.'),
}

const describe = {
  create: route(
    'createOrganisation',
    'Create an organisation in the tree of organisations',
    { body: ref('create-organisation') },
    { 201: json('Created.', 'organisation'), ...nameConflict },
  ),
  list: route(
    'listOrganisations',
    'List the organisations in your access scope, newest first',
    pagedQuery({
      state: stateFilter,
      level: { enum: ['bund', 'land', 'kommune'] },
      parent: text('Name or id of the organisation directly above.'),
    }),
    { 200: page('A page of organisations.', 'organisation') },
  ),
  read: route('getOrganisation', 'Get an organisation', byNameOrId('organisation'), {
    200: json('The organisation.', 'organisation'),
    ...noOrganisation,
  }),
  change: route(
    'changeOrganisation',
    'Change an organisation, or move it with all organisations below it',
    { ...byNameOrId('organisation'), body: ref('update-organisation') },
    {
      200: json('Changed. Instances ordered for it still belong to it.', 'organisation'),
      ...noOrganisation,
      ...isRetired,
    },
  ),
  suspend: route(
    'suspendOrganisation',
    'Refuse new orders for an organisation and all organisations below it',
    { ...byNameOrId('organisation'), body: ref('operator-reason') },
    { 200: json('Suspended.', 'organisation'), ...noOrganisation, ...isRetired },
  ),
  resume: route(
    'resumeOrganisation',
    'End the suspension of an organisation',
    { ...byNameOrId('organisation'), body: ref('operator-reason') },
    { 200: json('Active.', 'organisation'), ...noOrganisation, ...isRetired },
  ),
  retire: route(
    'retireOrganisation',
    'Retire an organisation for good',
    { ...byNameOrId('organisation'), body: ref('operator-reason') },
    {
      200: json('Retired. Its name is never used again.', 'organisation'),
      ...noOrganisation,
      ...conflict(
        'It is retired already, or still has organisations, platforms, mappings or ' +
          'instances; `detail` says which.',
      ),
    },
  ),
} as const

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: string
  level?: string
  parent?: string
}

async function addRoutes(app: FastifyInstance, deps: TenancyDeps): Promise<void> {
  app.post<{ Body: CreateOrganisation }>(
    '/organisations',
    describe.create,
    async (request, reply) => {
      const id = await createOrganisation(deps, callerOf(request), request.body)
      return reply
        .code(201)
        .header('location', `/api/organisations/${id}`)
        .send(await describeOrganisation(deps.db, accessScopeOf(request), id))
    },
  )

  app.get<{ Querystring: Filters }>('/organisations', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listOrganisations(
      deps.db,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/organisations/:id', describe.read, async (request) =>
    describeOrganisation(deps.db, accessScopeOf(request), request.params.id),
  )

  app.patch<{ Params: ById; Body: UpdateOrganisation }>(
    '/organisations/:id',
    describe.change,
    async (request) => {
      const { id } = request.params
      await changeOrganisation(deps, callerOf(request), id, request.body)
      return describeOrganisation(deps.db, accessScopeOf(request), id)
    },
  )

  const verbs = {
    suspend: (caller: Caller, id: string, reason: string) =>
      setOrganisationState(deps, caller, id, 'suspended', reason),
    resume: (caller: Caller, id: string, reason: string) =>
      setOrganisationState(deps, caller, id, 'active', reason),
    retire: (caller: Caller, id: string, reason: string) =>
      retireOrganisation(deps, caller, id, reason),
  }
  for (const verb of ['suspend', 'resume', 'retire'] as const) {
    app.post<{ Params: ById; Body: OperatorReason }>(
      `/organisations/:id/${verb}`,
      describe[verb],
      async (request) => {
        const { id } = request.params
        await verbs[verb](callerOf(request), id, request.body.reason)
        return describeOrganisation(deps.db, accessScopeOf(request), id)
      },
    )
  }
}
