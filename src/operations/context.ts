// What the engine is made of, and what it hands to each step.
import type { Backend } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Durations } from './durations/durations.ts'
import type { Mitigation } from '../providers/mitigation.ts'
import type { Slot, SlotUse } from '../providers/bulkhead.ts'
import type { OperationHandlers, PreparedOperation } from './operation-handler.ts'
import type { Operation } from './operation.ts'
import type { HitFailpoint } from './failpoints.ts'
import type { Queue } from './queue.ts'

export interface EngineTimes {
  /** How long a claim lasts without being renewed. */
  readonly leaseMs: number
  /** The shortest wait before a back end is asked again that does not say when. */
  readonly pollMs: number
  /** The longest. */
  readonly maxPollMs: number
  /** How long a call that got no answer may still be under way at the provider. */
  readonly inDoubtMs: number
  /** The longest wait between two tries of the same thing. */
  readonly maxRetryMs: number
  /** After so many tries in vain a removal is left to a person. */
  readonly retriesBeforeParking: number
}

/** How the engine reaches the back end of a provider. */
export interface OpenBackend {
  readonly backend: Backend
  /** For sentences to users. */
  readonly label: string
  /** What becomes of what an order may have left there; never asked after an update. */
  readonly mitigation: Mitigation
  /** Takes one of the provider's places for calls, unless there is none for this use or the provider is not called at present. */
  acquireSlot(use: SlotUse): Slot
  /** Undefined while the provider is called as usual; else in how many ms the next call may be tried. */
  outageMs(): number | undefined
}

/** Whether the platform has been answered 202. Called once, when the step settles. */
export type IsAnnounced = () => boolean

export const announced: IsAnnounced = () => true

export interface EngineDeps {
  readonly db: Db
  readonly now: () => Date
  readonly queue: Queue
  readonly log: Log
  readonly times: EngineTimes
  readonly handlers: OperationHandlers
  readonly durations: Durations
  readonly metrics: { operationSettled(kind: string, state: string): void }
  openBackend(providerId: string): Promise<OpenBackend>
  /** How many calls each provider can be sent now. */
  freeSlots(): Promise<ReadonlyArray<{ readonly providerId: string; readonly free: number }>>
  /** Set by the fault harness alone. */
  readonly hitFailpoint?: HitFailpoint | undefined
}

/** What a step needs beside the operation. */
export interface StepContext {
  readonly operation: Operation
  readonly prepared: PreparedOperation<unknown>
  readonly open: OpenBackend
  readonly signal: AbortSignal
  readonly times: EngineTimes
  readonly durations: Pick<Durations, 'usual' | 'learn'>
  readonly now: () => Date
}
