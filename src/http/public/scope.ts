import { documentHeadersWith } from '../limits/security-headers.ts'
import type { TrafficClass } from '../limits/traffic-class.ts'
import { sendProblem } from '../problems.ts'
import type { Scope } from '../scope.ts'
import { docsPermissions, docsRoutes } from './docs.ts'
import { healthRoutes, type HealthDeps } from './health.ts'
import { metricsRoute, type MetricsDeps } from './metrics.ts'
import { openapiDocument, openapiRoute } from './openapi.ts'
import { publicPermissions } from './permissions.ts'

export interface PublicDeps extends HealthDeps, MetricsDeps {
  readonly hstsSeconds: number
}

const unknownPath: TrafficClass = {
  noun: 'requests',
  rateLimit: { rate: 'requests', times: 1, reason: 'request_rate' },
  underPressure: { fromLevel: 2, code: 'overloaded' },
}
// Answers are long; people ask for a few of them, and machines a few times a minute.
const documentation: TrafficClass = {
  noun: 'requests',
  rateLimit: { rate: 'requests', times: 1 / 20, reason: 'request_rate' },
  underPressure: { fromLevel: 2, code: 'overloaded' },
}
// Not refused under pressure: they show an operator its cause.
const metrics: TrafficClass = {
  noun: 'requests',
  rateLimit: { rate: 'requests', times: 1 / 20, reason: 'request_rate' },
}
const health: TrafficClass = { noun: 'requests' }

const trafficOfPath: Readonly<Record<string, TrafficClass>> = {
  '/healthz': health,
  '/readyz': health,
  '/metrics': metrics,
}

/** Health, metrics and documentation, for everybody. */
export function publicScope(deps: PublicDeps): Scope<'public'> {
  return {
    prefix: '',
    permissions: { ...publicPermissions, ...docsPermissions },
    unknownPathPermission: 'public',
    acceptsCertificates: false,
    headers: documentHeadersWith(deps.hstsSeconds),
    unknownPathTraffic: unknownPath,
    trafficOf: (_method, path) => trafficOfPath[path] ?? documentation,
    authenticate() {},
    sendError: sendProblem,
    async addRoutes(app) {
      healthRoutes(app, deps)
      metricsRoute(app, deps)
      const document = openapiDocument(app)
      openapiRoute(app, document)
      await docsRoutes(app, document)
    },
  }
}
