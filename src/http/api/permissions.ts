import type { Role } from '../../tenancy/principal.ts'

const operator: readonly Role[] = ['operator']
const reader: readonly Role[] = ['operator', 'auditor']
const providerReader: readonly Role[] = ['operator', 'auditor', 'provider']
const providerKeeper: readonly Role[] = ['operator', 'provider']
const agencyKeeper: readonly Role[] = ['operator', 'agency']
const orderReader: readonly Role[] = ['operator', 'auditor', 'provider', 'agency']
const agencyReader: readonly Role[] = ['operator', 'auditor', 'agency']

/**
 * Each route of the management API, and the roles that may call it; what they see is bounded by
 * their access scope.
 */
export const apiPermissions: Readonly<Record<string, readonly Role[]>> = {
  'POST /api/providers': operator,
  'GET /api/providers': providerReader,
  'GET /api/providers/:id': providerReader,
  'PATCH /api/providers/:id': providerKeeper,
  'DELETE /api/providers/:id': operator,
  'POST /api/providers/:id/approve-origins': operator,
  'POST /api/providers/:id/refresh': providerKeeper,
  'POST /api/providers/:id/catalog/confirm': operator,
  'POST /api/providers/:id/catalog/reject': operator,
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

  'GET /api/integrity': reader,
}
