// What each route takes and gives: validation and openapi.yaml both come from here.
import type { RouteShorthandOptions } from 'fastify'

const ref = (name: string) => ({ $ref: `${name}#` })
const json = (description: string, name: string) => ({ description, content: { 'application/json': { schema: ref(name) } } })
const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: ref('problem') } } })
const byId = { type: 'object', required: ['id'], properties: { id: { type: 'string', minLength: 1, description: 'Id of the provider.' } } }

function route (operationId: string, summary: string, schema: Record<string, unknown>, response: Record<number, unknown>): RouteShorthandOptions {
  return {
    config: { permission: 'admin' },
    schema: {
      operationId, summary, tags: ['Management'], security: [{ admin: [] }], ...schema,
      response: { ...response, 400: problem('The request is not valid; the detail names the field.'), 408: problem('The request did not arrive in time.'), 431: problem('The address and the headers are too long.'), 401: problem('The admin token is missing or wrong.'), 500: problem('Kontor failed.'), 503: problem('Kontor cannot reach its database.') }
    }
  }
}

const unknown = { 404: problem('There is no such provider.') }

export const describe = {
  register: route('registerProvider', 'Register a provider and read its catalog', { body: ref('provider-registration') }, {
    201: json('Registered. `catalog` tells how its first reading went.', 'provider'),
    409: problem('The name is taken.'),
    413: problem('The body is too large.')
  }),
  list: route('listProviders', 'All providers, in the order of their registration', {}, { 200: json('The providers.', 'provider-list') }),
  read: route('getProvider', 'One provider and how its catalog stands', { params: byId }, { 200: json('The provider.', 'provider'), ...unknown }),
  change: route('changeProvider', 'Change settings, credentials or limits, and read the catalog again', { params: byId, body: ref('provider-change') }, { 200: json('Changed.', 'provider'), ...unknown }),
  remove: route('removeProvider', 'Take a provider out', {
    params: byId,
    querystring: { type: 'object', properties: { drain: { enum: ['true', 'false'], description: 'true: if it still has instances, hide its offerings and keep serving what was ordered.' } } }
  }, {
    202: json('It still has instances and is now draining.', 'provider'),
    204: { description: 'Removed.', type: 'null' },
    409: problem('It still has instances.'),
    ...unknown
  }),
  refresh: route('refreshProvider', 'Read a provider\'s catalog now', { params: byId }, { 200: json('How it stands. A failed reading is told in `catalog.error`; the last good copy stays published.', 'provider'), ...unknown })
} as const
