import type { FastifyInstance } from 'fastify'
import { describeRule, describeRules } from '../../access/visibility/describe-rules.ts'
import {
  explainVisibility,
  type ExplainDeps,
  type ExplainFilters,
} from '../../access/visibility/explain.ts'
import {
  changeRule,
  createRule,
  removeRule,
  type RuleDeps,
} from '../../access/visibility/edit-rules.ts'
import type { CreateVisibilityRule, UpdateVisibilityRule } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { describeVisibility as describe } from './describe-access.ts'

interface ById {
  id: string
}

/** Visibility rules: which plans platforms see and may order. */
export async function visibilityRoutes(
  app: FastifyInstance,
  deps: RuleDeps & ExplainDeps,
): Promise<void> {
  app.post<{ Body: CreateVisibilityRule }>(
    '/visibility-rules',
    describe.create,
    async (request, reply) => {
      const id = await createRule(deps, callerOf(request), request.body)
      return reply
        .code(201)
        .header('location', `/api/visibility-rules/${id}`)
        .send(await describeRule(deps, id))
    },
  )

  app.get('/visibility-rules', describe.list, async () => ({ items: await describeRules(deps) }))

  app.get<{ Params: ById }>('/visibility-rules/:id', describe.read, async ({ params }) =>
    describeRule(deps, params.id),
  )

  app.patch<{ Params: ById; Body: UpdateVisibilityRule }>(
    '/visibility-rules/:id',
    describe.change,
    async (request) => {
      await changeRule(deps, callerOf(request), request.params.id, request.body)
      return describeRule(deps, request.params.id)
    },
  )

  app.delete<{ Params: ById }>('/visibility-rules/:id', describe.remove, async (request, reply) => {
    await removeRule(deps, callerOf(request), request.params.id)
    return reply.code(204).send()
  })

  app.get<{ Params: ById; Querystring: ExplainFilters }>(
    '/platforms/:id/visibility',
    describe.explain,
    async (request) =>
      explainVisibility(deps, accessScopeOf(request), request.params.id, request.query),
  )
}
