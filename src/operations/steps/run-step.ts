// One step of one claimed operation. No transaction is open while it calls the back end, and it
// writes the result only if the claim still holds.
import { isTransientDatabaseError } from '../../db/transient-error.ts'
import { coded } from '../../log.ts'
import type { Leases } from '../claims/leases.ts'
import { releaseClaim, reschedule } from '../claims/release-claim.ts'
import {
  alwaysAnnounced,
  type DecideAnnounced,
  type EngineDeps,
  type OpenBackend,
  type StepContext,
} from '../context.ts'
import { recordLateCall } from '../in-doubt/record-late-call.ts'
import { mayHaveBeenSent, wasAnswered } from '../in-doubt/unfinished-step.ts'
import type { Failpoint } from '../failpoints.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { operationSteps } from '../step-counter.ts'
import { recordStepFailure } from '../results/record-step-failure.ts'
import { writeResult } from '../results/write-result.ts'
import type { OperationState } from '../states.ts'
import type { StepResult } from '../step-result.ts'
import { callBackend, endAbandoned } from './call.ts'
import { compensate } from './compensate.ts'
import { lookUp } from './look-up.ts'
import { excuseOutage } from './outage.ts'
import { poll } from './poll.ts'
import { redactResult } from './redact-result.ts'
import { retainByPolicy } from './retain.ts'

/** The first step of an order, whose caller may be waiting. */
export interface FirstStep {
  readonly decideAnnounced: DecideAnnounced
  /** Releases the provider's slot that the caller has acquired. */
  releaseSlot(): void
  /**
   * When the order's request was read and checked, on the clock of `performance.now()`: what it
   * has waited for since is part of the time in which the platform must have its answer.
   */
  readonly receivedAtMs: number
  /** What the caller has written with the operation: its handler need not read it again. */
  readonly written?: unknown
  readonly client: {
    /** Whether it has gone, so that no one reads the answer. */
    isAbandoned(): boolean
  }
}

// Platforms give up after 60 s.
const maxSyncMs = 55_000

/**
 * Runs one step of an operation and writes its result.
 * @returns undefined when this process does not know the result: it lost the claim, could not
 * begin, or stops
 */
export async function runStep(
  deps: EngineDeps,
  leases: Leases,
  operation: Operation,
  stop: AbortSignal,
  first?: FirstStep,
): Promise<StepResult | undefined> {
  const hold = leases.hold(operation)
  // The caller must get an answer in time, however many calls the order takes.
  const isAwaited = first !== undefined && !operation.acceptsIncomplete
  const timer = isAwaited
    ? setTimeout(
        () => hold.cancel(),
        Math.max(0, first.receivedAtMs + maxSyncMs - performance.now()),
      )
    : undefined
  let releaseSlot = first?.releaseSlot
  let prepared: PreparedOperation<unknown> | undefined
  try {
    const open = await deps.backends.open(operation.providerId)
    releaseSlot ??= await acquireSlot(deps, open, operation, stop)
    if (releaseSlot === undefined) return undefined
    prepared = await deps.handlers[operation.kind].prepare(operation, first?.written)
    const { signal } = hold
    const { times, durations, now } = deps
    const context: StepContext = { operation, prepared, open, signal, times, durations, now }
    const decideAnnounced = first?.decideAnnounced ?? alwaysAnnounced
    const abandoned = first && endAbandoned(operation, first.client)
    if (abandoned !== undefined)
      return await writeAndRecord(deps, context, stop, abandoned, decideAnnounced)
    // The lease has nearly expired (the process was paused): another worker may already own the
    // operation.
    if (hold.isOver()) {
      await releaseClaim(deps, operation, false, stop)
      return undefined
    }
    let result = redactResult(await takeStep(deps, context), prepared)
    releaseSlot()
    if (stop.aborted && !wasAnswered(operation, result)) {
      if (!(await releaseClaim(deps, operation, mayHaveBeenSent(result), stop)))
        await recordLateCall(deps, context, result)
      return undefined
    }
    const outageMs = open.circuit.waitMs()
    if (outageMs !== undefined) result = excuseOutage(context, result, outageMs)
    if (open.mitigation.policy !== 'automatic') result = retainByPolicy(context, result)
    return await writeAndRecord(deps, context, stop, result, decideAnnounced)
  } catch (error) {
    await recordError(deps, operation, prepared !== undefined, stop, error)
    throw error
  } finally {
    clearTimeout(timer)
    releaseSlot?.()
    hold.end()
  }
}

// Acquires the slot before anything is awaited, so that the next look at the free slots sees it
// taken.
async function acquireSlot(
  deps: EngineDeps,
  open: OpenBackend,
  operation: Operation,
  stop: AbortSignal,
): Promise<(() => void) | undefined> {
  const slot = open.guard.acquireSlot(
    operation.retries > 0 ? 'repeat' : 'step',
    operation.platformId,
  )
  if (slot.granted) return slot.release
  await reschedule(deps, operation, slot.retryAfterMs, stop)
  return undefined
}

interface Step {
  readonly take: (context: StepContext) => Promise<StepResult>
  readonly before: Failpoint
  readonly after: Failpoint
}

const steps: Partial<Record<OperationState, Step>> = {
  calling: { take: callBackend, before: 'before-call', after: 'after-call' },
  waiting: { take: poll, before: 'before-poll', after: 'after-poll' },
  uncertain: { take: lookUp, before: 'before-look-up', after: 'after-look-up' },
  compensating: { take: compensate, before: 'before-removal', after: 'after-removal' },
}

// Takes the step of the present state.
async function takeStep(deps: EngineDeps, context: StepContext): Promise<StepResult> {
  const { state } = context.operation
  const step = steps[state]
  if (step === undefined) throw new Error(`An operation that is ${state} has no step.`)
  await deps.hitFailpoint?.(step.before)
  const result = await step.take(context)
  await deps.hitFailpoint?.(step.after)
  return result
}

async function writeAndRecord(
  deps: EngineDeps,
  context: StepContext,
  stop: AbortSignal,
  result: StepResult,
  decideAnnounced: DecideAnnounced,
): Promise<StepResult | undefined> {
  const { operation } = context
  const kept = await writeResult(deps, context, stop, result, decideAnnounced)
  await deps.hitFailpoint?.('result-written')
  // Polls without a change are logged at debug.
  const isUnchanged = kept && operation.state === 'waiting' && result.state === 'waiting'
  deps.log[isUnchanged ? 'debug' : 'info'](
    {
      operationId: operation.id,
      kind: operation.kind,
      from: operation.state,
      to: result.state,
      kept,
      // The platform's id of its request, to find the same request in its log.
      requestIdentity: operation.requestIdentity ?? undefined,
    },
    'step of an operation ended',
  )
  if (kept) {
    deps.metrics.count(operationSteps, { kind: operation.kind, state: result.state })
    return result
  }
  await recordLateCall(deps, context, result)
  return undefined
}

async function recordError(
  deps: EngineDeps,
  operation: Operation,
  mayHaveCalled: boolean,
  stop: AbortSignal,
  error: unknown,
): Promise<void> {
  deps.log.error(
    { operationId: operation.id, kind: operation.kind, error: coded(error) },
    'an operation step failed',
  )
  // A database that is away says nothing about the operation: it resumes where it was, or, after a
  // call, when the lease has expired.
  if (!isTransientDatabaseError(error)) {
    if (!stop.aborted) await recordStepFailure(deps, operation, mayHaveCalled)
  } else if (!mayHaveCalled) await releaseClaim(deps, operation, false, stop)
}
