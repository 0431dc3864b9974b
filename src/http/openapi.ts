import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

// Of OpenAPI 3.1; the types know only what 3.0 has.
const byCertificate = {
  type: 'mutualTLS',
  description:
    'A client certificate with a name that a credential of the platform has; only where Kontor terminates TLS itself. An Authorization header goes before it.',
} as unknown as { type: 'http'; scheme: string }

/** How openapi.yaml, /openapi.json and /docs are made from the routes. */
export function openapiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Kontor',
        version,
        description:
          'One Open Service Broker for many data centres: the Open Service Broker API 2.17 below /v2, management below /api.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          platform: {
            type: 'http',
            scheme: 'basic',
            description: 'User name and password of a platform.',
          },
          platformToken: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'An access token of a trusted issuer whose subject is that of a credential of the platform.',
          },
          platformCertificate: byCertificate,
          person: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'An access token of a trusted issuer with one of the roles operator, provider, agency or auditor; for the first start the admin token.',
          },
        },
      },
      tags: [
        { name: 'Open Service Broker', description: 'What platforms call.' },
        { name: 'Management', description: 'What operators call.' },
        { name: 'Health', description: 'What machines call.' },
      ],
    },
    // A schema keeps its own name instead of def-0, def-1 ...
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
    },
  }
}
