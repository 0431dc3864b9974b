// Descriptions of the routes of operations and orphans.
import { idOf, json, pagedQuery, problem, ref, route, text, tooLarge } from './describe-route.ts'

const actionErrors = {
  409: problem('Its state does not allow this, or has just changed; `detail` says what it is.'),
  ...tooLarge,
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
    { 200: json('A page of operations.', 'operation-page') },
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

export const describeOrphans = {
  list: route(
    'listOrphans',
    'List what orders may have left at providers, newest first',
    pagedQuery({
      state: { enum: ['open', 'removed', 'void', 'forgotten'] },
      cause: { enum: ['doubtful_call', 'late_call', 'retained', 'abandoned'] },
      provider: text('Name or id of a provider.'),
    }),
    { 200: json('A page of orphans.', 'orphan-page') },
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
