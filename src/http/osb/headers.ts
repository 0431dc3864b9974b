import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { OrderSource } from '../../instances/order.ts'
import { platformOf } from '../auth/authorize.ts'
import { requestIdentityOf } from '../request-identity.ts'

/** Checks the headers of the Open Service Broker API on every route of this scope. */
export function checkHeaders(app: FastifyInstance, minApiMinor: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    checkVersion(request.headers['x-broker-api-version'], minApiMinor)
    checkIdentity(single(request.headers['x-broker-api-originating-identity']))
    checkDryRun(request, reply)
    done()
  })
}

function checkVersion(header: string | string[] | undefined, minApiMinor: number): void {
  if (header === undefined)
    throw new BrokerError('missing_version', 'The header X-Broker-API-Version is missing.')
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(single(header) ?? '') ?? []
  if (major === undefined || minor === undefined)
    throw new BrokerError(
      'missing_version',
      'X-Broker-API-Version must be MAJOR.MINOR, such as 2.17.',
    )
  if (Number(major) !== 2 || Number(minor) < minApiMinor) {
    throw new BrokerError(
      'unsupported_version',
      `X-Broker-API-Version ${major}.${minor} is not supported. Use 2.${minApiMinor} or a ` +
        'later 2.x, best 2.17.',
    )
  }
}

// A platform that asks for a dry run must never get a real order: any other value, and any other
// method, gets 400.
function checkDryRun(request: FastifyRequest, reply: FastifyReply): void {
  const header = request.headers['x-dry-run']
  if (header === undefined) return
  if (header !== 'true')
    throw new BrokerError('invalid_request', 'X-Dry-Run must be true, or be left out.')
  if (request.method !== 'PUT')
    throw new BrokerError('invalid_request', 'X-Dry-Run is only for PUT. Nothing has been done.')
  reply.header('x-dry-run', 'true')
}

const identityName = 'X-Broker-API-Originating-Identity'

function checkIdentity(header: string | undefined): void {
  if (header === undefined) return
  const [, encoded] = /^[^\s]+ +([A-Za-z0-9+/_-]+={0,2})$/.exec(header.trim()) ?? []
  if (encoded === undefined)
    throw new BrokerError(
      'invalid_request',
      `${identityName} must be a platform name, a space and Base64.`,
    )
  if (!isJsonObject(Buffer.from(encoded, 'base64').toString()))
    throw new BrokerError('invalid_request', `${identityName} must hold a JSON object in Base64.`)
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return (
      value !== null &&
      typeof value === 'object' &&
      !Array.isArray(value) &&
      Object.keys(value).length > 0
    )
  } catch {
    return false
  }
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header
}

/** The platform that sends an order, and what its headers say about it. */
export function sourceOf(
  request: FastifyRequest,
  acceptsIncomplete: string | undefined,
): OrderSource {
  return {
    platformId: platformOf(request).id,
    acceptsIncomplete: acceptsIncomplete === 'true',
    originatingIdentity: single(request.headers['x-broker-api-originating-identity']),
    isDryRun: request.headers['x-dry-run'] === 'true',
    requestIdentity: requestIdentityOf(request),
    isAbandoned: () => request.raw.socket.destroyed || request.raw.socket.readableEnded,
  }
}
