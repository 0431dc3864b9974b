import type { FastifyInstance } from 'fastify'
import type { InstanceTimelineDeps } from '../../orders/instance-timeline.ts'
import { followInstance, followOrder, type FollowedState } from '../../orders/live/followed.ts'
import { accessScopeOf } from '../admit.ts'
import { memberReader, orderReader } from '../auth/roles.ts'
import { eventText } from '../streams/event-text.ts'
import type { Streams } from '../streams/streams.ts'
import { idOf, query, problem, route } from './describe-route.ts'
import { noOrder, orderNumber, type ByNumber } from './orders.ts'
import type { Noun } from './noun.ts'

/** What goes on, as it goes on. */
export const events: Noun<
  InstanceTimelineDeps & { readonly streams: Pick<Streams, 'assertRoom' | 'answer'> }
> = {
  tag: {
    name: 'Events',
    description: 'What goes on with orders and instances, as it goes on.',
  },
  permissions: {
    'GET /api/orders/:number/events': memberReader,
    'GET /api/instances/:id/events': orderReader,
  },
  addRoutes,
}

const after = query({
  after: {
    type: 'string',
    minLength: 1,
    maxLength: 50,
    description: '`id` of the last event that was read, as the header Last-Event-ID.',
  },
})
const stream = {
  200: {
    description:
      'Server-sent events: `hello`; `timeline`, now and after each change, whose data is the ' +
      'timeline as JSON; `beat` every 15 seconds; `end` when nothing will change any more. A ' +
      'stream that ends without `end` is to be opened again, with Last-Event-ID.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  },
}

const describe = {
  order: route(
    'followOrder',
    'Follow an order',
    { ...orderNumber, ...after },
    {
      ...stream,
      ...noOrder,
    },
  ),
  instance: route(
    'followInstance',
    'Follow an instance',
    { params: idOf('instance'), ...after },
    { ...stream, 404: problem('There is no such instance.') },
  ),
} as const

const isStream = { exposeHeadRoute: false, config: { isStream: true } } as const

function timelineText({ timeline, version }: FollowedState): string {
  return eventText('timeline', JSON.stringify(timeline), version)
}

async function addRoutes(
  app: FastifyInstance,
  deps: InstanceTimelineDeps & { readonly streams: Pick<Streams, 'assertRoom' | 'answer'> },
): Promise<void> {
  app.get<ByNumber>(
    '/orders/:number/events',
    { ...describe.order, ...isStream },
    async (request, reply) => {
      deps.streams.assertRoom(request)
      const { number } = request.params
      const followed = await followOrder(deps, accessScopeOf(request), number)
      return deps.streams.answer(request, reply, followed, timelineText)
    },
  )

  app.get<{ Params: { id: string } }>(
    '/instances/:id/events',
    { ...describe.instance, ...isStream },
    async (request, reply) => {
      deps.streams.assertRoom(request)
      const followed = await followInstance(deps, accessScopeOf(request), request.params.id)
      return deps.streams.answer(request, reply, followed, timelineText)
    },
  )
}
