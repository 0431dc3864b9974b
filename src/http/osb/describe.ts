// What each route takes and gives: validation and openapi.yaml both come from here.
import type { RouteShorthandOptions } from 'fastify'
import { retryAfter } from '../retry-after.ts'

const headers = {
  type: 'object',
  required: ['x-broker-api-version'],
  properties: {
    'x-broker-api-version': {
      description: 'MAJOR.MINOR of the API that the platform speaks.',
      type: 'string',
      examples: ['2.17'],
    },
    'x-broker-api-originating-identity': {
      description: 'Who caused the request: a platform name, a space, and a JSON object in Base64.',
      type: 'string',
      examples: ['cloudfoundry eyJ1c2VyX2lkIjoiNjgzZWE3NDgifQ=='],
    },
    'x-broker-api-request-identity': {
      description: 'Correlates log lines; echoed on the answer.',
      type: 'string',
      examples: ['e26cee84-6b38-4456-b34e-d1a9f002c956'],
    },
  },
} as const

// An extension of ours: see docs/osb-conformance.md.
const dryRun = {
  ...headers,
  properties: {
    ...headers.properties,
    'x-dry-run': {
      description: 'All is checked, nothing is ordered. The answer bears it, too.',
      type: 'string',
      enum: ['true'],
    },
  },
} as const

const ref = (name: string) => ({ $ref: `${name}#` })
const json = (description: string, name: string, told: Record<string, unknown> = {}) => ({
  description,
  headers: {
    'x-broker-api-request-identity': {
      description: 'That of the request, if it had one.',
      type: 'string',
    },
    ...told,
  },
  content: { 'application/json': { schema: ref(name) } },
})
const error = (description: string, told: Record<string, unknown> = {}) =>
  json(description, 'error', told)

const path = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(
    names.map((name) => [
      name,
      { type: 'string', minLength: 1, description: "The platform's own id, kept as sent." },
    ]),
  ),
})
const ofInstance = path('instance_id')
const ofBinding = path('instance_id', 'binding_id')

const always = {
  400: error('Malformed, or the version header is missing.'),
  401: error('Not signed in.'),
  408: error('The request did not arrive in time.'),
  412: error('The API version is not served.'),
  431: error('The address and the headers are too long.'),
  500: error('Kontor failed.'),
  429: error(
    'Too many requests of this platform, or too many failed sign-ins; nothing was done.',
    retryAfter,
  ),
  503: error('Kontor cannot reach its database, or has too much to do.', retryAfter),
}
const onOrders = {
  ...always,
  413: error('The body is too large.'),
  422: error(
    'AsyncRequired, ConcurrencyError, RequiresApp, MaintenanceInfoConflict, or the provider cannot do it.',
  ),
  429: error(
    'Nothing was done: the provider is busy, this platform has sent too much, or Kontor has too much to do. Retry-After says when to come again.',
    retryAfter,
  ),
  502: error('The provider cannot be reached or failed; nothing stays behind.'),
  503: error(
    'The provider has failed again and again and is not called for a while, or Kontor cannot reach its database.',
    retryAfter,
  ),
  504: error('The provider did not answer in time; what may have come of it is cleaned up.'),
}

function route(
  operationId: string,
  summary: string,
  schema: Record<string, unknown>,
  response: Record<number, unknown>,
): RouteShorthandOptions {
  return {
    schema: {
      operationId,
      summary,
      tags: ['Open Service Broker'],
      security: [{ platform: [] }, { platformToken: [] }, { platformCertificate: [] }],
      headers,
      ...schema,
      response,
    },
  }
}

