// The one table of who may call what. What does not stand here is denied: a route without an entry stops the boot, and
// so does an entry without a route.
import type { Role } from '../../tenancy/principal.ts'

/**
 *  - `public`    anybody: health, documentation
 *  - `platform`  a platform with its own credentials
 *  - roles       a person or machine with one of them; what they see is bounded by their reach
 */
export type Permission = 'public' | 'platform' | readonly Role[]

const operator: Permission = ['operator']
const reader: Permission = ['operator', 'auditor']
const providerReader: Permission = ['operator', 'auditor', 'provider']
const providerKeeper: Permission = ['operator', 'provider']
const agencyKeeper: Permission = ['operator', 'agency']
const orderReader: Permission = ['operator', 'auditor', 'provider', 'agency']
const agencyReader: Permission = ['operator', 'auditor', 'agency']

const instance = '/v2/service_instances/:instance_id'
const binding = `${instance}/service_bindings/:binding_id`

export const permissions: Readonly<Record<string, Permission>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',

  'GET /v2/catalog': 'platform',
  [`PUT ${instance}`]: 'platform',
  [`GET ${instance}`]: 'platform',
  [`PATCH ${instance}`]: 'platform',
  [`DELETE ${instance}`]: 'platform',
  [`GET ${instance}/last_operation`]: 'platform',
  [`PUT ${binding}`]: 'platform',
  [`GET ${binding}`]: 'platform',
  [`DELETE ${binding}`]: 'platform',
  [`GET ${binding}/last_operation`]: 'platform',

  'POST /api/providers': operator,
  'GET /api/providers': providerReader,
  'GET /api/providers/:id': providerReader,
  'PATCH /api/providers/:id': providerKeeper,
  'DELETE /api/providers/:id': operator,
  'POST /api/providers/:id/refresh': providerKeeper,
  'POST /api/providers/:id/reconcile': providerKeeper,
  'GET /api/providers/:id/reconciliation': providerReader,
  'GET /api/providers/:id/findings': providerReader,
  'GET /api/reconciliations/:id': providerReader,
  'POST /api/findings/:id/acknowledge': operator,

  'GET /api/operations': orderReader,
  'GET /api/operations/:id': orderReader,
  'POST /api/operations/:id/retry': operator,
  'POST /api/operations/:id/settle': operator,
  'POST /api/operations/:id/abandon': operator,

  'GET /api/orphans': reader,
  'GET /api/orphans/:id': reader,
  'POST /api/orphans/:id/remove': operator,
  'POST /api/orphans/:id/forget': operator,

  'GET /api/audit/events': agencyReader,
  'GET /api/audit/export': agencyReader,

  'POST /api/organisations': operator,
  'GET /api/organisations': agencyReader,
  'GET /api/organisations/:id': agencyReader,
  'PATCH /api/organisations/:id': operator,
  'POST /api/organisations/:id/suspend': operator,
  'POST /api/organisations/:id/resume': operator,
  'POST /api/organisations/:id/retire': operator,

  'POST /api/platforms': operator,
  'GET /api/platforms': agencyReader,
  'GET /api/platforms/:id': agencyReader,
  'PATCH /api/platforms/:id': operator,
  'POST /api/platforms/:id/suspend': operator,
  'POST /api/platforms/:id/resume': operator,
  'POST /api/platforms/:id/retire': operator,
  'GET /api/platforms/:id/credentials': agencyReader,
  'POST /api/platforms/:id/credentials': agencyKeeper,
  'DELETE /api/platforms/:id/credentials/:credentialId': agencyKeeper,
  'GET /api/platforms/:id/mappings': agencyReader,
  'PUT /api/platforms/:id/mappings/:kind/:externalId': operator,
  'DELETE /api/platforms/:id/mappings/:kind/:externalId': operator,

  'POST /api/visibility-rules': operator,
  'GET /api/visibility-rules': reader,
  'GET /api/visibility-rules/:id': reader,
  'PATCH /api/visibility-rules/:id': operator,
  'DELETE /api/visibility-rules/:id': operator,
  'GET /api/platforms/:id/visibility': reader,
  'PUT /api/quotas': operator,
  'GET /api/quotas': agencyReader,
  'GET /api/quotas/:id': agencyReader,
  'DELETE /api/quotas/:id': operator,
}

/** Pages of a package that registers its routes itself. */
export const publicPrefixes: readonly string[] = ['/docs']
