import type { FastifyInstance } from 'fastify'
import { acknowledge } from '../../reconciliation/acknowledge.ts'
import {
  lookUpFindings,
  lookUpLastRun,
  lookUpRun,
  type Wanted,
} from '../../reconciliation/look-up-run.ts'
import { startRun, type StartDeps } from '../../reconciliation/start.ts'
import { viewOfRun } from '../../reconciliation/view.ts'
import type { AcknowledgeFinding } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { idOf, json, page, problem, ref, route, tooLarge } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { operator, providerKeeper, providerReader } from '../auth/roles.ts'

/** Reconciliation runs on request, and their findings. */
export const reconciliation: Noun<StartDeps> = {
  tag: {
    name: 'Reconciliation',
    description: 'Comparisons of what Kontor knows with what providers hold.',
  },
  permissions: {
    'POST /api/providers/:id/reconcile': providerKeeper,
    'GET /api/providers/:id/reconciliation': providerReader,
    'GET /api/providers/:id/findings': providerReader,
    'GET /api/reconciliations/:id': providerReader,
    'POST /api/findings/:id/acknowledge': operator,
  },
  addRoutes,
}

const byId = idOf('provider')
const noProvider = { 404: problem('There is no such provider.') }

const findingsQuery = {
  type: 'object',
  properties: {
    state: {
      enum: ['open', 'all'],
      default: 'open',
      description: 'open: neither resolved nor acknowledged.',
    },
    kind: { enum: ['missing', 'unknown', 'different'] },
    cursor: {
      type: 'string',
      pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
      description: '`next` of the previous page.',
    },
    limit: {
      type: 'string',
      pattern: '^([1-9][0-9]{0,2}|1000)$',
      default: '100',
      description: 'Maximum number of findings on a page: 1 to 1000.',
    },
  },
}

const describe = {
  reconcile: route(
    'reconcileProvider',
    "Compare Kontor's instances and bindings with those that the provider lists",
    { params: byId },
    {
      202: json(
        'A run has started, or was running already; Location is its address.',
        'reconciliation',
      ),
      ...noProvider,
    },
  ),
  lastReconciliation: route(
    'getLastReconciliation',
    "Get a provider's running or last reconciliation run",
    { params: byId },
    {
      200: json('The run.', 'reconciliation'),
      404: problem('There is no such provider, or it has not been reconciled yet.'),
    },
  ),
  reconciliation: route(
    'getReconciliation',
    'Get a reconciliation run',
    { params: idOf('run') },
    {
      200: json('The run.', 'reconciliation'),
      404: problem('There is no such run; Kontor keeps the newest 100 of a provider.'),
    },
  ),
  findings: route(
    'listFindings',
    'List the differences between Kontor and a provider, oldest first',
    { params: byId, querystring: findingsQuery },
    { 200: page('A page of findings.', 'finding'), ...noProvider },
  ),
  acknowledge: route(
    'acknowledgeFinding',
    'Take a finding off the list of open findings until it changes',
    { params: idOf('finding'), body: ref('acknowledge-finding') },
    {
      200: json('Acknowledged.', 'finding'),
      404: problem('There is no such finding.'),
      409: problem('The finding is resolved already.'),
      ...tooLarge,
    },
  ),
} as const

interface ById {
  id: string
}

async function addRoutes(app: FastifyInstance, deps: StartDeps): Promise<void> {
  app.post<{ Params: ById }>(
    '/providers/:id/reconcile',
    describe.reconcile,
    async (request, reply) => {
      const run = await startRun(deps, callerOf(request), request.params.id)
      return reply
        .code(202)
        .header('location', `/api/reconciliations/${run.id}`)
        .send(viewOfRun(run))
    },
  )

  app.get<{ Params: ById }>(
    '/providers/:id/reconciliation',
    describe.lastReconciliation,
    async (request) => lookUpLastRun(deps.db, accessScopeOf(request), request.params.id),
  )

  app.get<{ Params: ById }>('/reconciliations/:id', describe.reconciliation, async (request) =>
    lookUpRun(deps.db, accessScopeOf(request), request.params.id),
  )

  app.get<{ Params: ById; Querystring: Wanted }>(
    '/providers/:id/findings',
    describe.findings,
    async (request) =>
      lookUpFindings(deps.db, accessScopeOf(request), request.params.id, request.query),
  )

  app.post<{ Params: ById; Body: AcknowledgeFinding }>(
    '/findings/:id/acknowledge',
    describe.acknowledge,
    async (request) => acknowledge(deps, callerOf(request), request.params.id, request.body.reason),
  )
}
