// Errors as problem details (RFC 9457).
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BrokerError, ErrorCode } from '../errors.ts'
import type { Problem } from '../types.gen.ts'

const problems: Readonly<Record<ErrorCode, readonly [status: number, title: string]>> = {
  invalid_request: [400, 'The request is not valid'],
  unknown_plan: [400, 'There is no such plan'],
  plan_withdrawn: [400, 'The plan is no longer offered'],
  not_offered: [400, 'The plan is not offered here'],
  not_bindable: [400, 'The plan cannot be bound'],
  not_rotatable: [400, 'Bindings of the plan cannot be rotated'],
  invalid_parameters: [400, 'The parameters are not valid'],
  too_large: [413, 'The request is too large'],
  unauthorized: [401, 'Not signed in'],
  forbidden: [403, 'Not allowed'],
  missing_version: [400, 'The API version is missing'],
  unsupported_version: [412, 'The API version is not supported'],
  not_found: [404, 'Not found'],
  not_retrievable: [405, 'Cannot be read'],
  lost: [500, 'No longer available'],
  gone: [410, 'Gone'],
  conflict: [409, 'Conflict'],
  concurrency: [409, 'Another operation is under way'],
  async_required: [422, 'Only possible asynchronously'],
  requires_app: [422, 'An app is required'],
  maintenance_info_conflict: [422, 'The maintenance version differs'],
  plan_not_updateable: [422, 'The plan cannot be changed'],
  quota_exceeded: [400, 'The quota is used up'],
  change_over_quota: [422, 'The quota is used up'],
  failed_instance: [422, 'The instance cannot be used'],
  in_use: [409, 'Still in use'],
  rejected: [400, 'The provider refused'],
  unprocessable: [422, 'The provider refused'],
  rate_limited: [429, 'Too many requests'],
  provider_unreachable: [502, 'The provider cannot be reached'],
  provider_unavailable: [503, 'The provider is not called at present'],
  provider_failed: [502, 'The provider failed'],
  provider_timeout: [504, 'The provider did not answer in time'],
  configuration: [500, 'Wrong configuration'],
  unavailable: [503, 'Not available at present'],
  overloaded: [503, 'Too much to do at present'],
  internal: [500, 'Internal error'],
}

/** The HTTP status that people get for an error, at the management API and in the console. */
export function statusOf(code: ErrorCode): number {
  return problems[code][0]
}

/** What `title` says of an error, in English. */
export function titleOf(code: ErrorCode): string {
  return problems[code][1]
}

/** All codes, in the order of errors.ts. */
export const errorCodes = Object.keys(problems) as ErrorCode[]

export function sendProblem(
  error: BrokerError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const [status, title] = problems[error.code]
  const body: Problem = {
    // A relative reference: the console has a page for each.
    type: `/problems/${error.code}`,
    title,
    status,
    detail: error.message,
    instance: request.url.split('?')[0] ?? '',
  }
  return reply.code(status).type('application/problem+json; charset=utf-8').send(body)
}
