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
    /** How long after its end a removal may still be under way at a provider. */
    readonly inDoubtMs: number
  }
}

/** What a survey needs to know beside: whom to ask, and when it ends. */
export interface Surveying {
  readonly deps: ReconciliationDeps
  readonly providerId: string
  /** Of the registration when the run began. */
  readonly revision: number
  readonly startedAt: Date
  /** Most questions open at a time. */
  readonly width: number
  readonly signal: AbortSignal
}

const nothingTold = { instancesRetrievable: false, bindingsRetrievable: false, requires: [] }

/** What the provider's catalog says of an offering's instances and bindings. */
export function offeringFacts(
  { catalog }: Pick<ReconciliationDeps, 'catalog'>,
  offeringId: string,
) {
  const offering = catalog.current().offerings.get(offeringId)
  if (offering === undefined) return nothingTold
  const { instancesRetrievable, bindingsRetrievable } = offering.upstreamFlags
  // catalog/inspect.ts let only a list of names through
  return {
    instancesRetrievable,
    bindingsRetrievable,
    requires: (offering.body['requires'] as readonly string[] | undefined) ?? [],
  }
}
