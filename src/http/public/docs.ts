import { readFileSync } from 'node:fs'
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
  'GET /docs/static/theme/kontor.svg': 'public',
  'GET /docs/static/*': 'public',
}

const logo = readFileSync(new URL('../../../assets/kontor.svg', import.meta.url))
const icon = {
  filename: 'kontor.svg',
  rel: 'icon',
  sizes: 'any',
  type: 'image/svg+xml',
  content: logo,
}

/** The documentation of the API as pages. */
export async function docsRoutes(app: FastifyInstance, document: OpenapiDocument): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    theme: { title: 'Kontor: API', favicon: [icon] },
    logo: { type: 'image/svg+xml', content: logo, href: '/', target: '_self' },
    // Hundreds of operations: the groups are shown, and a link opens one.
    uiConfig: { docExpansion: 'none', deepLinking: true, defaultModelsExpandDepth: 0 },
    uiHooks: { preHandler: document.sendInDocs },
  })
}
