// As describe.ts, for what an operator does to operations and orphans.
import { idOf, json, problem, ref, route } from './describe.ts'

const uuid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
const paging = {
  limit: {
    type: 'string',
    pattern: '^([1-9][0-9]?|1[0-9]{2}|200)$',
    description: 'How many at most: 1 to 200, 50 if it is not said.',
  },
  cursor: { type: 'string', pattern: uuid, description: '`next` of the page before.' },
}
/** The query of a list that is paged. */
export const query = (properties: Record<string, unknown>) => ({
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: { ...properties, ...paging },
  },
})
export const text = (description: string) => ({
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description,
})

const taken = {
  409: problem('It is over, has moved on, or cannot be moved so; the detail says how it stands.'),
  413: problem('The body is too large.'),
}
const noOperation = { 404: problem('There is no such operation.') }
const noOrphan = { 404: problem('There is no such orphan.') }

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

export const describeOperations = {
  list: route(
    'listOperations',
    'Operations of all platforms, newest first',
    query({
      state: {
        enum: states,
        description:
          '`unfinished`: all that are not over. `stuck`: those at work that have not moved on for long.',
      },
      kind: { enum: ['provision', 'update', 'deprovision', 'bind', 'unbind'] },
      provider: text('Name or id of a provider.'),
      platform: text('Name or id of a platform.'),
      instanceId: {
        type: 'string',
        minLength: 1,
        description: "The platform's id of the instance.",
      },
    }),
    { 200: json('A page of them.', 'operation-page') },
  ),
  read: route(
    'getOperation',
    'One operation and what it may have left at its provider',
    { params: idOf('operation') },
    { 200: json('The operation.', 'operation'), ...noOperation },
  ),
  retry: route(
    'retryOperation',
    'Get a parked operation going again, or have a waiting one taken up at once',
    { params: idOf('operation'), body: ref('operator-reason') },
    {
      200: json(
        'It goes on: a provision or bind by being removed, an update by being looked up, a delete by being repeated.',
        'operation',
      ),
      ...noOperation,
      ...taken,
    },
  ),
  settle: route(
    'settleOperation',
    'End an operation as a person has found it at the provider',
    { params: idOf('operation'), body: ref('settle-operation') },
    {
      200: json('It is over.', 'operation'),
      ...noOperation,
      ...taken,
      429: problem(
        'The provider is busy, so that the credentials of a binding cannot be read just now.',
      ),
      502: problem('The credentials of a binding that succeeded cannot be read at the provider.'),
    },
  ),
  abandon: route(
    'abandonOperation',
    'End an operation without its provider',
    { params: idOf('operation'), body: ref('operator-reason') },
    {
      200: json(
        'It is over. What a provision, a bind or a delete may have left is an orphan, removed when the provider can be asked.',
        'operation',
      ),
      ...noOperation,
      ...taken,
    },
  ),
} as const

export const describeOrphans = {
  list: route(
    'listOrphans',
    'What orders may have left at providers, newest first',
    query({
      state: { enum: ['open', 'removed', 'void', 'forgotten'] },
      cause: { enum: ['doubtful_call', 'late_call', 'retained', 'abandoned'] },
      provider: text('Name or id of a provider.'),
    }),
    { 200: json('A page of them.', 'orphan-page') },
  ),
  read: route(
    'getOrphan',
    'One orphan',
    { params: idOf('orphan') },
    { 200: json('The orphan.', 'orphan'), ...noOrphan },
  ),
  remove: route(
    'removeOrphan',
    'Have an orphan removed now, also one that waits for a person',
    { params: idOf('orphan'), body: ref('operator-reason') },
    {
      200: json('It is removed as soon as its provider can be asked.', 'orphan'),
      ...noOrphan,
      ...taken,
    },
  ),
  forget: route(
    'forgetOrphan',
    'Let an orphan stay at its provider',
    { params: idOf('orphan'), body: ref('operator-reason') },
    { 200: json('Nobody removes it any more.', 'orphan'), ...noOrphan, ...taken },
  ),
} as const
