import type { FastifyInstance } from 'fastify'
import { forgetOrphan, removeOrphanNow, type DecideDeps } from '../../orphans/operator/decide.ts'
import { describeOrphan, listOrphans } from '../../orphans/operator/read.ts'
import type { OperatorReason } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { pageOf, type Paging } from './paging.ts'
import {
  actionErrors,
  idOf,
  json,
  page,
  pagedQuery,
  problem,
  ref,
  route,
  text,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { operator, reader } from '../auth/roles.ts'

/** What orders may have left at providers, and the decisions of an operator about it. */
export const orphans: Noun<DecideDeps> = {
  tag: {
    name: 'Orphans',
    description: 'Resources that orders may have left at providers.',
  },
  permissions: {
    'GET /api/orphans': reader,
    'GET /api/orphans/:id': reader,
    'POST /api/orphans/:id/remove': operator,
    'POST /api/orphans/:id/forget': operator,
  },
  addRoutes,
}

const noOrphan = { 404: problem('There is no such orphan.') }

const describe = {
  list: route(
    'listOrphans',
    'List what orders may have left at providers, newest first',
    pagedQuery({
      state: { enum: ['open', 'removed', 'void', 'forgotten'] },
      cause: { enum: ['doubtful_call', 'late_call', 'retained', 'abandoned'] },
      provider: text('Name or id of a provider.'),
    }),
    { 200: page('A page of orphans.', 'orphan') },
  ),
  read: route(
    'getOrphan',
    'Get an orphan',
    { params: idOf('orphan') },
    { 200: json('The orphan.', 'orphan'), ...noOrphan },
  ),
  remove: route(
    'removeOrphan',
    'Remove an orphan now, even if it waits for the decision of a person',
    { params: idOf('orphan'), body: ref('operator-reason') },
    {
      200: json('Kontor removes it as soon as it can reach the provider.', 'orphan'),
      ...noOrphan,
      ...actionErrors,
    },
  ),
  forget: route(
    'forgetOrphan',
    'Leave an orphan at its provider',
    { params: idOf('orphan'), body: ref('operator-reason') },
    { 200: json('Kontor no longer removes it.', 'orphan'), ...noOrphan, ...actionErrors },
  ),
} as const

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: string
  cause?: string
  provider?: string
}

async function addRoutes(app: FastifyInstance, deps: DecideDeps): Promise<void> {
  app.get<{ Querystring: Filters }>('/orphans', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listOrphans(
      deps.db,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/orphans/:id', describe.read, async (request) =>
    describeOrphan(deps.db, accessScopeOf(request), request.params.id),
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/orphans/:id/remove',
    describe.remove,
    async (request) => {
      const { params, body } = request
      await removeOrphanNow(deps, callerOf(request), params.id, body.reason)
      return describeOrphan(deps.db, accessScopeOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/orphans/:id/forget',
    describe.forget,
    async (request) => {
      const { params, body } = request
      await forgetOrphan(deps, callerOf(request), params.id, body.reason)
      return describeOrphan(deps.db, accessScopeOf(request), params.id)
    },
  )
}
