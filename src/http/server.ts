import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { ajv, allSchemas } from '../schemas.ts'
import { parserLimits, type ConnectionLimits } from './limits/connections.ts'
import { parseAnyJson } from './parse-json.ts'
import { answerInvalidBytes } from './parser-errors.ts'
import type { Tls } from './tls.ts'

export interface ServerOptions {
  readonly limits: ConnectionLimits & { readonly trustedProxies: readonly string[] | undefined }
  readonly maxBodyBytes: number
  /** Undefined: Kontor does not terminate TLS itself. */
  readonly tls: Tls | undefined
  readonly frameworkErrors: NonNullable<FastifyServerOptions['frameworkErrors']>
}

/**
 * The server that all scopes share: what its connections may do, and how it reads bodies and checks
 * schemas.
 */
export function createServer({
  limits,
  maxBodyBytes,
  tls,
  frameworkErrors,
}: ServerOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    // Slow headers and bodies must not hold a connection for ever; answers may take as long as a
    // provider does.
    http: parserLimits(limits),
    requestTimeout: limits.requestMs,
    // Also how long a client may leave an answer unread: limits/answers.ts.
    connectionTimeout: limits.requestMs,
    keepAliveTimeout: 72_000,
    ...(tls === undefined ? {} : { serverFactory: tls.serverFactory }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: limits.trustedProxies === undefined ? false : [...limits.trustedProxies],
    frameworkErrors,
    clientErrorHandler: answerInvalidBytes,
    // Longer than any address that Node lets in: osb/check-request.ts says how long an id may be.
    routerOptions: { maxParamLength: 100_000, ignoreTrailingSlash: false },
  })
  // One set of schemas for checks, types and documentation; nothing is coerced or removed, answers
  // are sent whole.
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema))
  app.setSerializerCompiler(() => JSON.stringify)
  for (const schema of allSchemas.filter(isOfTheApi)) app.addSchema(schema)
  parseAnyJson(app)
  app.decorateRequest('principal', null)
  app.decorateRequest('admitAgain', null)
  if (tls !== undefined) {
    app.addHook('onRequest', (request, reply, done) => {
      if (tls.isOutdated(request.raw.socket)) reply.header('connection', 'close')
      done()
    })
  }
  return app
}

// What openapi.yaml shows; the schemas of the environment and the simulator are no part of it.
function isOfTheApi({ $id }: { readonly $id: string }): boolean {
  return $id !== 'config' && $id !== 'oidc' && !$id.startsWith('simulator/')
}
