// Composition root of the HTTP side. It does not listen: main does, and tests inject.
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { readFileSync } from 'node:fs'
import { watchConnectionWait } from './db/database.ts'
import { BrokerError } from './errors.ts'
import type { Runtime } from './runtime/runtime.ts'
import { checkAddresses } from './http/api/addresses.ts'
import { auditRoutes } from './http/api/audit.ts'
import { credentialRoutes } from './http/api/credentials.ts'
import { mappingRoutes } from './http/api/mappings.ts'
import { operationRoutes } from './http/api/operations.ts'
import { organisationRoutes } from './http/api/organisations.ts'
import { orphanRoutes } from './http/api/orphans.ts'
import { platformRoutes } from './http/api/platforms.ts'
import { providerRoutes } from './http/api/providers.ts'
import { quotaRoutes } from './http/api/quotas.ts'
import { refreshCaches } from './http/api/refresh-caches.ts'
import { reconciliationRoutes } from './http/api/reconciliation.ts'
import { visibilityRoutes } from './http/api/visibility.ts'
import { permissions } from './http/auth/permissions.ts'
import { createAuthenticate, type Authenticate } from './http/auth/authenticate.ts'
import { authorize } from './http/auth/authorize.ts'
import { recordRefusals } from './http/auth/record-refusals.ts'
import { answerErrors, refuseAddress, refuseBytes } from './http/errors.ts'
import { healthRoutes } from './http/health.ts'
import { limitAnswers } from './http/limits/answers.ts'
import { createLogThrottle } from './http/limits/log-throttle.ts'
import { limitConnections, parserLimits } from './http/limits/connections.ts'
import { createFailedSignIns } from './http/limits/failed-sign-ins.ts'
import { createPressure } from './http/limits/pressure.ts'
import { refuseTooMuch } from './http/limits/refuse.ts'
import { docsPolicy, secureAnswers } from './http/limits/security-headers.ts'
import { sortTraffic } from './http/limits/traffic.ts'
import { metricsRoute } from './http/metrics.ts'
import { openapiDocument, openapiOptions } from './http/openapi.ts'
import { echoRequestIdentity } from './http/osb/headers.ts'
import { osbRoutes } from './http/osb/routes.ts'
import { parseAnyJson } from './http/parse-json.ts'
import { openTls } from './http/tls.ts'
import { makesOperators, readTrustedIssuers } from './oidc/issuers.ts'
import { openTokens } from './oidc/tokens.ts'
import { ajv, allSchemas } from './schemas.ts'
import { addLimitMetrics } from './telemetry/limit-metrics.ts'

const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
).version

// What openapi.yaml shows; the environment and the simulator are no part of it.
function isOfTheApi({ $id }: { readonly $id: string }): boolean {
  return $id !== 'config' && $id !== 'oidc' && !$id.startsWith('simulator/')
}

const management: ReadonlyArray<(api: FastifyInstance, runtime: Runtime) => Promise<void>> = [
  providerRoutes,
  reconciliationRoutes,
  operationRoutes,
  orphanRoutes,
  auditRoutes,
  organisationRoutes,
  platformRoutes,
  credentialRoutes,
  mappingRoutes,
  visibilityRoutes,
  quotaRoutes,
]

/** @param parts  `gate`: who lets requests in, if not the one that asks for credentials; for the bench, which measures what that costs */
export async function buildApp(
  runtime: Runtime,
  parts: { readonly authenticate?: Authenticate } = {},
): Promise<FastifyInstance> {
  const { config } = runtime
  const issuers = readTrustedIssuers(config.oidcFile)
  if (config.adminToken === undefined && !issuers.some(makesOperators))
    throw new BrokerError(
      'configuration',
      'KONTOR_ADMIN_TOKEN is not set, and no issuer makes anybody an operator. Make a token with: openssl rand -hex 32',
    )
  const tls = config.tls === undefined ? undefined : openTls(config.tls, runtime.log)
  const tokens = issuers.length === 0 ? undefined : openTokens(issuers, runtime)
  const authenticate =
    parts.authenticate ??
    createAuthenticate({ ...runtime, tokens, tls, adminToken: config.adminToken })
  const { limits } = config
  const pressure = createPressure({
    ...limits,
    databaseWaitMs: watchConnectionWait(runtime.db),
    log: runtime.log,
  })
  const limitMetrics = addLimitMetrics(runtime.metrics.registry, () => pressure.levels())
  const logThrottle = createLogThrottle(runtime.log)
  const failures = createFailedSignIns({
    perMinute: limits.failedSignInsPerMinute,
    metrics: limitMetrics,
    logThrottle,
  })
  const secure = secureAnswers(limits.hstsSeconds)
  // Whatever the answer will be.
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    secure(request, reply)
    echoRequestIdentity(request, reply)
  }
  let draining = false
  const app = Fastify({
    logger: false,
    bodyLimit: config.maxBodyBytes,
    // Slow headers and bodies must not hold a connection for ever; answers may take as long as a provider does.
    http: parserLimits(limits),
    requestTimeout: limits.requestMs,
    // Also how long nothing of an answer may be taken: http/limits/answers.ts.
    connectionTimeout: limits.requestMs,
    keepAliveTimeout: 72_000,
    ...(tls === undefined ? {} : { serverFactory: tls.serverFactory }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: limits.trustedProxies ?? false,
    frameworkErrors: refuseAddress(authenticate, begin, failures),
    clientErrorHandler: refuseBytes,
    // Longer than any address that Node lets in: http/osb/ids.ts says how long an id may be.
    routerOptions: { maxParamLength: 100_000, ignoreTrailingSlash: false },
  })
  // One set of schemas for checks, types and documentation; nothing is coerced or removed, answers are sent whole.
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema))
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  for (const schema of allSchemas.filter(isOfTheApi)) app.addSchema(schema)
  parseAnyJson(app)
  answerErrors(app, runtime.log, failures)
  // Hooks of every request are not async: each promise on the way costs some microseconds.
  app.addHook('onRequest', (request, reply, done) => {
    begin(request, reply)
    done()
  })
  if (tls !== undefined) {
    app.addHook('onRequest', (request, reply, done) => {
      if (tls.isOutdated(request.raw.socket)) reply.header('connection', 'close')
      done()
    })
  }
  authorize(app, authenticate, permissions)
  recordRefusals(app, runtime)
  sortTraffic(app)
  refuseTooMuch(app, { rates: limits.rates, pressure, metrics: limitMetrics, logThrottle })
  // In this order: what waits for its turn is no idle connection.
  limitAnswers(app.server, () => {
    limitMetrics.refused('connections')
  })
  limitConnections(app.server, limits, () => {
    limitMetrics.refused('connections')
  })
  await app.register(swagger, openapiOptions(version))
  const document = openapiDocument(app)
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    uiHooks: { preHandler: document.answerInDocs },
  })
  await app.register(osbRoutes, { prefix: '/v2', ...runtime, minApiMinor: config.minApiMinor })
  await app.register(
    async (api) => {
      checkAddresses(api)
      refreshCaches(api, runtime)
      for (const routes of management) await api.register(routes, runtime)
    },
    { prefix: '/api' },
  )
  await app.register(healthRoutes, {
    db: runtime.db,
    pressure,
    isDraining: () => draining,
    hasAllKeys: () => runtime.hasAllKeys(),
  })
  await app.register(metricsRoute, { metrics: runtime.metrics, document })
  app.addHook('preClose', async () => {
    draining = true
  })
  app.addHook('onClose', async () => {
    pressure.stop()
    tls?.close()
    await tokens?.close()
  })
  await app.ready()
  pressure.start()
  return app
}
