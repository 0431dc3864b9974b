// Descriptions of the routes of the Open Service Broker API: validation and openapi.yaml use both.
import { retryAfter } from '../retry-after.ts'
import {
  dryRunHeaders,
  error,
  everyResponse,
  json,
  ofBinding,
  ofInstance,
  orderResponses,
  ref,
  route,
} from './describe-route.ts'

export const describe = {
  catalog: route(
    'getCatalog',
    'Get the merged catalog of all data centres, with the plans that the platform may see',
    {},
    {
      200: json('The catalog, with ETag and Last-Modified.', 'catalog', {
        etag: {
          description: 'A strong tag of one content coding; send it as If-None-Match.',
          type: 'string',
          examples: ['"bCy7WkeVQUVqzK4mYCYNcbHeKhk"'],
        },
        'last-modified': {
          description: 'When the content last changed; send it as If-Modified-Since.',
          type: 'string',
          examples: ['Mon, 23 Nov 2026 06:28:35 GMT'],
        },
      }),
      304: { description: 'The catalog has not changed.', type: 'null' },
      ...everyResponse,
    },
  ),
  provision: route(
    'provision',
    'Provision an instance',
    {
      headers: dryRunHeaders,
      params: ofInstance,
      querystring: ref('accepts-incomplete-query'),
      body: ref('provision-request'),
    },
    {
      200: json(
        'The same instance exists already; or, with X-Dry-Run, the order would be accepted.',
        'provision-response',
      ),
      201: json('The instance is ready.', 'provision-response'),
      202: json('The instance is being provisioned.', 'provision-response'),
      409: error('A different instance has this id.'),
      ...orderResponses,
    },
  ),
  fetchInstance: route(
    'fetchInstance',
    'Get an instance',
    { params: ofInstance, querystring: ref('instance-query') },
    {
      200: json('The instance.', 'instance-response'),
      404: error('There is no such instance, or it is not ready.'),
      422: error('ConcurrencyError: the instance is being deleted.'),
      ...everyResponse,
    },
  ),
  update: route(
    'update',
    'Update an instance',
    {
      params: ofInstance,
      querystring: ref('accepts-incomplete-query'),
      body: ref('update-request'),
    },
    {
      200: json('The instance is updated.', 'provision-response'),
      202: json('The instance is being updated.', 'provision-response'),
      404: error('There is no such instance.'),
      ...orderResponses,
    },
  ),
  deprovision: route(
    'deprovision',
    'Delete an instance',
    { params: ofInstance, querystring: ref('delete-query') },
    {
      200: json('The instance is deleted.', 'delete-response'),
      202: json('The instance is being deleted.', 'delete-response'),
      410: error('There is no such instance.'),
      ...orderResponses,
    },
  ),
  lastOperation: route(
    'getLastOperation',
    'Get the state of an operation on an instance',
    { params: ofInstance, querystring: ref('last-operation-query') },
    {
      200: json(
        'The state; with Retry-After while it is in progress.',
        'last-operation-response',
        retryAfter,
      ),
      404: error('There is no such operation.'),
      410: error('The instance was deleted long ago.'),
      ...everyResponse,
    },
  ),
  bind: route(
    'bind',
    'Create or rotate a binding',
    {
      headers: dryRunHeaders,
      params: ofBinding,
      querystring: ref('accepts-incomplete-query'),
      body: ref('bind-request'),
    },
    {
      200: json(
        'The same binding exists already; or, with X-Dry-Run, the order would be accepted.',
        'bind-response',
      ),
      201: json('The binding is created.', 'bind-response'),
      202: json('The binding is being created.', 'bind-response'),
      404: error('There is no such instance.'),
      409: error('A different binding has this id.'),
      ...orderResponses,
    },
  ),
  fetchBinding: route(
    'fetchBinding',
    'Get a binding with its credentials',
    { params: ofBinding, querystring: ref('instance-query') },
    {
      200: json('The binding.', 'bind-response'),
      404: error('There is no such binding, or it is not ready.'),
      405: error(
        'Kontor does not store its credentials, and its provider does not return them again.',
      ),
      422: error('ConcurrencyError: an operation on the binding is in progress.'),
      502: error('Kontor does not store its credentials, and its provider failed to return them.'),
      ...everyResponse,
      429: error('The provider is busy, or this platform has sent too many requests.', retryAfter),
    },
  ),
  unbind: route(
    'unbind',
    'Delete a binding',
    { params: ofBinding, querystring: ref('delete-query') },
    {
      200: json('The binding is deleted.', 'delete-response'),
      202: json('The binding is being deleted.', 'delete-response'),
      410: error('There is no such binding.'),
      ...orderResponses,
    },
  ),
  lastBindingOperation: route(
    'getLastBindingOperation',
    'Get the state of an operation on a binding',
    { params: ofBinding, querystring: ref('last-operation-query') },
    {
      200: json(
        'The state; with Retry-After while it is in progress.',
        'last-binding-operation-response',
        retryAfter,
      ),
      404: error('There is no such operation.'),
      410: error('The binding was deleted long ago.'),
      ...everyResponse,
    },
  ),
} as const
