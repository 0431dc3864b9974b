import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { nullDropper } from '../../drop-nulls.ts'
import { BrokerError } from '../../errors.ts'
import type { OrderSource } from '../../instances/order.ts'
import { ajv, type SchemaName } from '../../schemas.ts'
import { validateId, validateText } from '../../storable.ts'
import { platformOf, requestIdentityHeader } from '../admit.ts'
import { parseVersion } from './api-version.ts'

const identityName = 'X-Broker-API-Originating-Identity'
const identityHeader = 'x-broker-api-originating-identity'

/**
 * Checks what a request to the Open Service Broker API has beside its body: headers, ids and query.
 * Node joins the values of a repeated header into one string; only the type allows an array.
 */
export function checkRequests(app: FastifyInstance, minApiMinor: number): void {
  // Each spelling is checked once; a minor of four digits leaves 45,000 at most.
  const supported = new Set<unknown>()
  app.addHook('onRequest', (request, reply, done) => {
    const { headers } = request
    const version = headers['x-broker-api-version']
    if (!supported.has(version)) {
      checkVersion(version, minApiMinor)
      supported.add(version)
    }
    const identity = headers[identityHeader]
    if (identity !== undefined) checkIdentity(String(identity))
    if (headers['x-dry-run'] !== undefined) checkDryRun(request, reply)
    // Ids in the address are stored as sent, whatever characters they have; those that cannot be
    // stored get 400.
    let validationError: string | undefined
    // Routes of this scope have named parameters only.
    for (const [name, id] of Object.entries(request.params as Record<string, string>))
      validationError ??= validateId(id, name)
    for (const [name, value] of Object.entries(request.query as Record<string, string | string[]>))
      validationError ??= validateText(String(value), `The query parameter ${name}`)
    if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
    done()
  })
}

function checkVersion(header: string | string[] | undefined, minApiMinor: number): void {
  if (header === undefined)
    throw new BrokerError('missing_version', 'The header X-Broker-API-Version is missing.')
  const version = parseVersion(header)
  if (version === undefined)
    throw new BrokerError(
      'missing_version',
      'X-Broker-API-Version must be MAJOR.MINOR, such as 2.17.',
    )
  const { major, minor } = version
  if (major !== 2 || minor < minApiMinor) {
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
  if (request.headers['x-dry-run'] !== 'true')
    throw new BrokerError('invalid_request', 'X-Dry-Run must be true, or be left out.')
  if (request.method !== 'PUT')
    throw new BrokerError('invalid_request', 'X-Dry-Run is only for PUT. Nothing has been done.')
  reply.header('x-dry-run', 'true')
}

function checkIdentity(header: string): void {
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

/**
 * Has the bodies of all routes of this scope validated, and handed on, without the fields that
 * count as absent (DEC-51). The schema of each body is a reference to one in schemas/.
 */
export function acceptNulls(app: FastifyInstance): void {
  app.setValidatorCompiler<{ readonly $ref: string }>(({ schema, httpPart }) => {
    const validate = ajv.compile(schema)
    if (httpPart !== 'body') return validate
    const withoutNulls = nullDropper(schema.$ref.replace(/#$/, '') as SchemaName)
    return (body: unknown) => {
      const { value } = withoutNulls(body)
      return validate(value) ? { value } : { error: validate.errors ?? [] }
    }
  })
}

/** The platform that sends an order, and what its headers say about it. */
export function sourceOf(
  request: FastifyRequest,
  acceptsIncomplete: string | undefined,
): OrderSource {
  return {
    platformId: platformOf(request).id,
    acceptsIncomplete: acceptsIncomplete === 'true',
    originatingIdentity: request.headers[identityHeader]?.toString(),
    isDryRun: request.headers['x-dry-run'] === 'true',
    requestIdentity: request.headers[requestIdentityHeader]?.toString() || undefined,
    receivedAtMs: performance.now(),
    isAbandoned: () => request.raw.socket.destroyed || request.raw.socket.readableEnded,
  }
}
