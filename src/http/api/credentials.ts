import type { FastifyInstance } from 'fastify'
import { issueCredential, type CredentialDeps } from '../../tenancy/credentials/issue.ts'
import { listCredentials } from '../../tenancy/credentials/read.ts'
import { revokeCredential } from '../../tenancy/credentials/revoke.ts'
import type { LastUsed } from '../../tenancy/last-used.ts'
import { describePlatform } from '../../tenancy/platforms/read.ts'
import type { CreateCredential } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { describeCredentials as describe } from './describe-platform-parts.ts'

interface ById {
  id: string
}

export interface CredentialRouteDeps extends CredentialDeps {
  readonly lastUsed: LastUsed
}

/** The credentials of platforms. */
export async function credentialRoutes(
  app: FastifyInstance,
  deps: CredentialRouteDeps,
): Promise<void> {
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
