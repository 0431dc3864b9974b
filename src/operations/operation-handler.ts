// What the engine needs to know of each kind of operation. instances/ and bindings/ implement it,
// and the composition root passes it in, so that this module imports nothing above it.
import type { Details } from '../audit/event.ts'
import type { Backend, Outcome, ProgressQuery } from '../backends/backend.ts'
import type { Tx } from '../db/database.ts'
import type { Part } from '../db/parts.ts'
import type { OrphanedResource } from '../orphans/orphan.ts'
import type { Operation } from './operation.ts'
import type { OperationKind } from './states.ts'

/**
 * What a look-up at the provider found after a call without an answer. `result`: as the call would
 * have returned it.
 */
export type LookUpResult<Result> =
  | { readonly kind: 'took_effect'; readonly result: Result | undefined }
  | { readonly kind: 'still_running' }
  | { readonly kind: 'no_effect'; readonly description: string }
  | { readonly kind: 'cannot_tell'; readonly description: string }

/** What `collect` has read; `failure`: what the provider made is unusable. */
export type Collected<Result> =
  { readonly result: Result | undefined } | { readonly failure: string }

export interface FailedEnd {
  /**
   * The platform got 202, so it knows the resource and will delete it; or it may have got one, from
   * a process that died.
   */
  readonly announced: boolean
  /** false: the provider said that the instance is no longer usable. */
  readonly instanceUsable: boolean
}

/**
 * One operation with its rows read. `begun`, `succeeded` and `failed` return what changes in the
 * instance or the binding, as parts of the statement that writes the result of the step.
 */
export interface PreparedOperation<Result> {
  /** The instance's plan, before a plan change. */
  readonly planId: string
  call(backend: Backend, signal: AbortSignal): Promise<Outcome<Result>>
  readonly progressQuery: ProgressQuery
  /**
   * The secret parts of the order, to redact from the provider's descriptions; opened only when
   * needed.
   */
  confidential?: (() => unknown) | undefined
  /** After `succeeded`: reads what the provider has not sent yet. Undefined: not available now. */
  collect(backend: Backend, signal: AbortSignal): Promise<Collected<Result> | undefined>
  /** After a call without an answer: finds out whether the call took effect. */
  lookUp(backend: Backend, signal: AbortSignal): Promise<LookUpResult<Result>>
  /**
   * Removes what may exist; repeated until the provider says that it is gone. Only for kinds that
   * create something.
   */
  compensate?: ((backend: Backend, signal: AbortSignal) => Promise<Outcome<unknown>>) | undefined
  /** The provider works on it; `result` holds what it has sent so far. */
  begun(result: Result, now: Date): readonly Part[]
  /** `result` is undefined when the last answer had none; what `begun` wrote then stays. */
  succeeded(result: Result | undefined, now: Date): readonly Part[]
  failed(end: FailedEnd, now: Date): readonly Part[]
  /** What the audit event of a success says of the row that `succeeded` has written. */
  recordedOfSuccess?(): Details
  /** What else an abandoned delete leaves at the provider: the bindings of the instance. */
  otherOrphans?(tx: Tx): Promise<readonly OrphanedBinding[]>
}

/** A binding that is deleted with its instance. */
export interface OrphanedBinding {
  readonly resource: OrphanedResource
  /** The platform's id. */
  readonly bindingId: string
}

/** `Written`: the rows that an order writes with its operation, with their secrets open. */
export interface OperationHandler<Result, Written = unknown> {
  /**
   * Reads and opens the rows of the operation.
   * @param written  for the first step in the process that has written them: neither query nor
   * decryption is needed. Absent for a worker
   */
  prepare(operation: Operation, written?: Written): Promise<PreparedOperation<Result>>
  /**
   * As `prepare`, but opens no secret before it is needed: an operator may have to end an operation
   * just because its secrets cannot be opened. Absent: `prepare` opens none.
   */
  prepareEnd?(operation: Operation): Promise<PreparedOperation<Result>>
}

// Each kind has its own result type; the engine only passes results from one method to the next.
export type OperationHandlers = Readonly<Record<OperationKind, OperationHandler<unknown>>>
