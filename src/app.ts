// Composition root of the HTTP side. It does not listen: main does, and tests inject.
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify, { type FastifyInstance } from 'fastify'
import { readFileSync } from 'node:fs'
import { BrokerError } from './errors.ts'
import type { House } from './house.ts'
import { auditRoutes } from './http/api/audit.ts'
import { operationRoutes } from './http/api/operations.ts'
import { orphanRoutes } from './http/api/orphans.ts'
import { providerRoutes } from './http/api/providers.ts'
import { reconciliationRoutes } from './http/api/reconciliation.ts'
import { permissions } from './http/auth/permissions.ts'
import { createGate, permit } from './http/auth/permit.ts'
import { recordRefusals } from './http/auth/record-refusals.ts'
import { answerErrors, refuseAddress, refuseBytes } from './http/errors.ts'
import { healthRoutes } from './http/health.ts'
import { metricsRoute } from './http/metrics.ts'
import { openapiOptions } from './http/openapi.ts'
import { echoRequestIdentity } from './http/osb/headers.ts'
import { osbRoutes } from './http/osb/routes.ts'
import { parseAnyJson } from './http/parse-json.ts'
import { ajv, allSchemas } from './schemas.ts'

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

// What openapi.yaml shows; the environment and the simulator are no part of it.
function isOfTheApi ({ $id }: { readonly $id: string }): boolean {
  return $id !== 'config' && !$id.startsWith('simulator/')
}

export async function buildApp (house: House): Promise<FastifyInstance> {
  const { config } = house
  if (config.adminToken === undefined) throw new BrokerError('configuration', 'KONTOR_ADMIN_TOKEN is not set. Make one with: openssl rand -hex 32')
  const gate = createGate({ signIn: house.signIn, adminToken: config.adminToken })
  let draining = false
  const app = Fastify({
    logger: false,
    bodyLimit: config.maxBodyBytes,
    // Slow headers and bodies must not hold a connection for ever; answers may take as long as a provider does.
    requestTimeout: 30_000,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: refuseAddress(gate),
    clientErrorHandler: refuseBytes,
    // Longer than any address that Node lets in: http/osb/ids.ts says how long an id may be.
    routerOptions: { maxParamLength: 100_000, ignoreTrailingSlash: false }
  })
  // One set of schemas for checks, types and documentation; nothing is coerced or removed, answers are sent whole.
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema))
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  for (const schema of allSchemas.filter(isOfTheApi)) app.addSchema(schema)
  parseAnyJson(app)
  answerErrors(app, house.log)
  // Hooks of every request are not async: each promise on the way costs some microseconds.
  app.addHook('onRequest', (request, reply, done) => { echoRequestIdentity(request, reply); done() })
  permit(app, gate, permissions)
  recordRefusals(app, house)
  await app.register(swagger, openapiOptions(version))
  await app.register(swaggerUi, { routePrefix: '/docs' })
  await app.register(osbRoutes, { prefix: '/v2', ...house, minApiMinor: config.minApiMinor })
  await app.register(providerRoutes, { prefix: '/api', ...house })
  await app.register(reconciliationRoutes, { prefix: '/api', ...house })
  await app.register(operationRoutes, { prefix: '/api', ...house })
  await app.register(orphanRoutes, { prefix: '/api', ...house })
  await app.register(auditRoutes, { prefix: '/api', ...house })
  await app.register(healthRoutes, { db: house.db, isDraining: () => draining, hasAllKeys: () => house.hasAllKeys() })
  await app.register(metricsRoute, { metrics: house.metrics })
  app.addHook('preClose', async () => { draining = true })
  await app.ready()
  return app
}
