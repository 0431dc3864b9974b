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
import { describe } from './describe.ts'

interface ById {
  id: string
}

/** Reconciliation runs on request, and their findings. */
export async function reconciliationRoutes(app: FastifyInstance, deps: StartDeps): Promise<void> {
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
