import {
  createPlatformAuthentication,
  type PlatformAuthenticationDeps,
} from '../auth/authenticate-platform.ts'
import { dataHeaders } from '../limits/security-headers.ts'
import type { Scope } from '../scope.ts'
import { apiMinorOf } from './api-version.ts'
import { osbError } from './errors.ts'
import { osbPermissions } from './permissions.ts'
import { osbRoutes, type OsbDeps } from './routes.ts'
import { read, trafficOf } from './traffic.ts'

/** The Open Service Broker API, for platforms. */
export function osbScope(deps: OsbDeps & PlatformAuthenticationDeps): Scope<'platform'> {
  return {
    prefix: '/v2',
    permissions: osbPermissions,
    unknownPathPermission: 'platform',
    acceptsCertificates: true,
    headers: dataHeaders,
    unknownPathTraffic: read,
    trafficOf,
    authenticate: createPlatformAuthentication(deps),
    sendError(error, request, reply) {
      const { status, body } = osbError(error, apiMinorOf(request))
      return reply.code(status).type('application/json; charset=utf-8').send(body)
    },
    addRoutes: (app) => osbRoutes(app, deps),
  }
}
