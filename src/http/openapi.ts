import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

// OpenAPI 3.1 has this type; the types of the plugin know only 3.0.
const byCertificate = {
  type: 'mutualTLS',
  description:
    'A client certificate with a name that belongs to a credential of the platform; only ' +
    'where Kontor terminates TLS itself. An Authorization header takes precedence.',
} as unknown as { type: 'http'; scheme: string }

/**
 * How openapi.yaml, /openapi.json and /docs are generated from the routes.
 * @param apiTags  the groups of the management API, in their order
 */
export function openapiOptions(
  version: string,
  apiTags: ReadonlyArray<{ readonly name: string; readonly description: string }>,
): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Kontor',
        version,
        description:
          'One Open Service Broker for many data centres: the Open Service Broker API 2.17 ' +
          'below /v2, for platforms; management and the marketplace below /api, for people and ' +
          'machines with a role. Errors below /api are problem details; their `type` opens a ' +
          'page that says what to do.',
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
              'An access token of a trusted issuer, with the subject of a credential of the ' +
              'platform.',
          },
          platformCertificate: byCertificate,
          person: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'An access token of a trusted issuer with one of the roles operator, provider, ' +
              'agency or auditor; or the admin token, for the first start.',
          },
        },
      },
      tags: [
        {
          name: 'Open Service Broker',
          description: 'For platforms: catalog, instances, bindings and their operations.',
        },
        ...apiTags,
        { name: 'Health', description: 'For monitoring, without authentication.' },
      ],
    },
    // A schema keeps its own name instead of def-0, def-1 ...
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
    },
  }
}
