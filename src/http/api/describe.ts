// Descriptions of the routes of providers, and of their reconciliation.
import { idOf, json, noContent, problem, ref, route, tooLarge } from './describe-route.ts'

const byId = idOf('provider')
const noProvider = { 404: problem('There is no such provider.') }

const findingsQuery = {
  type: 'object',
  properties: {
    state: {
      enum: ['open', 'all'],
      default: 'open',
      description: 'open: neither resolved nor acknowledged.',
    },
    kind: { enum: ['missing', 'unknown', 'different'] },
    cursor: {
      type: 'string',
      pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
      description: '`next` of the previous page.',
    },
    limit: {
      type: 'string',
      pattern: '^([1-9][0-9]{0,2}|1000)$',
      default: '100',
      description: 'Maximum number of findings on a page: 1 to 1000.',
    },
  },
}

const drainQuery = {
  type: 'object',
  properties: {
    drain: {
      enum: ['true', 'false'],
      description:
        'true: if the provider still has instances, hide its offerings and keep serving the ' +
        'instances.',
    },
  },
}

const digestQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    digest: {
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
      description:
        '`catalog.quarantine.digest` that you have seen. When another loss is quarantined ' +
        'by now, the answer is 409. Absent: whatever is quarantined.',
    },
  },
}

export const describe = {
  register: route(
    'registerProvider',
    'Register a provider and read its catalog',
    { body: ref('create-provider') },
    {
      201: json('Registered. `catalog` shows how the first read went.', 'provider'),
      409: problem('The name or the display name is taken.'),
      ...tooLarge,
    },
  ),
  list: route(
    'listProviders',
    'List all providers in the order of their registration',
    {},
    { 200: json('The providers.', 'provider-list') },
  ),
  read: route(
    'getProvider',
    'Get a provider and the state of its catalog',
    { params: byId },
    { 200: json('The provider.', 'provider'), ...noProvider },
  ),
  change: route(
    'changeProvider',
    "Change a provider's settings, credentials or limits, and read its catalog again",
    { params: byId, body: ref('update-provider') },
    {
      200: json('Changed.', 'provider'),
      403: problem(
        'Your roles do not allow this, or `detail` names a field that only an operator changes.',
      ),
      409: problem('displayName is that of another provider.'),
      ...noProvider,
    },
  ),
  remove: route(
    'removeProvider',
    'Remove a provider',
    { params: byId, querystring: drainQuery },
    {
      202: json('The provider still has instances and is draining now.', 'provider'),
      ...noContent('Removed.'),
      409: problem('The provider still has instances.'),
      ...noProvider,
    },
  ),
  approveOrigins: route(
    'approveOrigins',
    'Approve origins that a provider has registered itself, and read its catalog',
    { params: byId, body: ref('approve-origins') },
    {
      200: json(
        'Approved: orders go there, and the role provider sees why calls fail.',
        'provider',
      ),
      409: problem('The registration does not name the origin, perhaps not any more.'),
      ...noProvider,
    },
  ),
  refresh: route(
    'refreshProvider',
    "Read a provider's catalog now",
    { params: byId },
    {
      200: json(
        'The state of the catalog. If the read failed, `catalog.error` says why, and the ' +
          'last good copy stays published. For the role provider a worker reads it after the ' +
          'answer while an origin is not approved.',
        'provider',
      ),
      ...noProvider,
    },
  ),
  confirmCatalog: route(
    'confirmCatalog',
    'Publish a catalog that is quarantined',
    { params: byId, querystring: digestQuery },
    {
      200: json(
        'Confirmed, and the catalog read again. If it would lose something else by now, it is ' +
          'judged anew.',
        'provider',
      ),
      409: problem('No catalog is quarantined, or another loss than `digest` names.'),
      ...noProvider,
    },
  ),
  rejectCatalog: route(
    'rejectCatalog',
    'Keep the last good copy instead of a catalog that is quarantined',
    { params: byId, querystring: digestQuery },
    {
      200: json('Rejected. Another loss is judged anew.', 'provider'),
      409: problem('No catalog is quarantined, or another loss than `digest` names.'),
      ...noProvider,
    },
  ),
  reconcile: route(
    'reconcileProvider',
    "Compare Kontor's instances and bindings with those that the provider lists",
    { params: byId },
    {
      202: json(
        'A run has started, or was running already; Location is its address.',
        'reconciliation',
      ),
      ...noProvider,
    },
  ),
  lastReconciliation: route(
    'getLastReconciliation',
    "Get a provider's running or last reconciliation run",
    { params: byId },
    {
      200: json('The run.', 'reconciliation'),
      404: problem('There is no such provider, or it has not been reconciled yet.'),
    },
  ),
  reconciliation: route(
    'getReconciliation',
    'Get a reconciliation run',
    { params: idOf('run') },
    {
      200: json('The run.', 'reconciliation'),
      404: problem('There is no such run; Kontor keeps the newest 100 of a provider.'),
    },
  ),
  findings: route(
    'listFindings',
    'List the differences between Kontor and a provider, oldest first',
    { params: byId, querystring: findingsQuery },
    { 200: json('A page of findings.', 'finding-list'), ...noProvider },
  ),
  acknowledge: route(
    'acknowledgeFinding',
    'Take a finding off the list of open findings until it changes',
    { params: idOf('finding'), body: ref('acknowledge-finding') },
    {
      200: json('Acknowledged.', 'finding'),
      404: problem('There is no such finding.'),
      409: problem('The finding is resolved already.'),
      ...tooLarge,
    },
  ),
} as const
