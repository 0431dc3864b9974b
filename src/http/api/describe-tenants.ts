// Descriptions of the routes of organisations and platforms.
import { json, pagedQuery, problem, ref, route, text, tooLarge } from './describe-route.ts'

/** The path of a route of one organisation or platform. */
export const byNameOrId = (what: string, more: Record<string, unknown> = {}) => ({
  params: {
    type: 'object',
    required: ['id', ...Object.keys(more)],
    properties: { id: text(`Name or id of the ${what}.`), ...more },
  },
})

const conflict = (description: string) => ({ 409: problem(description), ...tooLarge })
const nameConflict = conflict('The name is taken, or was taken by a retired one.')

const stateFilter = {
  enum: ['active', 'suspended', 'retired'],
  description: 'All except retired ones by default.',
}

const noOrganisation = {
  404: problem('There is no such organisation in your access scope.'),
}
export const noPlatform = { 404: problem('There is no such platform in your access scope.') }

const isRetired = conflict('It is retired.')

export const describeOrganisations = {
  create: route(
    'createOrganisation',
    'Create an organisation in the tree of organisations',
    { body: ref('create-organisation') },
    { 201: json('Created.', 'organisation'), ...nameConflict },
  ),
  list: route(
    'listOrganisations',
    'List the organisations in your access scope, newest first',
    pagedQuery({
      state: stateFilter,
      level: { enum: ['bund', 'land', 'kommune'] },
      parent: text('Name or id of the organisation directly above.'),
    }),
    { 200: json('A page of organisations.', 'organisation-page') },
  ),
  read: route('getOrganisation', 'Get an organisation', byNameOrId('organisation'), {
    200: json('The organisation.', 'organisation'),
    ...noOrganisation,
  }),
  change: route(
    'changeOrganisation',
    'Change an organisation, or move it with all organisations below it',
    { ...byNameOrId('organisation'), body: ref('update-organisation') },
    {
      200: json('Changed. Instances ordered for it still belong to it.', 'organisation'),
      ...noOrganisation,
      ...isRetired,
    },
  ),
  suspend: route(
    'suspendOrganisation',
    'Refuse new orders for an organisation and all organisations below it',
    { ...byNameOrId('organisation'), body: ref('operator-reason') },
    { 200: json('Suspended.', 'organisation'), ...noOrganisation, ...isRetired },
  ),
  resume: route(
    'resumeOrganisation',
    'End the suspension of an organisation',
    { ...byNameOrId('organisation'), body: ref('operator-reason') },
    { 200: json('Active.', 'organisation'), ...noOrganisation, ...isRetired },
  ),
  retire: route(
    'retireOrganisation',
    'Retire an organisation for good',
    { ...byNameOrId('organisation'), body: ref('operator-reason') },
    {
      200: json('Retired. Its name is never used again.', 'organisation'),
      ...noOrganisation,
      ...conflict(
        'It is retired already, or still has organisations, platforms, mappings or ' +
          'instances; `detail` says which.',
      ),
    },
  ),
} as const

export const describePlatforms = {
  create: route(
    'createPlatform',
    'Create a platform, which has no credentials yet',
    { body: ref('create-platform') },
    { 201: json('Created.', 'platform'), ...nameConflict },
  ),
  list: route(
    'listPlatforms',
    'List the platforms in your access scope, newest first',
    pagedQuery({
      state: stateFilter,
      kind: { enum: ['cloudfoundry', 'kubernetes', 'other'] },
      organisation: text('Name or id of the organisation to which the platform belongs.'),
    }),
    { 200: json('A page of platforms.', 'platform-page') },
  ),
  read: route('getPlatform', 'Get a platform', byNameOrId('platform'), {
    200: json('The platform.', 'platform'),
    ...noPlatform,
  }),
  change: route(
    'changePlatform',
    'Change a platform, or the organisation to which it belongs',
    { ...byNameOrId('platform'), body: ref('update-platform') },
    {
      200: json(
        'Changed. Its instances still belong to the organisations they were ordered for.',
        'platform',
      ),
      ...noPlatform,
      ...isRetired,
    },
  ),
  suspend: route(
    'suspendPlatform',
    'Refuse new orders of a platform',
    { ...byNameOrId('platform'), body: ref('operator-reason') },
    {
      200: json('Suspended: it can still read, unbind and delete what it has.', 'platform'),
      ...noPlatform,
      ...isRetired,
    },
  ),
  resume: route(
    'resumePlatform',
    'End the suspension of a platform',
    { ...byNameOrId('platform'), body: ref('operator-reason') },
    { 200: json('Active.', 'platform'), ...noPlatform, ...isRetired },
  ),
  retire: route(
    'retirePlatform',
    'Retire a platform for good',
    { ...byNameOrId('platform'), body: ref('operator-reason') },
    {
      200: json(
        'Retired: its credentials are deleted, and its name is never used again.',
        'platform',
      ),
      ...noPlatform,
      ...conflict('It is retired already, or still has instances.'),
    },
  ),
} as const
