import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { docsPolicy } from '../limits/security-headers.ts'
import type { OpenapiDocument } from './openapi.ts'

/** The routes that @fastify/swagger-ui adds. */
export const docsPermissions: Readonly<Record<string, 'public'>> = {
  'GET /docs': 'public',
  'GET /docs/': 'public',
  'GET /docs/json': 'public',
  'GET /docs/yaml': 'public',
  'GET /docs/static/index.html': 'public',
  'GET /docs/static/swagger-initializer.js': 'public',
  'GET /docs/static/*': 'public',
}

/** The documentation of the API as pages. */
export async function docsRoutes(app: FastifyInstance, document: OpenapiDocument): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    uiHooks: { preHandler: document.sendInDocs },
  })
}
