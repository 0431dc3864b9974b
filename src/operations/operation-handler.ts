// What the engine must know of each kind of operation. instances/ and bindings/ hold the effects; the composition
// roots hand them to the engine, so that this room knows nothing above it.
import type { Backend, Outcome, ProgressQuery } from '../backends/backend.ts'
import type { Tx } from '../db/database.ts'
import type { OrphanedResource } from '../orphans/orphan.ts'
import type { Operation } from './operation.ts'
import type { OperationKind } from './states.ts'

/** What a look-up after a crash found out. `result` as the call itself would have given it. */
export type Finding<Result> =
  | { readonly kind: 'took_effect'; readonly result: Result | undefined }
  | { readonly kind: 'still_running' }
  | { readonly kind: 'no_effect'; readonly description: string }
  | { readonly kind: 'cannot_tell'; readonly description: string }

/** What was read after an asynchronous order; `failure`: what the provider made is of no use. */
export type Collected<Result> =
  { readonly result: Result | undefined } | { readonly failure: string }

export interface FailedEnd {
  /** The platform has been told 202, so it knows the resource and will delete it. */
  readonly announced: boolean
  /** false: the provider said that the instance cannot be used any more. */
  readonly instanceUsable: boolean
}

/**
 * One operation, made ready to be worked on: its rows are read, its secrets opened. Methods that take `tx` write the
 * instance or the binding in the transaction that settles the operation.
 */
export interface PreparedOperation<Result> {
  /** The instance's plan, before a change of plan. */
  readonly planId: string
  call(backend: Backend, signal: AbortSignal): Promise<Outcome<Result>>
  readonly progress: ProgressQuery
  /** What was ordered and must not appear in a sentence; opened only when there is one. */
  confidential?: (() => unknown) | undefined
  /** After the provider said `succeeded`: reads what it did not say before. Undefined: not to be had just now. */
  collect(backend: Backend, signal: AbortSignal): Promise<Collected<Result> | undefined>
  /** After a crash in the middle of the call: did it take effect? */
  lookUp(backend: Backend, signal: AbortSignal): Promise<Finding<Result>>
  /** Removes what may exist; repeated until the provider says it is gone. Only for the kinds that make something new. */
  compensate?: ((backend: Backend, signal: AbortSignal) => Promise<Outcome<unknown>>) | undefined
  /** The provider works on it; `result` is what it told already. */
  begun(tx: Tx, result: Result, now: Date): Promise<void>
  /** `result` is undefined when the provider gave none with its last word; what `begun` wrote then stays. */
  succeeded(tx: Tx, result: Result | undefined, now: Date): Promise<void>
  failed(tx: Tx, end: FailedEnd, now: Date): Promise<void>
  /** What else stays at the provider if it is not asked: the bindings of an instance that is given up. */
  otherOrphans?(tx: Tx): Promise<readonly OrphanedBinding[]>
}

/** A binding that goes with its instance. */
export interface OrphanedBinding {
  readonly resource: OrphanedResource
  /** The platform's id. */
  readonly bindingId: string
}

export interface OperationHandler<Result> {
  prepare(operation: Operation): Promise<PreparedOperation<Result>>
  /**
   * As `prepare`, but opens no secret before it is needed: an operation may have to be ended by a person just because its
   * secrets cannot be opened. Absent: `prepare` opens none.
   */
  prepareEnd?(operation: Operation): Promise<PreparedOperation<Result>>
}

// Each kind has a result of its own, and the engine only carries it from one method of an effect to the next.
export type OperationHandlers = Readonly<Record<OperationKind, OperationHandler<unknown>>>
