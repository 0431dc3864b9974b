// The parts from which describe.ts makes the routes.
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
      description:
        'The user who caused the request: a platform name, a space, and a JSON object in Base64.',
      type: 'string',
      examples: ['cloudfoundry eyJ1c2VyX2lkIjoiNjgzZWE3NDgifQ=='],
    },
    'x-broker-api-request-identity': {
      description: 'Correlates log lines; echoed on the response.',
      type: 'string',
      examples: ['e26cee84-6b38-4456-b34e-d1a9f002c956'],
    },
  },
} as const

/** An extension of ours: see docs/osb-conformance.md. */
export const dryRunHeaders = {
  ...headers,
  properties: {
    ...headers.properties,
    'x-dry-run': {
      description:
        'Kontor validates the order and carries out nothing. The response has this header too.',
      type: 'string',
      enum: ['true'],
    },
  },
} as const

export const ref = (name: string) => ({ $ref: `${name}#` })
export const json = (
  description: string,
  name: string,
  headersOfResponse: Record<string, unknown> = {},
) => ({
  description,
  headers: {
    'x-broker-api-request-identity': {
      description: 'The same as on the request, if it had one.',
      type: 'string',
    },
    ...headersOfResponse,
  },
  content: { 'application/json': { schema: ref(name) } },
})
export const error = (description: string, headersOfResponse: Record<string, unknown> = {}) =>
  json(description, 'error', headersOfResponse)

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
export const ofInstance = path('instance_id')
export const ofBinding = path('instance_id', 'binding_id')

export const everyResponse = {
  400: error('The request is not valid, or the version header is missing.'),
  401: error('The credentials are missing or not valid.'),
  408: error('The request did not arrive in time.'),
  412: error('Kontor does not serve this API version.'),
  431: error('The address and the headers are too long.'),
  500: error('Kontor failed.'),
  429: error(
    'Too many requests of this platform, or too many failed sign-ins; nothing was done.',
    retryAfter,
  ),
  503: error('Kontor cannot reach its database, or has too much to do.', retryAfter),
}
export const orderResponses = {
  ...everyResponse,
  413: error('The body is too large.'),
  422: error(
    'AsyncRequired, ConcurrencyError, RequiresApp, MaintenanceInfoConflict, or the provider ' +
      'refused.',
  ),
  429: error(
    'Nothing was done: the provider is busy, this platform has sent too many requests, or ' +
      'Kontor has too much to do. Retry-After says when to try again.',
    retryAfter,
  ),
  502: error('The provider failed or cannot be reached; Kontor removes what it may have created.'),
  503: error(
    'The provider has failed repeatedly, so Kontor does not call it for a while; or Kontor ' +
      'cannot reach its database.',
    retryAfter,
  ),
  504: error('The provider did not answer in time; Kontor removes what it may have created.'),
}

export function route(
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
