// Descriptions of the routes of a platform's credentials and mappings.
import { json, noContent, pagedQuery, problem, ref, route, tooLarge } from './describe-route.ts'
import { byNameOrId, noPlatform } from './describe-tenants.ts'

export const describeCredentials = {
  list: route(
    'listCredentials',
    "List a platform's credentials and when each was last used",
    byNameOrId('platform'),
    { 200: json('Its credentials, without secrets.', 'credential-list'), ...noPlatform },
  ),
  issue: route(
    'issueCredential',
    'Issue one more credential for a platform; existing ones stay valid',
    { ...byNameOrId('platform'), body: ref('create-credential') },
    {
      201: json('Issued. This response is the only one with the password.', 'issued-credential'),
      ...noPlatform,
      403: problem(
        'Your roles do not allow this; or only an operator may issue this kind, or any ' +
          'credential of a platform through which other organisations order.',
      ),
      409: problem(
        'The platform is retired or has two credentials of this kind, or another platform ' +
          'signs in with the same identity.',
      ),
      ...tooLarge,
    },
  ),
  revoke: route(
    'revokeCredential',
    "Revoke a platform's credential",
    byNameOrId('platform', {
      credentialId: { type: 'string', minLength: 1, description: 'Id of the credential.' },
    }),
    {
      ...noContent('Revoked; every process refuses it within moments.'),
      403: problem(
        'Your roles do not allow this; or only an operator may revoke this kind, or any ' +
          'credential of a platform through which other organisations order.',
      ),
      404: problem('There is no such platform or credential in your access scope.'),
    },
  ),
} as const

const platformScope = {
  kind: {
    enum: ['cf_organization', 'k8s_namespace'],
    description:
      'cf_organization: the organization_guid of an order. k8s_namespace: the namespace in ' +
      'its context.',
  },
  externalId: {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    description: "The platform's own id of the Cloud Foundry organisation or Kubernetes namespace.",
  },
}

export const describeMappings = {
  list: route(
    'listMappings',
    'List for which organisations the scopes of a platform order, newest first',
    { ...byNameOrId('platform'), ...pagedQuery(platformScope) },
    {
      200: json(
        'A page of mappings, limited to organisations in your access scope.',
        'mapping-page',
      ),
      ...noPlatform,
    },
  ),
  map: route(
    'mapPlatformScope',
    'Map a scope of a platform (a Cloud Foundry organisation or Kubernetes namespace) to an ' +
      'organisation',
    { ...byNameOrId('platform', platformScope), body: ref('set-mapping') },
    {
      200: json(
        'Changed. Instances still belong to the organisations they were ordered for.',
        'mapping',
      ),
      201: json('Mapped.', 'mapping'),
      ...noPlatform,
      409: problem('The platform is retired.'),
      ...tooLarge,
    },
  ),
  unmap: route(
    'unmapPlatformScope',
    'Remove the mapping of a scope of a platform',
    byNameOrId('platform', platformScope),
    {
      ...noContent('Removed.'),
      404: problem('There is no such platform, or the scope is not mapped.'),
    },
  ),
} as const
