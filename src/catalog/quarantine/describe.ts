import type { CatalogQuarantine } from '../../types.gen.ts'
import type { Quarantine } from './store.ts'

/** A quarantine as the management API shows it. */
export function describeQuarantine(quarantine: Quarantine): CatalogQuarantine {
  const { reason, since, details, decision, digest } = quarantine
  return {
    reason,
    problem: sentenceOf(quarantine),
    since: since.toISOString(),
    digest: digest.toString('hex'),
    decision,
    lostPlans: details.lostPlans,
    lost: details.lost.map((plan) => ({ ...plan })),
    changedPlans: details.changedPlans,
    changedIds: details.changedIds.map((plan) => ({
      ...plan,
      from: { ...plan.from },
      to: { ...plan.to },
    })),
  }
}

/** Why a catalog is quarantined, for an operator. */
export function sentenceOf({ reason, details: { lostPlans } }: Quarantine): string {
  const inUse =
    lostPlans === 0
      ? 'none of its plans has an instance'
      : `${lostPlans} of its plans ${lostPlans === 1 ? 'has' : 'have'} instances`
  switch (reason) {
    case 'empty':
      return `The catalog is suddenly empty; ${inUse}.`
    case 'ids_changed':
      return `The catalog has the same names as before under other ids; ${inUse}.`
    case 'plans_lost':
      return `The catalog lacks plans that are in use: ${lostPlans}.`
    default:
      return reason satisfies never
  }
}
