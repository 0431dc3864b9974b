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
import { describeOrganisations as describe } from './describe-tenants.ts'
import { pageOf, type Paging } from './paging.ts'

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: string
  level?: string
  parent?: string
}

/** The tree of organisations. */
export async function organisationRoutes(app: FastifyInstance, deps: TenancyDeps): Promise<void> {
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
