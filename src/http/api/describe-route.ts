// The parts from which the nouns of the management API describe their routes: validation and
// openapi.yaml use both.
import type { RouteShorthandOptions } from 'fastify'
import { retryAfter } from '../retry-after.ts'

export const ref = (name: string) => ({ $ref: `${name}#` })

export const json = (description: string, name: string) => ({
  description,
  content: { 'application/json': { schema: ref(name) } },
})

/** What `cut-page.ts` cuts. */
export const page = (description: string, item: string) =>
  items(description, item, {
    next: { type: ['string', 'null'], description: '`cursor` of the next page; null on the last.' },
  })

/** A list that is always sent as a whole. */
export const list = (description: string, item: string) => items(description, item, {})

function items(description: string, item: string, more: Record<string, unknown>) {
  const properties = { items: { type: 'array', items: ref(item) }, ...more }
  const required = Object.keys(properties)
  const schema = { type: 'object', required, additionalProperties: false, properties }
  return { description, content: { 'application/json': { schema } } }
}

export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('problem') } },
})

export const noContent = (description: string) => ({ 204: { description, type: 'null' } })

export const tooLarge = { 413: problem('The body is too large.') }

/** Of an operator's action on one object. */
export const actionErrors = {
  409: problem('Its state does not allow this, or has just changed; `detail` says what it is.'),
  ...tooLarge,
}

export const idOf = (what: string) => ({
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', minLength: 1, description: `Id of the ${what}.` } },
})

export const text = (description: string) => ({
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description,
})

const uuidPattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

/** A query parameter that is an id of ours. */
export const uuid = (description: string) => ({
  type: 'string',
  pattern: uuidPattern,
  description,
})

const paging = {
  limit: {
    type: 'string',
    pattern: '^([1-9][0-9]?|1[0-9]{2}|200)$',
    description: 'Maximum number of items on a page: 1 to 200; 50 by default.',
  },
  cursor: uuid('`next` of the previous page.'),
}

export const query = (properties: Record<string, unknown>) => ({
  querystring: { type: 'object', additionalProperties: false, properties },
})

/** The query of a list with pages. */
export const pagedQuery = (properties: Record<string, unknown>) =>
  query({ ...properties, ...paging })

/** One route for people and machines with a role, with the responses that every route may give. */
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
      ...schema,
      response: {
        403: problem('Your roles do not allow this.'),
        ...response,
        400: problem('The request is not valid; `detail` names the field.'),
        408: problem('The request did not arrive in time.'),
        431: problem('The address and the headers are too long.'),
        401: problem(
          'The token is missing or not valid. For a token of a trusted issuer, ' +
            'WWW-Authenticate says why.',
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
