import type { FastifyInstance, FastifyRequest } from 'fastify'
import { administeredBy } from '../../people/roles.ts'
import { issueToken, type TokenDeps } from '../../people/tokens/issue.ts'
import { listTokens } from '../../people/tokens/read.ts'
import { revokeToken } from '../../people/tokens/revoke.ts'
import type { TokenScope } from '../../people/tokens/scope.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { CreateToken } from '../../types.gen.ts'
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
  uuid,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'
import { person } from '../auth/roles.ts'

interface Deps extends TokenDeps {
  readonly directory: TokenDeps['directory'] & Pick<Directory, 'subtreeOf'>
}

/** Personal API tokens. */
export const tokens: Noun<Deps> = {
  tag: {
    name: 'Personal tokens',
    description: 'With which programs act for a person.',
  },
  permissions: {
    'POST /api/tokens': person,
    'GET /api/tokens': ['operator', 'auditor', 'person'],
    'DELETE /api/tokens/:id': ['operator', 'person'],
  },
  addRoutes,
}

const describe = {
  issue: route(
    'issueToken',
    'Issue a personal API token, which has your roles or some of them',
    { body: ref('create-token') },
    {
      201: json('Issued. Its text is shown only here.', 'issued-token'),
      409: problem('You have 20 tokens.'),
      ...tooLarge,
    },
  ),
  list: route(
    'listTokens',
    'List your tokens and those of the members whom you administer, newest first',
    pagedQuery({ person: uuid('Id of the person.') }),
    { 200: page('A page of tokens.', 'token') },
  ),
  revoke: route(
    'revokeToken',
    'Revoke a token of yours, or of a member whom you administer',
    { params: idOf('token') },
    {
      ...noContent('Revoked: nothing signs in with it.'),
      404: problem('There is no such token that is yours or of a member whom you administer.'),
    },
  ),
} as const

interface ById {
  id: string
}
interface Filters extends Paging {
  person?: string
}

async function addRoutes(app: FastifyInstance, deps: Deps): Promise<void> {
  const scopeOf = (request: FastifyRequest): TokenScope => {
    if (accessScopeOf(request) === 'all') return { personId: undefined, administers: 'all' }
    const { person: own, roles } = signedInOf(request)
    return { personId: own.id, administers: administeredBy(deps.directory, roles) }
  }

  app.post<{ Body: CreateToken }>('/tokens', describe.issue, async (request, reply) =>
    reply
      .code(201)
      .header('cache-control', 'no-store')
      .send(await issueToken(deps, signedInOf(request), request.body)),
  )

  app.get<{ Querystring: Filters }>('/tokens', describe.list, async (request) => {
    const { limit, cursor, person: of } = request.query
    const asked = pageOf({ limit, cursor })
    return listTokens(deps, scopeOf(request), { person: of, before: asked.before }, asked.limit)
  })

  app.delete<{ Params: ById }>('/tokens/:id', describe.revoke, async (request, reply) => {
    await revokeToken(deps, callerOf(request), scopeOf(request), request.params.id)
    return reply.code(204).send()
  })
}
