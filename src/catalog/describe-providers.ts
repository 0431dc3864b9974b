import type { Db } from '../db/database.ts'
import { findCredentialsProblem } from '../providers/registration.ts'
import { unapprovedOrigins } from '../providers/origins.ts'
import type { Provider } from '../providers/provider.ts'
import { lookUpCircuit } from '../providers/circuits/look-up-circuit.ts'
import { lookUpProvider, lookUpProviders } from '../providers/look-up-provider.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { CatalogFinding, ProviderView } from '../types.gen.ts'
import { countPublished } from './store.ts'
import { describeQuarantine, sentenceOf } from './quarantine/describe.ts'
import { findQuarantine, type Quarantine } from './quarantine/store.ts'
import { findCatalogState } from './readings/store.ts'
import { shownCircuit, shownReading } from './shown-state.ts'

/**
 * A provider as the management API returns it: its row without credentials, and the state of its
 * circuit and its catalog.
 */
export async function describeProvider(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<ProviderView> {
  return describe(db, scope, await lookUpProvider(db, scope, id))
}

export async function describeProviders(db: Db, scope: AccessScope): Promise<ProviderView[]> {
  const providers = await lookUpProviders(db, scope)
  return Promise.all(providers.map((provider) => describe(db, scope, provider)))
}

async function describe(db: Db, scope: AccessScope, provider: Provider): Promise<ProviderView> {
  const [state, quarantine, published, circuit, problem] = await Promise.all([
    findCatalogState(db, provider.id),
    findQuarantine(db, provider.id),
    countPublished(db, provider.id),
    lookUpCircuit(db, provider.id),
    findCredentialsProblem(db, provider.id),
  ])
  // A Provider holds no credentials, sealed or open: the store reads them apart.
  const {
    revision: _1,
    credentialsVersion: _6,
    approvedOrigins: _2,
    tokenOrigin: _3,
    unapprovedSince: _4,
    unapprovedUntil: _5,
    mitigationRetainHours,
    ...shown
  } = provider
  const reading = shownReading(scope, provider, state)
  return {
    ...shown,
    allowedNetworks: [...provider.allowedNetworks],
    allowedPorts: [...provider.allowedPorts],
    unapprovedOrigins: unapprovedOrigins(provider),
    settings: { ...provider.settings },
    deletingBindingCredentialsSince:
      provider.deletingBindingCredentialsSince?.toISOString() ?? null,
    ...(mitigationRetainHours === null ? {} : { mitigationRetainHours }),
    // lookUpProvider finds no removed one.
    state: provider.state as ProviderView['state'],
    ...(problem === undefined ? {} : { credentialsProblem: problem }),
    circuit: shownCircuit(provider, circuit, problem),
    createdAt: provider.createdAt.toISOString(),
    catalog: {
      offerings: provider.state === 'active' ? published.offerings : 0,
      plans: provider.state === 'active' ? published.plans : 0,
      ...reading,
      ...(quarantine === undefined ? {} : { quarantine: describeQuarantine(quarantine) }),
      findings: [...quarantineFindings(quarantine), ...reading.findings],
    },
  }
}

function quarantineFindings(quarantine: Quarantine | undefined): CatalogFinding[] {
  return quarantine === undefined
    ? []
    : [
        { path: '', problem: sentenceOf(quarantine), effect: 'catalog_withheld' },
        ...quarantine.details.findings,
      ]
}
