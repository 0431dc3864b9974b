import type { FastifyInstance } from 'fastify'
import { instanceTimeline, type InstanceTimelineDeps } from '../../orders/instance-timeline.ts'
import { accessScopeOf } from '../admit.ts'
import { orderReader } from '../auth/roles.ts'
import { idOf, json, problem, route } from './describe-route.ts'
import { instances } from './instances.ts'
import type { Noun } from './noun.ts'

/** What was done with instances, whatever platform ordered them. */
export const instanceTimelines: Noun<InstanceTimelineDeps> = {
  ...(instances.tag === undefined ? {} : { tag: instances.tag }),
  permissions: { 'GET /api/instances/:id/timeline': orderReader },
  addRoutes,
}

const describe = {
  timeline: route(
    'getInstanceTimeline',
    'Read who did what with an instance, even if it was deleted',
    { params: idOf('instance') },
    {
      200: json('Its operations and the history of its order.', 'instance-timeline'),
      404: problem('There is no such instance.'),
    },
  ),
} as const

async function addRoutes(app: FastifyInstance, deps: InstanceTimelineDeps): Promise<void> {
  app.get<{ Params: { id: string } }>(
    '/instances/:id/timeline',
    describe.timeline,
    async (request) => instanceTimeline(deps, accessScopeOf(request), request.params.id),
  )
}
