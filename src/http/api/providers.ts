import type { FastifyInstance } from 'fastify'
import { approveOrigins } from '../../administration/approve-origins.ts'
import { changeProvider } from '../../administration/change-provider.ts'
import { registerProvider } from '../../administration/register-provider.ts'
import { removeProvider } from '../../administration/remove-provider.ts'
import { describeProvider, describeProviders } from '../../catalog/describe-providers.ts'
import type { RefreshDeps } from '../../catalog/refresh.ts'
import type { ApproveOrigins, CreateProvider, UpdateProvider } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { idOf, json, list, noContent, problem, ref, route, tooLarge } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { operator, providerKeeper, providerReader } from '../auth/roles.ts'

/** Providers: registered with their back end, changed, read and removed. */
export const providers: Noun<RefreshDeps> = {
  tag: {
    name: 'Providers',
    description: 'Data centres whose services Kontor offers: registered, changed and removed.',
  },
  permissions: {
    'POST /api/providers': operator,
    'GET /api/providers': providerReader,
    'GET /api/providers/:id': providerReader,
    'PATCH /api/providers/:id': providerKeeper,
    'DELETE /api/providers/:id': operator,
    'POST /api/providers/:id/approve-origins': operator,
  },
  addRoutes,
}

const byId = idOf('provider')
const noProvider = { 404: problem('There is no such provider.') }

const drainQuery = {
  type: 'object',
  properties: {
    drain: {
      enum: ['true', 'false'],
      description:
        'true: if the provider still has instances, hide its offerings and keep serving the ' +
        'instances.',
    },
  },
}

const describe = {
  register: route(
    'registerProvider',
    'Register a provider and read its catalog',
    { body: ref('create-provider') },
    {
      201: json('Registered. `catalog` shows how the first read went.', 'provider'),
      409: problem('The name or the display name is taken.'),
      ...tooLarge,
    },
  ),
  list: route(
    'listProviders',
    'List all providers in the order of their registration',
    {},
    { 200: list('The providers.', 'provider') },
  ),
  read: route(
    'getProvider',
    'Get a provider and the state of its catalog',
    { params: byId },
    { 200: json('The provider.', 'provider'), ...noProvider },
  ),
  change: route(
    'changeProvider',
    "Change a provider's settings, credentials or limits, and read its catalog again",
    { params: byId, body: ref('update-provider') },
    {
      200: json('Changed.', 'provider'),
      403: problem(
        'Your roles do not allow this, or `detail` names a field that only an operator changes.',
      ),
      409: problem('displayName is that of another provider.'),
      ...noProvider,
    },
  ),
  remove: route(
    'removeProvider',
    'Remove a provider',
    { params: byId, querystring: drainQuery },
    {
      202: json('The provider still has instances and is draining now.', 'provider'),
      ...noContent('Removed.'),
      409: problem('The provider still has instances.'),
      ...noProvider,
    },
  ),
  approveOrigins: route(
    'approveOrigins',
    'Approve origins that a provider has registered itself, and read its catalog',
    { params: byId, body: ref('approve-origins') },
    {
      200: json(
        'Approved: orders go there, and the role provider sees why calls fail.',
        'provider',
      ),
      409: problem('The registration does not name the origin, perhaps not any more.'),
      ...noProvider,
    },
  ),
} as const

interface ById {
  id: string
}

async function addRoutes(app: FastifyInstance, deps: RefreshDeps): Promise<void> {
  app.post<{ Body: CreateProvider }>('/providers', describe.register, async (request, reply) => {
    const provider = await registerProvider(deps, callerOf(request), request.body)
    return reply.code(201).header('location', `/api/providers/${provider.id}`).send(provider)
  })

  app.get('/providers', describe.list, async (request) => ({
    items: await describeProviders(deps.db, accessScopeOf(request)),
  }))

  app.get<{ Params: ById }>('/providers/:id', describe.read, async (request) =>
    describeProvider(deps.db, accessScopeOf(request), request.params.id),
  )

  app.patch<{ Params: ById; Body: UpdateProvider }>(
    '/providers/:id',
    describe.change,
    async (request) => changeProvider(deps, callerOf(request), request.params.id, request.body),
  )

  app.delete<{ Params: ById; Querystring: { drain?: 'true' | 'false' } }>(
    '/providers/:id',
    describe.remove,
    async (request, reply) => {
      const { params, query } = request
      const isDrain = query.drain === 'true'
      const draining = await removeProvider(deps, callerOf(request), params.id, isDrain)
      return draining === undefined ? reply.code(204).send() : reply.code(202).send(draining)
    },
  )

  app.post<{ Params: ById; Body: ApproveOrigins }>(
    '/providers/:id/approve-origins',
    describe.approveOrigins,
    async (request) => approveOrigins(deps, callerOf(request), request.params.id, request.body),
  )
}
