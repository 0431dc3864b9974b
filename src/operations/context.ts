// What the engine needs, and what it passes to each step.
import type { Backend } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Durations } from './durations/durations.ts'
import type { Mitigation } from '../providers/mitigation.ts'
import type { BackendPool } from '../providers/backend-pool.ts'
import type { Circuit } from '../providers/circuits/circuit.ts'
import type { Guard } from '../providers/guard.ts'
import type { OperationHandlers, PreparedOperation } from './operation-handler.ts'
import type { Operation } from './operation.ts'
import type { HitFailpoint } from './failpoints.ts'
import type { Metrics } from '../telemetry/metrics.ts'

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
  /** Its call slots: one is granted unless none is free for this use or the circuit is open. */
  readonly guard: Pick<Guard, 'acquireSlot'>
  readonly circuit: Pick<Circuit, 'waitMs'>
}

/**
 * Decides whether a failed order counts as announced to its platform by a 202. Called just before
 * the statement that writes the failure, so again with each retry of it. That of a first step stops
 * the 202 that its caller would give when the inline time is over: the platform gets the failure.
 */
export type DecideAnnounced = () => boolean

/** For all but first steps: the platform has its 202, or no answer that Kontor knows of. */
export const alwaysAnnounced: DecideAnnounced = () => true

export interface EngineDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly times: EngineTimes
  readonly handlers: OperationHandlers
  readonly durations: Durations
  readonly metrics: Pick<Metrics, 'count'>
  readonly backends: Pick<BackendPool, 'open' | 'freeSlots'>
  /** false: this process lacks a key that others use, so it claims nothing. */
  hasAllKeys(): boolean
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
