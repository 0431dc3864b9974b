import type { Role } from '../../tenancy/principal.ts'

export const operator: readonly Role[] = ['operator']
export const reader: readonly Role[] = ['operator', 'auditor']
export const providerReader: readonly Role[] = ['operator', 'auditor', 'provider']
export const providerKeeper: readonly Role[] = ['operator', 'provider']
export const agencyKeeper: readonly Role[] = ['operator', 'agency']
export const orderReader: readonly Role[] = ['operator', 'auditor', 'provider', 'agency', 'member']
export const agencyReader: readonly Role[] = ['operator', 'auditor', 'agency']
export const memberReader: readonly Role[] = [...agencyReader, 'member']
export const person: readonly Role[] = ['person']
/** Only people order; the operator is among these so that the refusal says so. */
export const orderer: readonly Role[] = ['operator', 'person']
