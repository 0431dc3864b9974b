// The engine carries an operation from its row to its end, one short step at a time. A step is: claim, look at the
// state, talk to the back end with no transaction open, settle in one transaction if the claim still holds.
import { isTransientDatabaseError } from '../db/transient-error.ts'
import { coded } from '../log.ts'
import { recordStepFailure } from './record-step-failure.ts'
import { redactResult } from './redact-result.ts'
import type { EngineDeps, StepContext } from './context.ts'
import { recordLateCall } from './record-late-call.ts'
import { createLeases, type Leases } from './leases.ts'
import type { Operation } from './operation.ts'
import { excused } from './outage.ts'
import type { Failpoint } from './failpoints.ts'
import { maySent, wasAnswered } from './cut-off.ts'
import { releaseClaim, reschedule } from './release-claim.ts'
import type { StepResult } from './step-result.ts'
import { settleWithRetries } from './settle-with-retries.ts'
import type { OperationState } from './states.ts'
import { claimDue } from './store.ts'
import { callBackend } from './steps/call.ts'
import { compensate } from './steps/compensate.ts'
import { lookUp } from './steps/look-up.ts'
import { asPolicyWants } from './steps/mitigate.ts'
import { poll } from './steps/poll.ts'

/** Whether somebody waits for the first answer, or 202 has been said. Read once, when the step settles. */
export interface Audience {
  isAnnounced(): boolean
}

const announced: Audience = { isAnnounced: () => true }

export interface Engine {
  /**
   * Works on an operation that the caller has just inserted as `calling`, and settles it.
   * @param release  gives back the provider's place that the caller took
   * @returns undefined when this process has no say in it any more: its claim was lost, or it had to stop
   */
  runFirst(
    operation: Operation,
    audience: Audience,
    release: () => void,
  ): Promise<StepResult | undefined>
  /**
   * Claims what is due, at each provider as much as it has places for, and begins to take each one step further.
   * @param onEnd  called when one of these steps has ended, however
   * @returns how many steps it has begun; `isFull`: of some provider more may be due than it has places for
   * @throws the driver's error when the database is away
   */
  runDue(onEnd: () => void): Promise<{ readonly begun: number; readonly isFull: boolean }>
  /** Begins no new step, and cuts off in `ms` what is then still under way. */
  endWithin(ms: number): void
  /** Waits until nothing is under way here, at most `ms`; then cuts off what is left. */
  drain(ms: number): Promise<void>
}

export function createEngine(deps: EngineDeps): Engine {
  const underWay = new Set<Promise<unknown>>()
  let cutOff: NodeJS.Timeout | undefined
  const stop = new AbortController()
  const leases = createLeases(deps)

  const track = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    const forget = () => {
      underWay.delete(work)
    }
    work.then(forget, forget)
    return work
  }

  const endWithin = (ms: number): void => {
    cutOff ??= setTimeout(() => stop.abort(), ms)
  }

  const runClaimed = async (operation: Operation): Promise<void> => {
    await deps.hitFailpoint?.('claimed')
    await work(deps, leases, operation, announced, stop.signal, undefined)
  }

  return {
    endWithin,
    runFirst: (operation, audience, release) =>
      track(
        (async () => {
          await deps.hitFailpoint?.('intent-written')
          return work(deps, leases, operation, audience, stop.signal, release)
        })(),
      ),
    async runDue(onEnd) {
      const slots = await deps.freeSlots()
      // What is claimed by a process that stops would have to be taken over by somebody else in a moment.
      if (cutOff !== undefined) return { begun: 0, isFull: false }
      const now = deps.now()
      const claimed = await claimDue(
        deps.db,
        slots.filter(({ free }) => free > 0),
        now,
        new Date(now.getTime() + deps.times.leaseMs),
        new Date(now.getTime() + deps.times.inDoubtMs),
      )
      // Its errors are logged where they occur; the row and its lease say how it goes on.
      for (const operation of claimed)
        track(runClaimed(operation))
          .catch(() => {})
          .finally(onEnd)
      return {
        begun: claimed.length,
        isFull: slots.some(({ providerId, free }) => countOf(claimed, providerId) >= free),
      }
    },
    async drain(ms) {
      endWithin(ms)
      while (underWay.size > 0) await Promise.allSettled(underWay)
      clearTimeout(cutOff)
      leases.stop()
    },
  }
}

function countOf(operations: readonly Operation[], providerId: string): number {
  return operations.filter((operation) => operation.providerId === providerId).length
}

const maxSyncMs = 55_000

