import type { FastifyInstance } from 'fastify'
import { abandonOperation } from '../../operations/operator/abandon.ts'
import type { OperatorDeps } from '../../operations/operator/context.ts'
import { describeOperation, listOperations } from '../../operations/operator/read.ts'
import { retryOperation } from '../../operations/operator/retry.ts'
import { resolveManually } from '../../operations/operator/resolve-manually.ts'
import type { SettleOperation, OperatorReason } from '../../types.gen.ts'
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
import { operator, orderReader } from '../auth/roles.ts'

/** Operations of all platforms, and the actions of an operator on those that need a decision. */
export const operations: Noun<OperatorDeps> = {
  tag: {
    name: 'Operations',
    description: 'Work under way and done, and what operators do about it.',
  },
  permissions: {
    'GET /api/operations': orderReader,
    'GET /api/operations/:id': orderReader,
    'POST /api/operations/:id/retry': operator,
    'POST /api/operations/:id/settle': operator,
    'POST /api/operations/:id/abandon': operator,
  },
  addRoutes,
}

const noOperation = { 404: problem('There is no such operation.') }

const states = [
  'parked',
  'unfinished',
  'stuck',
  'accepted',
  'calling',
  'waiting',
  'uncertain',
  'compensating',
  'succeeded',
  'failed',
]

const describe = {
  list: route(
    'listOperations',
    'List operations of all platforms, newest first',
    pagedQuery({
      state: {
        enum: states,
        description:
          '`unfinished`: neither succeeded nor failed. `stuck`: running, but without ' +
          'progress for long.',
      },
      kind: ref('operation-kind'),
      provider: text('Name or id of a provider.'),
      platform: text('Name or id of a platform.'),
      instanceId: {
        type: 'string',
        minLength: 1,
        description: "The platform's id of the instance.",
      },
    }),
    { 200: page('A page of operations.', 'operation') },
  ),
  read: route(
    'getOperation',
    'Get an operation and its possible orphans at the provider',
    { params: idOf('operation') },
    { 200: json('The operation.', 'operation'), ...noOperation },
  ),
  retry: route(
    'retryOperation',
    'Resume a parked operation, or run a waiting one at once',
    { params: idOf('operation'), body: ref('operator-reason') },
    {
      200: json(
        'Resumed: Kontor removes what a provision or bind may have created, looks up the ' +
          'result of an update, and repeats a delete.',
        'operation',
      ),
      ...noOperation,
      ...actionErrors,
    },
  ),
  settle: route(
    'settleOperation',
    'End an operation with the outcome that a person has seen at the provider',
    { params: idOf('operation'), body: ref('settle-operation') },
    {
      200: json('Ended.', 'operation'),
      ...noOperation,
      ...actionErrors,
      429: problem(
        'The provider is busy, so Kontor cannot read the credentials of the binding now.',
      ),
      502: problem('Kontor cannot read the credentials of the successful binding at the provider.'),
    },
  ),
  abandon: route(
    'abandonOperation',
    'End an operation without its provider',
    { params: idOf('operation'), body: ref('operator-reason') },
    {
      200: json(
        'Ended. What a provision, bind or delete may have left is an orphan, which Kontor ' +
          'removes when it can reach the provider.',
        'operation',
      ),
      ...noOperation,
      ...actionErrors,
    },
  ),
} as const

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: NonNullable<Parameters<typeof listOperations>[2]['state']>
  kind?: string
  provider?: string
  platform?: string
  instanceId?: string
}

async function addRoutes(app: FastifyInstance, deps: OperatorDeps): Promise<void> {
  app.get<{ Querystring: Filters }>('/operations', describe.list, async (request) => {
    const { limit, cursor, ...filter } = request.query
    const page = pageOf({ limit, cursor })
    return listOperations(
      deps,
      accessScopeOf(request),
      { ...filter, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/operations/:id', describe.read, async (request) =>
    describeOperation(deps, accessScopeOf(request), request.params.id),
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/operations/:id/retry',
    describe.retry,
    async (request) => {
      const { params, body } = request
      await retryOperation(deps, callerOf(request), params.id, body.reason)
      return describeOperation(deps, accessScopeOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: SettleOperation }>(
    '/operations/:id/settle',
    describe.settle,
    async (request) => {
      const { params, body } = request
      await resolveManually(deps, callerOf(request), params.id, body.outcome, body.reason)
      return describeOperation(deps, accessScopeOf(request), params.id)
    },
  )

  app.post<{ Params: ById; Body: OperatorReason }>(
    '/operations/:id/abandon',
    describe.abandon,
    async (request) => {
      const { params, body } = request
      await abandonOperation(deps, callerOf(request), params.id, body.reason)
      return describeOperation(deps, accessScopeOf(request), params.id)
    },
  )
}
