// Responses that the descriptions of public routes share, for openapi.yaml.
import { retryAfter } from '../retry-after.ts'

/** Of every route, also those that take no input: the HTTP parser itself answers so. */
export const anyRequest = {
  408: { description: 'The request did not arrive in time.', type: 'object' },
  431: { description: 'The address and the headers are too long.', type: 'object' },
} as const

export const tooMany = {
  429: { description: 'Too many requests from this address.', headers: retryAfter, type: 'object' },
} as const

export const overloaded = {
  503: { description: 'Kontor has too much to do.', headers: retryAfter, type: 'object' },
} as const
