import type { FastifyInstance } from 'fastify'
import { retirePlatform } from '../../administration/retire-platform.ts'
import { changePlatform } from '../../tenancy/platforms/change.ts'
import { describePlatform, listPlatforms } from '../../tenancy/platforms/read.ts'
import { registerPlatform } from '../../tenancy/platforms/register.ts'
import { setPlatformState } from '../../tenancy/platforms/set-state.ts'
import type { OperatorReason, UpdatePlatform, CreatePlatform } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { callerOf } from '../auth/caller.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { pageOf, type Paging } from './paging.ts'
import { json, page, pagedQuery, ref, route, text } from './describe-route.ts'
import {
  byNameOrId,
  conflict,
  isRetired,
  nameConflict,
  noPlatform,
  stateFilter,
} from './describe-tenants.ts'
import type { Noun } from './noun.ts'
import { memberReader, operator } from '../auth/roles.ts'

/** Platforms, which order for organisations. */
export const platforms: Noun<TenancyDeps> = {
  tag: {
    name: 'Platforms',
    description: 'Cloud Foundry, Kubernetes and others that order for an organisation.',
  },
  permissions: {
    'POST /api/platforms': operator,
    'GET /api/platforms': memberReader,
    'GET /api/platforms/:id': memberReader,
    'PATCH /api/platforms/:id': operator,
    'POST /api/platforms/:id/suspend': operator,
    'POST /api/platforms/:id/resume': operator,
    'POST /api/platforms/:id/retire': operator,
  },
  addRoutes,
}

const describe = {
  create: route(
    'createPlatform',
    'Create a platform, which has no credentials yet',
    { body: ref('create-platform') },
    { 201: json('Created.', 'platform'), ...nameConflict },
  ),
  list: route(
    'listPlatforms',
    'List the platforms in your access scope, newest first',
    pagedQuery({
      state: stateFilter,
      kind: {
        enum: ['cloudfoundry', 'kubernetes', 'other', 'console'],
        description: 'Without it, the consoles of organisations are left out.',
      },
      organisation: text('Name or id of the organisation to which the platform belongs.'),
    }),
    { 200: page('A page of platforms.', 'platform') },
  ),
  read: route('getPlatform', 'Get a platform', byNameOrId('platform'), {
    200: json('The platform.', 'platform'),
    ...noPlatform,
  }),
  change: route(
    'changePlatform',
    'Change a platform, or the organisation to which it belongs',
    { ...byNameOrId('platform'), body: ref('update-platform') },
    {
      200: json(
        'Changed. Its instances still belong to the organisations they were ordered for.',
        'platform',
      ),
      ...noPlatform,
      ...isRetired,
    },
  ),
  suspend: route(
    'suspendPlatform',
    'Refuse new orders of a platform',
    { ...byNameOrId('platform'), body: ref('operator-reason') },
    {
      200: json('Suspended: it can still read, unbind and delete what it has.', 'platform'),
      ...noPlatform,
      ...isRetired,
    },
  ),
  resume: route(
    'resumePlatform',
    'End the suspension of a platform',
    { ...byNameOrId('platform'), body: ref('operator-reason') },
    { 200: json('Active.', 'platform'), ...noPlatform, ...isRetired },
  ),
  retire: route(
    'retirePlatform',
    'Retire a platform for good',
    { ...byNameOrId('platform'), body: ref('operator-reason') },
    {
      200: json(
        'Retired: its credentials are deleted, and its name is never used again.',
        'platform',
      ),
      ...noPlatform,
      ...conflict('It is retired already, or still has instances.'),
    },
  ),
} as const

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: string
  kind?: string
  organisation?: string
}

async function addRoutes(app: FastifyInstance, deps: TenancyDeps): Promise<void> {
  app.post<{ Body: CreatePlatform }>('/platforms', describe.create, async (request, reply) => {
    const id = await registerPlatform(deps, callerOf(request), request.body)
    return reply
      .code(201)
      .header('location', `/api/platforms/${id}`)
      .send(await describePlatform(deps.db, accessScopeOf(request), id))
  })

  app.get<{ Querystring: Filters }>('/platforms', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listPlatforms(
      deps.db,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/platforms/:id', describe.read, async (request) =>
    describePlatform(deps.db, accessScopeOf(request), request.params.id),
  )

  app.patch<{ Params: ById; Body: UpdatePlatform }>(
    '/platforms/:id',
    describe.change,
    async (request) => {
      const { id } = request.params
      await changePlatform(deps, callerOf(request), id, request.body)
      return describePlatform(deps.db, accessScopeOf(request), id)
    },
  )

  const verbs = {
    suspend: (caller: Caller, id: string, reason: string) =>
      setPlatformState(deps, caller, id, 'suspended', reason),
    resume: (caller: Caller, id: string, reason: string) =>
      setPlatformState(deps, caller, id, 'active', reason),
    retire: (caller: Caller, id: string, reason: string) =>
      retirePlatform(deps, caller, id, reason),
  }
  for (const verb of ['suspend', 'resume', 'retire'] as const) {
    app.post<{ Params: ById; Body: OperatorReason }>(
      `/platforms/:id/${verb}`,
      describe[verb],
      async (request) => {
        const { id } = request.params
        await verbs[verb](callerOf(request), id, request.body.reason)
        return describePlatform(deps.db, accessScopeOf(request), id)
      },
    )
  }
}
