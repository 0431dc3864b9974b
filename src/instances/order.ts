import type { Nothing } from '../backends/backend.ts'
import type { KnownQuotas } from '../access/quotas/known-quotas.ts'
import type { Visibility } from '../access/visibility/visibility.ts'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { ParameterChecks } from '../catalog/parameters.ts'
import type { Db } from '../db/database.ts'
import type { Engine } from '../operations/engine.ts'
import type { BackendPool } from '../providers/backend-pool.ts'
import type { DashboardPolicy } from '../providers/dashboard-urls.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Vault } from '../vault/vault.ts'

/** What the verbs of instances/ and bindings/ need. */
export interface OrderDeps {
  readonly db: Db
  readonly now: () => Date
  readonly vault: Vault
  readonly catalog: LiveCatalog
  readonly directory: Directory
  readonly visibility: Visibility
  readonly quotas: KnownQuotas
  readonly parameters: ParameterChecks
  readonly engine: Engine
  readonly orderTimes: OrderTimes
  readonly backends: Pick<BackendPool, 'open'>
  /** Which stored dashboards are shown. */
  readonly dashboards: DashboardPolicy
}

export interface OrderTimes {
  /** How long an order with accepts_incomplete waits for the first answer before it gets 202. */
  readonly inlineMs: number
  /** How long a claim that is written with the order lasts without being renewed. */
  readonly leaseMs: number
  /** The longest time that an operation may run at a provider. */
  readonly maxPollingMs: number
}

/** What every order carries: its platform, and how it was sent. */
export interface OrderSource {
  readonly platformId: string
  readonly acceptsIncomplete: boolean
  /** The header's value as it was sent. */
  readonly originatingIdentity: string | undefined
  readonly requestIdentity: string | undefined
  /** Every check is made, nothing is written, and no provider is called. */
  readonly isDryRun: boolean
  /**
   * When its request was read and checked, on the clock of `performance.now()`: platforms wait for
   * 60 s.
   */
  readonly receivedAtMs: number
  /** Whether the client has closed its connection and so reads no answer. */
  isAbandoned(): boolean
  /**
   * Kontor has written down who asks for it, so it is carried out once it is written, though no
   * client waits.
   */
  readonly isKept?: true
}

/**
 * The answer to an order.
 * `result`: what the provider said of the instance or binding; a deprovision and an unbind have
 * none.
 */
export type OrderResult<Result = Nothing> =
  /** Carried out: 201, or 200 for an update or a delete. */
  | { readonly kind: 'done'; readonly result?: Result | undefined }
  /** Carried out before, by an equal order: 200. */
  | { readonly kind: 'repeated'; readonly result: Result }
  /** In progress: 202. */
  | {
      readonly kind: 'in_progress'
      readonly operationId: string
      readonly result?: Result | undefined
    }
  /** A dry run that found nothing against the order: 200. */
  | { readonly kind: 'validated' }
