import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isTransientDatabaseError } from '../db/transient-error.ts'
import type { Socket } from 'node:net'
import { BrokerError } from '../errors.ts'
import { coded, type Log } from '../log.ts'
import { describeError } from '../schemas.ts'
import { problem } from './api/problems.ts'
import type { Authenticate } from './auth/authenticate.ts'
import { permissionBelow } from './auth/authorize.ts'
import type { FailedSignIns } from './limits/failed-sign-ins.ts'
import { securityLines } from './limits/security-headers.ts'
import { osbError } from './osb/errors.ts'

/** One place where errors become answers: as OSB errors below /v2, as problem details elsewhere. */
export function answerErrors(app: FastifyInstance, log: Log, failures: FailedSignIns): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const known = judged(toBrokerError(error), request, reply, failures)
    if (known.code === 'internal' || known.code === 'unavailable') {
      log.error(
        { method: request.method, route: request.routeOptions.url, error: coded(error) },
        'request failed',
      )
    }
    return answer(known, request, reply)
  })
  app.setNotFoundHandler((request, reply) =>
    answer(new BrokerError('not_found', 'There is nothing at this address.'), request, reply),
  )
}

/** Answers what the router itself refuses, for which no hook runs: who may not ask hears nothing but that. */
export function refuseAddress(
  authenticate: Authenticate,
  begin: (request: FastifyRequest, reply: FastifyReply) => void,
  failures: FailedSignIns,
) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    begin(request, reply)
    const refuse = (refusal: unknown) => {
      answer(judged(toBrokerError(refusal), request, reply, failures), request, reply)
    }
    const tell = () =>
      refuse(
        error.statusCode === 500
          ? error
          : new BrokerError(
              'invalid_request',
              'The address is not valid: its percent-encoding cannot be read.',
            ),
      )
    try {
      const waiting = authenticate(request, reply, permissionBelow(request.url))
      if (waiting === undefined) tell()
      else waiting.then(tell, refuse)
    } catch (refusal) {
      refuse(refusal)
    }
  }
}

/** Answers bytes that make no request, for which there is no route and no hook: no HTTP, too much of it, or too slow. */
export function refuseBytes(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, sentence] = refusedBytes[error.code ?? ''] ?? [
    '400 Bad Request',
    'The request is not valid HTTP.',
  ]
  const body = JSON.stringify({ description: sentence })
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n${securityLines}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  socket.destroy(error)
}

const refusedBytes: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'The address and the headers are longer than 16 kB in all.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
}

const bearerScheme = /^bearer(?: |$)/i

/**
 * A failed sign-in is one of how many? Who sent a token is always told 401 with the challenge: it is what makes its client
 * fetch another one (RFC 6750, 3.1), which it does by itself and nobody else can do for it.
 */
function judged(
  error: BrokerError,
  request: FastifyRequest,
  reply: FastifyReply,
  failures: FailedSignIns,
): BrokerError {
  const seconds =
    error.code === 'unauthorized' ? failures.count(request, error.details.isNoGuess === true) : 0
  if (seconds === 0) return error
  if (bearerScheme.test(request.headers.authorization ?? ''))
    return new BrokerError('unauthorized', error.message, { retryAfterSeconds: seconds })
  reply.removeHeader('www-authenticate')
  return new BrokerError(
    'rate_limited',
    'Too many sign-ins have failed. Right credentials are let in at any time; do not try wrong ones again.',
    { retryAfterSeconds: seconds },
  )
}

function answer(error: BrokerError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfterSeconds } = error.details
  if (retryAfterSeconds !== undefined)
    reply.header('retry-after', String(Math.ceil(retryAfterSeconds)))
  if (/^\/v2(\/|\?|$)/.test(request.url)) {
    const { status, body } = osbError(error)
    return reply.code(status).type('application/json; charset=utf-8').send(body)
  }
  const { status, body } = problem(error, request.url.split('?')[0] ?? '')
  return reply.code(status).type('application/problem+json; charset=utf-8').send(body)
}

function toBrokerError(error: unknown): BrokerError {
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
  // fastify hands through what our own validator reported
  const first = error.validation?.[0] as Parameters<typeof describeError>[0]
  const place =
    { body: 'the body', querystring: 'the query', params: 'the path', headers: 'the headers' }[
      error.validationContext ?? 'body'
    ] ?? 'the request'
  return describeError(first, place)
}

// fastify's own sentences, in our words where a client can act on them.
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
