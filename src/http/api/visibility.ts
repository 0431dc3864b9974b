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
import {
  idOf,
  json,
  list,
  noContent,
  problem,
  query,
  ref,
  route,
  text,
  tooLarge,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { operator, reader } from '../auth/roles.ts'

/** Visibility rules: which plans platforms see and may order. */
export const visibility: Noun<RuleDeps & ExplainDeps> = {
  tag: {
    name: 'Visibility rules',
    description: 'Who may see and order what.',
  },
  permissions: {
    'POST /api/visibility-rules': operator,
    'GET /api/visibility-rules': reader,
    'GET /api/visibility-rules/:id': reader,
    'PATCH /api/visibility-rules/:id': operator,
    'DELETE /api/visibility-rules/:id': operator,
    'GET /api/platforms/:id/visibility': reader,
  },
  addRoutes,
}

const noRule = { 404: problem('There is no such visibility rule.') }

const describe = {
  create: route(
    'createVisibilityRule',
    'Create a visibility rule, which opens plans to platforms or withholds them',
    { body: ref('create-visibility-rule') },
    {
      201: json('Created, and in force from now on.', 'visibility-rule'),
      409: problem('There are a thousand rules already.'),
      ...tooLarge,
    },
  ),
  list: route(
    'listVisibilityRules',
    'List all visibility rules, oldest first',
    {},
    { 200: list('The rules.', 'visibility-rule') },
  ),
  read: route(
    'getVisibilityRule',
    'Get a visibility rule',
    { params: idOf('rule') },
    { 200: json('The rule.', 'visibility-rule'), ...noRule },
  ),
  change: route(
    'changeVisibilityRule',
    'Change a visibility rule',
    { params: idOf('rule'), body: ref('update-visibility-rule') },
    {
      200: json('Changed, and in force from now on.', 'visibility-rule'),
      ...noRule,
      ...tooLarge,
    },
  ),
  remove: route(
    'removeVisibilityRule',
    'Remove a visibility rule',
    { params: idOf('rule') },
    { ...noContent('Removed, and no longer in force.'), ...noRule },
  ),
  explain: route(
    'explainVisibility',
    'Explain what a platform sees and may order, and by which rules',
    {
      params: idOf('platform'),
      ...query({
        organisation: text(
          "Id or name of the organisation to order for; the platform's own organisation by " +
            'default.',
        ),
        offering: text('Published id or name of an offering; all offerings by default.'),
        plan: text('Published id or unambiguous name of a plan; all plans by default.'),
      }),
    },
    {
      200: json('The decision for each of these published plans.', 'platform-visibility'),
      404: problem('There is no such platform.'),
    },
  ),
} as const

interface ById {
  id: string
}

async function addRoutes(app: FastifyInstance, deps: RuleDeps & ExplainDeps): Promise<void> {
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
