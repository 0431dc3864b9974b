// What each route takes and gives: validation and openapi.yaml both come from here.
import type { RouteShorthandOptions } from 'fastify'
import { retryAfter } from '../retry-after.ts'

export const ref = (name: string) => ({ $ref: `${name}#` })
export const json = (description: string, name: string) => ({
  description,
  content: { 'application/json': { schema: ref(name) } },
})
export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('problem') } },
})
export const idOf = (what: string) => ({
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', minLength: 1, description: `Id of the ${what}.` } },
})
const byId = idOf('provider')

/** One route of the management API: for people and machines with a role, with the answers that every one of them may give. */
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
      tags: ['Management'],
      security: [{ person: [] }],
      ...schema,
      response: {
        403: problem('Your roles do not allow it.'),
        ...response,
        400: problem('The request is not valid; the detail names the field.'),
        408: problem('The request did not arrive in time.'),
        431: problem('The address and the headers are too long.'),
        401: problem(
          'The token is missing or not valid; WWW-Authenticate says more about one of a trusted issuer.',
        ),
        500: problem('Kontor failed.'),
        429: {
          ...problem('Too many requests of this person, or too many failed sign-ins.'),
          headers: retryAfter,
        },
        503: problem('Kontor cannot reach its database.'),
      },
    },
  }
}

const unknown = { 404: problem('There is no such provider.') }

export const describe = {
  register: route(
    'registerProvider',
    'Register a provider and read its catalog',
    { body: ref('create-provider') },
    {
      201: json('Registered. `catalog` tells how its first reading went.', 'provider'),
      409: problem('The name is taken.'),
      413: problem('The body is too large.'),
    },
  ),
  list: route(
    'listProviders',
    'All providers, in the order of their registration',
    {},
    { 200: json('The providers.', 'provider-list') },
  ),
  read: route(
    'getProvider',
    'One provider and how its catalog stands',
    { params: byId },
    { 200: json('The provider.', 'provider'), ...unknown },
  ),
  change: route(
    'changeProvider',
    'Change settings, credentials or limits, and read the catalog again',
    { params: byId, body: ref('update-provider') },
    {
      200: json('Changed.', 'provider'),
      403: problem(
        'Your roles do not allow it, or the detail names a field that only an operator changes.',
      ),
      ...unknown,
    },
  ),
  remove: route(
    'removeProvider',
    'Take a provider out',
    {
      params: byId,
      querystring: {
        type: 'object',
        properties: {
          drain: {
            enum: ['true', 'false'],
            description:
              'true: if it still has instances, hide its offerings and keep serving what was ordered.',
          },
        },
      },
    },
    {
      202: json('It still has instances and is now draining.', 'provider'),
      204: { description: 'Removed.', type: 'null' },
      409: problem('It still has instances.'),
      ...unknown,
    },
  ),
  refresh: route(
    'refreshProvider',
    "Read a provider's catalog now",
    { params: byId },
    {
      200: json(
        'How it stands. A failed reading is told in `catalog.error`; the last good copy stays published.',
        'provider',
      ),
      ...unknown,
    },
  ),
  reconcile: route(
    'reconcileProvider',
    'Compare what we hold at a provider with what it tells',
    { params: byId },
    {
      202: json(
        'A run was started, or one was under way; Location says where to look.',
        'reconciliation',
      ),
      ...unknown,
    },
  ),
  lastReconciliation: route(
    'getLastReconciliation',
    'The last run of a provider, or the one that is under way',
    { params: byId },
    {
      200: json('The run.', 'reconciliation'),
      404: problem('There is no such provider, or it has not been reconciled yet.'),
    },
  ),
  reconciliation: route(
    'getReconciliation',
    'One run',
    { params: idOf('run') },
    {
      200: json('The run.', 'reconciliation'),
      404: problem('There is no such run; a provider keeps its newest 100.'),
    },
  ),
  findings: route(
    'listFindings',
    'Where we and a provider do not agree, oldest first',
    {
      params: byId,
      querystring: {
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
            description: '`next` of the page before.',
          },
          limit: {
            type: 'string',
            pattern: '^([1-9][0-9]{0,2}|1000)$',
            default: '100',
            description: 'Most findings on a page, 1 to 1000.',
          },
        },
      },
    },
    { 200: json('A page.', 'finding-list'), ...unknown },
  ),
  acknowledge: route(
    'acknowledgeFinding',
    'Take a finding out of the open ones until it changes',
    { params: idOf('finding'), body: ref('acknowledge-finding') },
    {
      200: json('Acknowledged.', 'finding'),
      404: problem('There is no such finding.'),
      409: problem('It is resolved already.'),
      413: problem('The body is too large.'),
    },
  ),
} as const
