import type { Visibility } from '../access/visibility/visibility.ts'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { ParameterChecks } from '../catalog/parameters.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { Db } from '../db/database.ts'
import type { OpenBackend } from '../operations/context.ts'
import type { Engine } from '../operations/engine.ts'
import type { Queue } from '../operations/queue.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { InstanceMetadata } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import type { Extensions } from './extensions.ts'

/** What the verbs of instances/ and bindings/ need. */
export interface OrderDeps {
  readonly db: Db
  readonly now: () => Date
  readonly vault: Vault
  readonly catalog: LiveCatalog
  readonly directory: Directory
  readonly visibility: Visibility
  readonly parameters: ParameterChecks
  readonly engine: Engine
  readonly queue: Queue
  readonly orderTimes: OrderTimes
  openBackend(providerId: string): Promise<OpenBackend>
}

export interface OrderTimes {
  /** How long an order with accepts_incomplete waits for the first answer before it is told 202. */
  readonly inlineMs: number
  /** A claim made together with the order lasts so long without being renewed. */
  readonly leaseMs: number
  /** Longest time an operation may run at a provider. */
  readonly maxPollingMs: number
}

/** What every order carries: whose it is, and how it came. */
export interface OrderSource {
  readonly platformId: string
  readonly acceptsIncomplete: boolean
  /** Verbatim header value. */
  readonly originatingIdentity: string | undefined
  readonly requestIdentity: string | undefined
  /** All is checked, nothing is written and nobody is called. */
  readonly isDryRun: boolean
  /** Whether the caller has gone away meanwhile: nobody will read an answer. */
  isAbandoned(): boolean
}

/** What the platform is told of an order for an instance. */
export type OrderResult = Told &
  /** It is through: 201, or 200 for an update or a deprovision. */
  (
    | { readonly kind: 'done' }
    /** It was through before: 200. */
    | { readonly kind: 'repeated' }
    /** It is under way: 202. */
    | { readonly kind: 'accepted'; readonly operationId: string }
    /** It was only checked, and would be taken: 200. */
    | { readonly kind: 'validated' }
  )

interface Told {
  readonly dashboardUrl?: string | null | undefined
  readonly metadata?: InstanceMetadata | null | undefined
  readonly extensions?: Extensions | undefined
}

/** Until when an operation of this plan may run at its provider. */
export function deadlineFor(deps: OrderDeps, plan: CatalogPlan | undefined, now: Date): Date {
  const planMs =
    plan?.maximumPollingSeconds === undefined ? Infinity : plan.maximumPollingSeconds * 1_000
  return new Date(now.getTime() + Math.min(planMs, deps.orderTimes.maxPollingMs))
}
