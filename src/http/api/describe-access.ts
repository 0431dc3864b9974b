// Descriptions of the routes of visibility rules and quotas.
import {
  idOf,
  json,
  noContent,
  pagedQuery,
  problem,
  query,
  ref,
  route,
  text,
  tooLarge,
} from './describe-route.ts'

const noRule = { 404: problem('There is no such visibility rule.') }
const noQuota = { 404: problem('There is no such quota.') }

export const describeVisibility = {
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
    { 200: json('The rules.', 'visibility-rule-list') },
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

export const describeQuota = {
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
    { 200: json('A page of quotas.', 'quota-page') },
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