export const describe = {
  catalog: route(
    'getCatalog',
    'The merged catalog of all data centres, as far as this platform may see it',
    {},
    {
      200: json('The catalog, with ETag and Last-Modified.', 'catalog', {
        etag: {
          description: 'Strong, and of one content coding; send it as If-None-Match.',
          type: 'string',
          examples: ['"bCy7WkeVQUVqzK4mYCYNcbHeKhk"'],
        },
        'last-modified': {
          description: 'When the content last changed; send it as If-Modified-Since.',
          type: 'string',
          examples: ['Mon, 23 Nov 2026 06:28:35 GMT'],
        },
      }),
      304: { description: 'It has not changed since.', type: 'null' },
      ...always,
    },
  ),
  provision: route(
    'provision',
    'Order an instance',
    {
      headers: dryRun,
      params: ofInstance,
      querystring: ref('accepts-incomplete-query'),
      body: ref('provision-request'),
    },
    {
      200: json(
        'It exists already, ordered just so; or, with X-Dry-Run, it would be taken.',
        'provision-response',
      ),
      201: json('It is ready.', 'provision-response'),
      202: json('It is being provisioned.', 'provision-response'),
      409: error('Another order has this id.'),
      ...onOrders,
    },
  ),
  fetchInstance: route(
    'fetchInstance',
    'Read an instance',
    { params: ofInstance, querystring: ref('instance-query') },
    {
      200: json('The instance.', 'instance-response'),
      404: error('There is none, or it is not ready.'),
      422: error('ConcurrencyError: it is being deleted.'),
      ...always,
    },
  ),
  update: route(
    'update',
    'Change an instance',
    {
      params: ofInstance,
      querystring: ref('accepts-incomplete-query'),
      body: ref('update-request'),
    },
    {
      200: json('It is changed.', 'provision-response'),
      202: json('It is being changed.', 'provision-response'),
      404: error('There is no such instance.'),
      ...onOrders,
    },
  ),
  deprovision: route(
    'deprovision',
    'Delete an instance',
    { params: ofInstance, querystring: ref('delete-query') },
    {
      200: json('It is deleted.', 'delete-response'),
      202: json('It is being deleted.', 'delete-response'),
      410: error('There is none.'),
      ...onOrders,
    },
  ),
  lastOperation: route(
    'getLastOperation',
    'How an operation on an instance stands',
    { params: ofInstance, querystring: ref('last-operation-query') },
    {
      200: json(
        'Its state; with Retry-After while it is in progress.',
        'last-operation-response',
        retryAfter,
      ),
      404: error('There is no such operation.'),
      410: error('The instance was deleted long ago.'),
      ...always,
    },
  ),
  bind: route(
    'bind',
    'Make or rotate a binding',
    {
      headers: dryRun,
      params: ofBinding,
      querystring: ref('accepts-incomplete-query'),
      body: ref('bind-request'),
    },
    {
      200: json(
        'It exists already, ordered just so; or, with X-Dry-Run, it would be taken.',
        'bind-response',
      ),
      201: json('It is made.', 'bind-response'),
      202: json('It is being made.', 'bind-response'),
      404: error('There is no such instance.'),
      409: error('Another order has this id.'),
      ...onOrders,
    },
  ),
  fetchBinding: route(
    'fetchBinding',
    'Read a binding with its credentials',
    { params: ofBinding, querystring: ref('instance-query') },
    {
      200: json('The binding.', 'bind-response'),
      404: error('There is none, or it is not ready.'),
      405: error('Its credentials are not kept, and its provider does not give them again.'),
      422: error('Its provider is at work on it.'),
      502: error('Its credentials are not kept, and its provider did not give them.'),
      ...always,
      429: error('Its provider is busy, or this platform has sent too much.', retryAfter),
    },
  ),
  unbind: route(
    'unbind',
    'Delete a binding',
    { params: ofBinding, querystring: ref('delete-query') },
    {
      200: json('It is deleted.', 'delete-response'),
      202: json('It is being deleted.', 'delete-response'),
      410: error('There is none.'),
      ...onOrders,
    },
  ),
  lastBindingOperation: route(
    'getLastBindingOperation',
    'How an operation on a binding stands',
    { params: ofBinding, querystring: ref('last-operation-query') },
    {
      200: json(
        'Its state; with Retry-After while it is in progress.',
        'last-binding-operation-response',
        retryAfter,
      ),
      404: error('There is no such operation.'),
      410: error('The binding was deleted long ago.'),
      ...always,
    },
  ),
} as const
