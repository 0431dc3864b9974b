import type { FastifyInstance } from 'fastify'
import type { Role } from '../../tenancy/principal.ts'
import {
  createPersonAuthentication,
  type PersonAuthenticationDeps,
} from '../auth/authenticate-person.ts'
import { documentHeadersWith } from '../limits/security-headers.ts'
import type { TrafficClass } from '../limits/traffic-class.ts'
import { sendProblem } from '../problems.ts'
import type { Scope } from '../scope.ts'
import { checkAddresses } from './addresses.ts'
import { describeRoutes, permissionsOf, tagsOf } from './noun.ts'
import { nouns } from './nouns.gen.ts'
import { refreshCaches, type RefreshDeps } from '../refresh-caches.ts'

/** All that any noun needs. */
type NounDeps = (typeof nouns)[number]['addRoutes'] extends (
  app: FastifyInstance,
  deps: infer Deps,
) => unknown
  ? Deps
  : never

export type ApiDeps = NounDeps &
  PersonAuthenticationDeps &
  RefreshDeps & { readonly hstsSeconds: number }

/** Who may call which route of the management API. */
export const apiPermissions = permissionsOf(nouns)

/** The groups of the management API in /docs. */
export const apiTags = tagsOf(nouns)

const anyRole: readonly Role[] = ['operator', 'provider', 'agency', 'auditor', 'member']

// Neither class is refused under pressure: an operator must be able to find and remove its cause.
const change: TrafficClass = {
  noun: 'orders',
  rateLimit: { rate: 'orders', times: 1, reason: 'order_rate' },
}
const read: TrafficClass = {
  noun: 'requests',
  rateLimit: { rate: 'requests', times: 1, reason: 'request_rate' },
}

/** The management API, for people and machines with a role. */
export function apiScope(deps: ApiDeps): Scope<readonly Role[]> {
  return {
    prefix: '/api',
    permissions: apiPermissions,
    unknownPathPermission: anyRole,
    acceptsCertificates: false,
    headers: documentHeadersWith(deps.hstsSeconds),
    unknownPathTraffic: read,
    trafficOf: (method) => (method === 'GET' || method === 'HEAD' ? read : change),
    authenticate: createPersonAuthentication(deps),
    sendError: sendProblem,
    async addRoutes(app) {
      describeRoutes(app, apiPermissions, nouns)
      checkAddresses(app)
      refreshCaches(app, deps)
      for (const { addRoutes } of nouns) await addRoutes(app, deps)
    },
  }
}
