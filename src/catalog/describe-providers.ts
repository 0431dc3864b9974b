import type { Db } from '../db/database.ts'
import type { Provider } from '../providers/provider.ts'
import { lookUpCircuit } from '../providers/circuits/look-up-circuit.ts'
import { lookUpProvider, lookUpProviders } from '../providers/look-up.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { CatalogFinding, ProviderView } from '../types.gen.ts'
import { countPublished } from './store.ts'
import { describeQuarantine, sentenceOf } from './quarantine/describe.ts'
import { findQuarantine, type Quarantine } from './quarantine/store.ts'
import { findCatalogState } from './readings/store.ts'

/**
 * A provider as the management API returns it: its row without credentials, and the state of its
 * circuit and its catalog.
 */
export async function describeProvider(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<ProviderView> {
  return describe(db, await lookUpProvider(db, scope, id))
}

export async function describeProviders(db: Db, scope: AccessScope): Promise<ProviderView[]> {
  const providers = await lookUpProviders(db, scope)
  return Promise.all(providers.map((provider) => describe(db, provider)))
}

async function describe(db: Db, provider: Provider): Promise<ProviderView> {
  const [state, held, published, circuit] = await Promise.all([
    findCatalogState(db, provider.id),
    findQuarantine(db, provider.id),
    countPublished(db, provider.id),
    lookUpCircuit(db, provider.id),
  ])
  // A Provider holds no credentials, sealed or open: the store reads them apart.
  const { revision: _, mitigationRetainHours, ...shown } = provider
  return {
    ...shown,
    settings: { ...provider.settings },
    deletingBindingCredentialsSince:
      provider.deletingBindingCredentialsSince?.toISOString() ?? null,
    ...(mitigationRetainHours === null ? {} : { mitigationRetainHours }),
    // lookUpProvider finds no removed one.
    state: provider.state as ProviderView['state'],
    circuit: {
      state: circuit.state,
      since: circuit.since?.toISOString() ?? null,
      ...(circuit.until === undefined ? {} : { until: circuit.until.toISOString() }),
      ...(circuit.reason === undefined ? {} : { reason: circuit.reason }),
    },
    createdAt: provider.createdAt.toISOString(),
    catalog: {
      offerings: provider.state === 'active' ? published.offerings : 0,
      plans: provider.state === 'active' ? published.plans : 0,
      checkedAt: state?.checkedAt?.toISOString() ?? null,
      changedAt: state?.changedAt?.toISOString() ?? null,
      stale: state === undefined || state.checkedAt === null || state.error !== null,
      error: state?.error ?? null,
      ...(held === undefined ? {} : { quarantine: describeQuarantine(held) }),
      findings: [...heldFindings(held), ...(state?.findings ?? [])],
    },
  }
}

function heldFindings(held: Quarantine | undefined): CatalogFinding[] {
  return held === undefined
    ? []
    : [{ path: '', problem: sentenceOf(held), effect: 'catalog_withheld' }]
}
