// What the engine needs, and what it passes to each step.
import type { Backend } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Durations } from './durations/durations.ts'
import type { Mitigation } from '../providers/mitigation.ts'
import type { Slot, SlotUse } from '../providers/bulkhead.ts'
import type { OperationHandlers, PreparedOperation } from './operation-handler.ts'
import type { Operation } from './operation.ts'
import type { HitFailpoint } from './failpoints.ts'

export interface EngineTimes {
  /** How long a claim lasts unless it is renewed. */
  readonly leaseMs: number
  /** The shortest wait before the next poll of a provider that sends no Retry-After. */
  readonly pollMs: number
  /** The longest wait before that poll. */
  readonly maxPollMs: number
  /** How long a call that got no answer may still arrive at the provider. */
  readonly inDoubtMs: number
  /** The longest wait before the same call is repeated. */
  readonly maxRetryMs: number
  /** After so many retries a removal is parked. */
  readonly retriesBeforeParking: number
}

/** How the engine reaches the back end of a provider. */
export interface OpenBackend {
  readonly backend: Backend
  /** The provider's display name, for messages to users. */
  readonly label: string
  /** How to mitigate what a failed order may have left there; not used for updates. */
  readonly mitigation: Mitigation
  /**
   * Acquires one of the provider's call slots, unless none is free for this use or its circuit is
   * open.
   */
  acquireSlot(use: SlotUse): Slot
  /**
   * Undefined while the provider's circuit is closed; else the milliseconds until its next trial
   * call.
   */
  outageMs(): number | undefined
}

/** Whether the platform has been answered 202. Called once, when the step settles. */
export type IsAnnounced = () => boolean

export const announced: IsAnnounced = () => true

export interface EngineDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly times: EngineTimes
  readonly handlers: OperationHandlers
  readonly durations: Durations
  readonly metrics: { operationSettled(kind: string, state: string): void }
  openBackend(providerId: string): Promise<OpenBackend>
  /** How many calls Kontor can send to each provider now. */
  freeSlots(): Promise<ReadonlyArray<{ readonly providerId: string; readonly free: number }>>
  /** Set only by the fault harness. */
  readonly hitFailpoint?: HitFailpoint | undefined
}

/** What one step needs. */
export interface StepContext {
  readonly operation: Operation
  readonly prepared: PreparedOperation<unknown>
  readonly open: OpenBackend
  readonly signal: AbortSignal
  readonly times: EngineTimes
  readonly durations: Pick<Durations, 'usual' | 'learn'>
  readonly now: () => Date
}
