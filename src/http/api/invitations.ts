import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Mailing } from '../../mail/write.ts'
import { acceptInvitations } from '../../people/invitations/accept.ts'
import { invite, revokeInvitation } from '../../people/invitations/invite.ts'
import { describeInvitation, listInvitations } from '../../people/invitations/read.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import type { CreateInvitation } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { signedInOf } from '../auth/signed-in.ts'
import {
  idOf,
  json,
  noContent,
  page,
  pagedQuery,
  problem,
  ref,
  route,
  tooLarge,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { agencyKeeper, agencyReader, person } from '../auth/roles.ts'

/** Roles that wait for people who are no members yet. */
export const invitations: Noun<TenancyDeps & Mailing> = {
  tag: {
    name: 'Invitations',
    description: 'Roles that wait for people.',
  },
  permissions: {
    'POST /api/invitations': agencyKeeper,
    'GET /api/invitations': agencyReader,
    'DELETE /api/invitations/:id': agencyKeeper,
    'POST /api/invitations/accept': person,
  },
  addRoutes,
}

const describe = {
  create: route(
    'createInvitation',
    'Invite a person to a role in an organisation',
    { body: ref('create-invitation') },
    {
      201: json('It waits for the person to sign in.', 'invitation'),
      409: problem('The same invitation is open already, or 500 of the organisation are.'),
      ...tooLarge,
    },
  ),
  list: route(
    'listInvitations',
    'List the invitations to the organisations in your access scope, newest first',
    pagedQuery({}),
    { 200: page('A page of invitations.', 'invitation') },
  ),
  revoke: route(
    'revokeInvitation',
    'Revoke an invitation; a role that it has given stays',
    { params: idOf('invitation') },
    {
      ...noContent('Revoked: it gives nothing any more.'),
      404: problem('There is no such invitation in your access scope.'),
    },
  ),
  accept: route(
    'acceptInvitations',
    'Accept the invitations that name the person who asks, 50 at once',
    {},
    {
      ...noContent('Accepted: `GET /api/people/me` has the roles. Also when there was none.'),
      409: problem('An invitation was changed past Kontor.'),
    },
  ),
} as const

interface ById {
  id: string
}

async function addRoutes(app: FastifyInstance, deps: TenancyDeps & Mailing): Promise<void> {
  const view = (request: FastifyRequest, id: string) =>
    describeInvitation(deps.db, accessScopeOf(request), deps.now(), id)

  app.post<{ Body: CreateInvitation }>('/invitations', describe.create, async (request, reply) =>
    reply.code(201).send(await view(request, await invite(deps, callerOf(request), request.body))),
  )

  app.get<{ Querystring: Paging }>('/invitations', describe.list, async (request) => {
    const { limit, before } = pageOf(request.query)
    return listInvitations(deps.db, accessScopeOf(request), deps.now(), before, limit)
  })

  app.delete<{ Params: ById }>('/invitations/:id', describe.revoke, async (request, reply) => {
    await revokeInvitation(deps, callerOf(request), request.params.id)
    return reply.code(204).send()
  })

  app.post('/invitations/accept', describe.accept, async (request, reply) => {
    await acceptInvitations(deps, signedInOf(request))
    return reply.code(204).send()
  })
}
