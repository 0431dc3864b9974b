import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { BackendPool } from '../providers/backend-pool.ts'
import type { Vault } from '../vault/vault.ts'

export interface ReconciliationDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly vault: Vault
  readonly backends: BackendPool
  readonly catalog: LiveCatalog
  readonly times: {
    /** How long a claim on a run lasts without being renewed. */
    readonly leaseMs: number
    /** How long after its end a removal may still be in progress at a provider. */
    readonly inDoubtMs: number
  }
}

/** What a survey works with: whom to ask, how many questions at a time, and when to stop. */
export interface Surveying {
  readonly deps: ReconciliationDeps
  readonly providerId: string
  /** The registration's revision when the run began. */
  readonly revision: number
  readonly startedAt: Date
  /** How many questions may be open at a time. */
  readonly width: number
  readonly signal: AbortSignal
}

const noFacts = { instancesRetrievable: false, bindingsRetrievable: false, requires: [] }

/** What the provider's catalog declares about an offering's instances and bindings. */
export function offeringFacts(
  { catalog }: Pick<ReconciliationDeps, 'catalog'>,
  offeringId: string,
) {
  const offering = catalog.current().offerings.get(offeringId)
  if (offering === undefined) return noFacts
  const { instancesRetrievable, bindingsRetrievable } = offering.upstreamFlags
  // catalog/inspect.ts lets only a list of names through.
  return {
    instancesRetrievable,
    bindingsRetrievable,
    requires: (offering.body['requires'] as readonly string[] | undefined) ?? [],
  }
}
