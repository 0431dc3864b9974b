import type { FastifyError } from 'fastify'
import { isTransientDatabaseError } from '../db/transient-error.ts'
import { BrokerError } from '../errors.ts'
import { describeError } from '../schemas.ts'

/** Any error of a request as one that a scope can render: unknown ones without what they say. */
export function toBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error
  if (isFastifyError(error)) {
    if (error.validation !== undefined)
      return new BrokerError('invalid_request', `${inContext(error)}.`, { cause: error })
    if (error.statusCode === 413)
      return new BrokerError('too_large', 'The request body is too large.', { cause: error })
    if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
      return new BrokerError('invalid_request', sentenceOf(error), { cause: error })
  }
  if (isTransientDatabaseError(error)) {
    return new BrokerError(
      'unavailable',
      'Kontor cannot reach its database at present. Try again shortly.',
      { cause: error, retryAfterSeconds: 5 },
    )
  }
  return new BrokerError(
    'internal',
    'Kontor failed to handle this request. The operator finds the cause in the log.',
    { cause: error },
  )
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error
}

function inContext(error: FastifyError): string {
  // fastify passes on what our own validator reported
  const first = error.validation?.[0] as Parameters<typeof describeError>[0]
  const part =
    { body: 'the body', querystring: 'the query', params: 'the path', headers: 'the headers' }[
      error.validationContext ?? 'body'
    ] ?? 'the request'
  return describeError(first, part)
}

/** Our sentence for those of fastify's errors on which a client can act; else fastify's own. */
function sentenceOf(error: FastifyError): string {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'The request body is not valid JSON.'
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'Content-Type must be application/json.'
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return 'The request body is not as long as Content-Length says.'
    default:
      return `${error.message.replace(/\.$/, '')}.`
  }
}
