import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

/** How openapi.yaml, /openapi.json and /docs are made from the routes. */
export function openapiOptions (version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Kontor',
        version,
        description: 'One Open Service Broker for many data centres: the Open Service Broker API 2.17 below /v2, management below /api.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      components: {
        securitySchemes: {
          platform: { type: 'http', scheme: 'basic', description: 'Credentials of a platform.' },
          admin: { type: 'http', scheme: 'bearer', description: 'The admin token.' }
        }
      },
      tags: [
        { name: 'Open Service Broker', description: 'What platforms call.' },
        { name: 'Management', description: 'What operators call.' },
        { name: 'Health', description: 'What machines call.' }
      ]
    },
    // A schema keeps its own name instead of def-0, def-1 ...
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => typeof json['$id'] === 'string' ? json['$id'] : `def-${index}` }
  }
}
