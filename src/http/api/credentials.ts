import type { FastifyInstance } from 'fastify'
import { issueCredential, type CredentialDeps } from '../../tenancy/credentials/issue.ts'
import { listCredentials } from '../../tenancy/credentials/read.ts'
import { revokeCredential } from '../../tenancy/credentials/revoke.ts'
import type { LastUsed } from '../../tenancy/last-used.ts'
import { describePlatform } from '../../tenancy/platforms/read.ts'
import type { CreateCredential } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { json, list, noContent, problem, ref, route, tooLarge } from './describe-route.ts'
import { byNameOrId, noPlatform } from './describe-tenants.ts'
import type { Noun } from './noun.ts'
import { agencyKeeper, agencyReader } from '../auth/roles.ts'

/** The credentials of platforms. */
export const credentials: Noun<CredentialRouteDeps> = {
  tag: {
    name: 'Platform credentials',
    description: 'With which platforms sign in.',
  },
  permissions: {
    'GET /api/platforms/:id/credentials': agencyReader,
    'POST /api/platforms/:id/credentials': agencyKeeper,
    'DELETE /api/platforms/:id/credentials/:credentialId': agencyKeeper,
  },
  addRoutes,
}

const describe = {
  list: route(
    'listCredentials',
    "List a platform's credentials and when each was last used",
    byNameOrId('platform'),
    { 200: list('Its credentials, without secrets.', 'credential'), ...noPlatform },
  ),
  issue: route(
    'issueCredential',
    'Issue one more credential for a platform; existing ones stay valid',
    { ...byNameOrId('platform'), body: ref('create-credential') },
    {
      201: json('Issued. This response is the only one with the password.', 'issued-credential'),
      ...noPlatform,
      403: problem(
        'Your roles do not allow this; or only an operator may issue this kind, or any ' +
          'credential of a platform through which other organisations order.',
      ),
      409: problem(
        'The platform is retired or has two credentials of this kind, or another platform ' +
          'signs in with the same identity.',
      ),
      ...tooLarge,
    },
  ),
  revoke: route(
    'revokeCredential',
    "Revoke a platform's credential",
    byNameOrId('platform', {
      credentialId: { type: 'string', minLength: 1, description: 'Id of the credential.' },
    }),
    {
      ...noContent('Revoked; every process refuses it within moments.'),
      403: problem(
        'Your roles do not allow this; or only an operator may revoke this kind, or any ' +
          'credential of a platform through which other organisations order.',
      ),
      404: problem('There is no such platform or credential in your access scope.'),
    },
  ),
} as const

interface ById {
  id: string
}

export interface CredentialRouteDeps extends CredentialDeps {
  readonly lastUsed: LastUsed
}

async function addRoutes(app: FastifyInstance, deps: CredentialRouteDeps): Promise<void> {
  app.get<{ Params: ById }>('/platforms/:id/credentials', describe.list, async (request) => {
    const { id } = await describePlatform(deps.db, accessScopeOf(request), request.params.id)
    // Uses that this process has seen show at once, those of other processes within a minute.
    await deps.lastUsed.flush()
    return listCredentials(deps.db, id)
  })

  app.post<{ Params: ById; Body: CreateCredential }>(
    '/platforms/:id/credentials',
    describe.issue,
    async (request, reply) => {
      const { params, body } = request
      const issued = await issueCredential(deps, callerOf(request), params.id, body)
      return reply.code(201).header('cache-control', 'no-store').send(issued)
    },
  )

  app.delete<{ Params: ById & { credentialId: string } }>(
    '/platforms/:id/credentials/:credentialId',
    describe.revoke,
    async (request, reply) => {
      const { id, credentialId } = request.params
      await revokeCredential(deps, callerOf(request), id, credentialId)
      return reply.code(204).send()
    },
  )
}
