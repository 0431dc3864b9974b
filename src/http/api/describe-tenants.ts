// As describe.ts, for organisations, platforms, their credentials and their mappings.
import { json, problem, ref, route } from './describe.ts'
import { query, text } from './describe-operations.ts'

const nameOrId = (what: string) => ({
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description: `Name or id of the ${what}.`,
})
const of = (what: string, more: Record<string, unknown> = {}) => ({
  params: {
    type: 'object',
    required: ['id', ...Object.keys(more)],
    properties: { id: nameOrId(what), ...more },
  },
})
const stateFilter = {
  enum: ['active', 'suspended', 'retired'],
  description: 'Without it all but the retired ones.',
}
const noContent = (description: string) => ({ 204: { description, type: 'null' } })
const tooLarge = { 413: problem('The body is too large.') }
const clash = (description: string) => ({ 409: problem(description), ...tooLarge })

const noOrganisation = {
  404: problem('There is no such organisation, or it is out of your reach.'),
}
const noPlatform = { 404: problem('There is no such platform, or it is out of your reach.') }
const isRetired = clash('It is retired.')

export const describeOrganisations = {
  create: route(
    'createOrganisation',
    'Create an organisation in its place in the tree',
    { body: ref('create-organisation') },
    {
      201: json('Created.', 'organisation'),
      ...clash('The name is taken, or was.'),
    },
  ),
  list: route(
    'listOrganisations',
    'Organisations within your reach, newest first',
    query({
      state: stateFilter,
      level: { enum: ['bund', 'land', 'kommune'] },
      parent: text('Name or id of the one directly above.'),
    }),
    { 200: json('A page of them.', 'organisation-page') },
  ),
  read: route('getOrganisation', 'One organisation', of('organisation'), {
    200: json('The organisation.', 'organisation'),
    ...noOrganisation,
  }),
  change: route(
    'changeOrganisation',
    'Change an organisation, or move it with all that is below it',
    { ...of('organisation'), body: ref('update-organisation') },
    {
      200: json('Changed. What was ordered for it stays its own.', 'organisation'),
      ...noOrganisation,
      ...isRetired,
    },
  ),
  suspend: route(
    'suspendOrganisation',
    'Let nothing new be ordered for an organisation and all below it',
    { ...of('organisation'), body: ref('operator-reason') },
    {
      200: json('Suspended.', 'organisation'),
      ...noOrganisation,
      ...isRetired,
    },
  ),
  resume: route(
    'resumeOrganisation',
    'End the suspension of an organisation',
    { ...of('organisation'), body: ref('operator-reason') },
    { 200: json('Active.', 'organisation'), ...noOrganisation, ...isRetired },
  ),
  retire: route(
    'retireOrganisation',
    'Retire an organisation for good',
    { ...of('organisation'), body: ref('operator-reason') },
    {
      200: json('Retired. Its name is never given again.', 'organisation'),
      ...noOrganisation,
      ...clash(
        'It is retired already, or still has organisations, platforms, mappings or instances; the detail says which.',
      ),
    },
  ),
} as const

export const describePlatforms = {
  create: route(
    'createPlatform',
    'Create a platform, which has no credentials yet',
    { body: ref('create-platform') },
    { 201: json('Created.', 'platform'), ...clash('The name is taken, or was.') },
  ),
  list: route(
    'listPlatforms',
    'Platforms within your reach, newest first',
    query({
      state: stateFilter,
      kind: { enum: ['cloudfoundry', 'kubernetes', 'other'] },
      organisation: text('Name or id of the organisation that it belongs to.'),
    }),
    { 200: json('A page of them.', 'platform-page') },
  ),
  read: route('getPlatform', 'One platform', of('platform'), {
    200: json('The platform.', 'platform'),
    ...noPlatform,
  }),
  change: route(
    'changePlatform',
    'Change a platform, or to whom it belongs',
    { ...of('platform'), body: ref('update-platform') },
    {
      200: json('Changed. What it has ordered stays with whom it was ordered for.', 'platform'),
      ...noPlatform,
      ...isRetired,
    },
  ),
  suspend: route(
    'suspendPlatform',
    'Let a platform order nothing new',
    { ...of('platform'), body: ref('operator-reason') },
    {
      200: json('Suspended: it can still read, unbind and delete what it has.', 'platform'),
      ...noPlatform,
      ...isRetired,
    },
  ),
  resume: route(
    'resumePlatform',
    'End the suspension of a platform',
    { ...of('platform'), body: ref('operator-reason') },
    { 200: json('Active.', 'platform'), ...noPlatform, ...isRetired },
  ),
  retire: route(
    'retirePlatform',
    'Retire a platform for good',
    { ...of('platform'), body: ref('operator-reason') },
    {
      200: json(
        'Retired: its credentials are gone, and its name is never given again.',
        'platform',
      ),
      ...noPlatform,
      ...clash('It is retired already, or still has instances.'),
    },
  ),
} as const

const noCredential = {
  404: problem('There is no such platform or credential, or it is out of your reach.'),
}

export const describeCredentials = {
  list: route(
    'listCredentials',
    'How a platform may sign in, and when it last did',
    of('platform'),
    { 200: json('Its credentials, without secrets.', 'credential-list'), ...noPlatform },
  ),
  issue: route(
    'issueCredential',
    'Give a platform one more credential; those it has stay valid',
    { ...of('platform'), body: ref('create-credential') },
    {
      201: json('Issued. A password is shown here and never again.', 'issued-credential'),
      ...noPlatform,
      403: problem(
        'Your roles do not allow it, or only an operator issues this kind, or any of this platform: others order through it.',
      ),
      ...clash(
        'The platform is retired or has two of this kind, or another one signs in with just that.',
      ),
    },
  ),
  revoke: route(
    'revokeCredential',
    'Take a credential from a platform',
    of('platform', {
      credentialId: { type: 'string', minLength: 1, description: 'Id of the credential.' },
    }),
    {
      ...noContent('Revoked, in every process within moments.'),
      403: problem(
        'Your roles do not allow it, or only an operator revokes this kind, or any of this platform: others order through it.',
      ),
      ...noCredential,
    },
  ),
} as const

const place = {
  kind: {
    enum: ['cf_organization', 'k8s_namespace'],
    description:
      'cf_organization: the organization_guid of an order. k8s_namespace: the namespace in its context.',
  },
  externalId: {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    description: "The platform's own id of the place.",
  },
}

export const describeMappings = {
  list: route(
    'listMappings',
    'Which organisations the places of a platform order for, newest first',
    { ...of('platform'), ...query(place) },
    {
      200: json('A page of them, those to organisations within your reach.', 'mapping-page'),
      ...noPlatform,
    },
  ),
  map: route(
    'mapPlace',
    'Have a place of a platform order for an organisation',
    { ...of('platform', place), body: ref('set-mapping') },
    {
      200: json('Changed. What was ordered stays with whom it was ordered for.', 'mapping'),
      201: json('Mapped.', 'mapping'),
      ...noPlatform,
      ...clash('The platform is retired.'),
    },
  ),
  unmap: route(
    'unmapPlace',
    'Have a place of a platform order as any other of its',
    of('platform', place),
    {
      ...noContent('It is mapped no longer.'),
      404: problem('There is no such platform, or the place is not mapped.'),
    },
  ),
} as const
