// As describe.ts, for what platforms see, may order, and how much of it.
import { idOf, json, problem, ref, route } from './describe.ts'

const uuid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
const text = (description: string) => ({
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description,
})
const query = (properties: Record<string, unknown>) => ({
  querystring: { type: 'object', additionalProperties: false, properties },
})

const noRule = { 404: problem('There is no such visibility rule.') }
const noQuota = { 404: problem('There is no such quota.') }
const large = { 413: problem('The body is too large.') }

export const describeVisibility = {
  create: route(
    'createVisibilityRule',
    'Open plans to some, or take them from some',
    { body: ref('create-visibility-rule') },
    {
      201: json('It holds from now on.', 'visibility-rule'),
      409: problem('There are a thousand rules already.'),
      ...large,
    },
  ),
  list: route(
    'listVisibilityRules',
    'All visibility rules, oldest first',
    {},
    { 200: json('The rules.', 'visibility-rule-list') },
  ),
  read: route(
    'getVisibilityRule',
    'One visibility rule',
    { params: idOf('rule') },
    { 200: json('The rule.', 'visibility-rule'), ...noRule },
  ),
  change: route(
    'changeVisibilityRule',
    'Change a visibility rule',
    { params: idOf('rule'), body: ref('update-visibility-rule') },
    { 200: json('It holds from now on.', 'visibility-rule'), ...noRule, ...large },
  ),
  remove: route(
    'removeVisibilityRule',
    'Take a visibility rule away',
    { params: idOf('rule') },
    { 204: { description: 'It holds no more.', type: 'null' }, ...noRule },
  ),
  explain: route(
    'explainVisibility',
    'What a platform sees and may order, and by which rules',
    {
      params: idOf('platform'),
      ...query({
        organisation: text(
          "Id or name: for whom it would be ordered. The platform's own organisation if it is left out.",
        ),
        offering: text('Published id or name; all offerings if it is left out.'),
        plan: text('Published id, or a name that is unambiguous; all plans if it is left out.'),
      }),
    },
    {
      200: json('Every published plan that is asked for.', 'platform-visibility'),
      404: problem('There is no such platform.'),
    },
  ),
} as const

export const describeQuota = {
  set: route(
    'setQuota',
    'Say how many instances there may be',
    { body: ref('set-quota') },
    {
      200: json('The quota that there was for the same is changed.', 'quota'),
      201: json('It holds from now on.', 'quota'),
      ...large,
    },
  ),
  list: route(
    'listQuotas',
    'Quotas and how much of them is taken, newest first',
    query({
      organisation: text(
        'Id or name. An agency finds nothing by one that is out of its reach or that there is not; to others that is 400.',
      ),
      provider: text(
        'Id or name. An agency finds nothing by one that has no quota of its own or that there is not; to others that is 400.',
      ),
      limit: {
        type: 'string',
        pattern: '^([1-9][0-9]?|1[0-9]{2}|200)$',
        description: 'How many at most: 1 to 200, 50 if it is not said.',
      },
      cursor: { type: 'string', pattern: uuid, description: '`next` of the page before.' },
    }),
    { 200: json('A page of them.', 'quota-page') },
  ),
  read: route(
    'getQuota',
    'One quota and how much of it is taken',
    { params: idOf('quota') },
    { 200: json('The quota.', 'quota'), ...noQuota },
  ),
  remove: route(
    'removeQuota',
    'Take a quota away',
    { params: idOf('quota') },
    { 204: { description: 'It holds no more.', type: 'null' }, ...noQuota },
  ),
} as const