async function work(
  deps: EngineDeps,
  leases: Leases,
  operation: Operation,
  audience: Audience,
  stop: AbortSignal,
  slot: (() => void) | undefined,
): Promise<StepResult | undefined> {
  const hold = leases.hold(operation)
  let release = slot
  let isReady = false
  const tooLate = new AbortController()
  let syncTimer: NodeJS.Timeout | undefined
  try {
    const open = await deps.openBackend(operation.providerId)
    // Before anything else is waited for, so that the next look at what is due knows of it.
    if (release === undefined) {
      const granted = open.acquireSlot(operation.retries > 0 ? 'repeat' : 'step')
      if (!granted.granted) {
        await reschedule(deps, operation, granted.retryAfterMs, stop)
        return undefined
      }
      release = granted.release
    }
    const prepared = await deps.handlers[operation.kind].prepare(operation)
    isReady = true
    // Platforms give up after 60 s: Kontor answers an order that cannot wait before that, however many calls it takes.
    if (slot !== undefined && !operation.acceptsIncomplete)
      syncTimer = setTimeout(() => tooLate.abort(), maxSyncMs)
    const signal = AbortSignal.any([stop, hold.lost, tooLate.signal])
    const context: StepContext = {
      operation,
      prepared,
      open,
      signal,
      times: deps.times,
      durations: deps.durations,
      now: deps.now,
    }
    // Paused until the claim was nearly over: somebody else is about to take it up, so nothing is sent any more.
    if (hold.isOver()) {
      await releaseClaim(deps, operation, false, stop)
      return undefined
    }
    const found = redactResult(await step(deps, context), prepared)
    // The provider has nothing more to do with it: while we write, somebody else may call.
    release()
    // A stop cut the step off: nothing is known of what came of it.
    if (stop.aborted && !wasAnswered(operation, found)) {
      if (!(await releaseClaim(deps, operation, maySent(found), stop)))
        await recordLateCall(deps, context, found)
      return undefined
    }
    return await conclude(
      deps,
      context,
      stop,
      asPolicyWants(context, excused(context, found)),
      audience,
    )
  } catch (error) {
    deps.log.error(
      { operationId: operation.id, kind: operation.kind, error: coded(error) },
      'operation step broke off',
    )
    // A database that is away says nothing about the operation: it goes on from where it was, or, after a call, when the
    // lease has run out.
    if (!isReady && isTransientDatabaseError(error))
      await releaseClaim(deps, operation, false, stop)
    else if (!stop.aborted && !isTransientDatabaseError(error))
      await recordStepFailure(deps, operation, isReady)
    throw error
  } finally {
    clearTimeout(syncTimer)
    release?.()
    hold.release()
  }
}

async function conclude(
  deps: EngineDeps,
  context: StepContext,
  stop: AbortSignal,
  stepResult: StepResult,
  audience: Audience,
): Promise<StepResult | undefined> {
  const { operation } = context
  const kept = await settleWithRetries(deps, context, stop, stepResult, audience)
  await deps.hitFailpoint?.('settled')
  // What the platform calls its request, so that its log and ours can be laid side by side.
  const requestIdentity = operation.requestIdentity ?? undefined
  // Thousands of polls that find nothing new are no news.
  const level =
    kept && operation.state === 'waiting' && stepResult.state === 'waiting' ? 'debug' : 'info'
  deps.log[level](
    {
      operationId: operation.id,
      kind: operation.kind,
      from: operation.state,
      to: stepResult.state,
      kept,
      requestIdentity,
    },
    'operation settled',
  )
  if (kept) {
    deps.metrics.operationSettled(operation.kind, stepResult.state)
    return stepResult
  }
  // Whoever took it over says how it ends; what we found out is void.
  await recordLateCall(deps, context, stepResult)
  return undefined
}

interface Step {
  readonly take: (context: StepContext) => Promise<StepResult>
  readonly before: Failpoint
  readonly after: Failpoint
}

// What is done in each state that has a step.
const steps: Partial<Record<OperationState, Step>> = {
  calling: { take: callBackend, before: 'before-call', after: 'after-call' },
  waiting: { take: poll, before: 'before-poll', after: 'after-poll' },
  uncertain: { take: lookUp, before: 'before-look-up', after: 'after-look-up' },
  compensating: { take: compensate, before: 'before-removal', after: 'after-removal' },
}

async function step(deps: EngineDeps, context: StepContext): Promise<StepResult> {
  const { state } = context.operation
  const own = steps[state]
  if (own === undefined) throw new Error(`An operation that is ${state} has no step.`)
  await deps.hitFailpoint?.(own.before)
  const stepResult = await own.take(context)
  await deps.hitFailpoint?.(own.after)
  return stepResult
}
