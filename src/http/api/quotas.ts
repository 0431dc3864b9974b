import type { FastifyInstance } from 'fastify'
import {
  describeQuota as describeOne,
  describeQuotas,
} from '../../access/quotas/describe-quotas.ts'
import { removeQuota, setQuota, type QuotaDeps } from '../../access/quotas/set-quota.ts'
import type { SetQuota } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { pageOf, type Paging } from './paging.ts'
import {
  idOf,
  json,
  noContent,
  page,
  pagedQuery,
  problem,
  ref,
  route,
  text,
  tooLarge,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { memberReader, operator } from '../auth/roles.ts'

/** Quotas: the maximum number of instances. */
export const quotas: Noun<QuotaDeps> = {
  tag: {
    name: 'Quotas',
    description: 'How much organisations and platforms may have.',
  },
  permissions: {
    'PUT /api/quotas': operator,
    'GET /api/quotas': memberReader,
    'GET /api/quotas/:id': memberReader,
    'DELETE /api/quotas/:id': operator,
  },
  addRoutes,
}

const noQuota = { 404: problem('There is no such quota.') }

const describe = {
  set: route(
    'setQuota',
    'Set the maximum number of instances',
    { body: ref('set-quota') },
    {
      200: json('The existing quota for the same objects is changed.', 'quota'),
      201: json('Created, and in force from now on.', 'quota'),
      ...tooLarge,
    },
  ),
  list: route(
    'listQuotas',
    'List quotas and how much of each is used, newest first',
    pagedQuery({
      organisation: text(
        'Id or name. An unknown one, or one outside your access scope, gives an agency an ' +
          'empty list and other roles 400.',
      ),
      provider: text(
        'Id or name. An unknown one, or one without a quota of its own, gives an agency an ' +
          'empty list; an unknown one gives other roles 400.',
      ),
    }),
    { 200: page('A page of quotas.', 'quota') },
  ),
  read: route(
    'getQuota',
    'Get a quota and how much of it is used',
    { params: idOf('quota') },
    { 200: json('The quota.', 'quota'), ...noQuota },
  ),
  remove: route(
    'removeQuota',
    'Remove a quota',
    { params: idOf('quota') },
    { ...noContent('Removed, and no longer in force.'), ...noQuota },
  ),
} as const

interface ById {
  id: string
}
interface Filters extends Paging {
  organisation?: string
  provider?: string
}

async function addRoutes(app: FastifyInstance, deps: QuotaDeps): Promise<void> {
  app.put<{ Body: SetQuota }>('/quotas', describe.set, async (request, reply) => {
    const { id, isNew } = await setQuota(deps, callerOf(request), request.body)
    return reply
      .code(isNew ? 201 : 200)
      .header('location', `/api/quotas/${id}`)
      .send(await describeOne(deps, accessScopeOf(request), id))
  })

  app.get<{ Querystring: Filters }>('/quotas', describe.list, async (request) => {
    const { limit, cursor, ...asked } = request.query
    const page = pageOf({ limit, cursor })
    return describeQuotas(
      deps,
      accessScopeOf(request),
      { ...asked, before: page.before },
      page.limit,
    )
  })

  app.get<{ Params: ById }>('/quotas/:id', describe.read, async (request) =>
    describeOne(deps, accessScopeOf(request), request.params.id),
  )

  app.delete<{ Params: ById }>('/quotas/:id', describe.remove, async (request, reply) => {
    await removeQuota(deps, callerOf(request), request.params.id)
    return reply.code(204).send()
  })
}
