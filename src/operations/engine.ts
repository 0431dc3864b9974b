// The engine carries an operation from its row to its end, one short step at a time. A step is: claim, look at the
// state, talk to the back end with no transaction open, settle in one transaction if the claim still holds.
import { isDatabaseAway } from '../db/away.ts'
import { coded } from '../log.ts'
import type { EngineDeps, StepContext } from './context.ts'
import { keepLeases, type Leases } from './leases.ts'
import type { Operation } from './operation.ts'
import { breakOff } from './break-off.ts'
import type { Point } from './points.ts'
import { settle, type Verdict } from './settle.ts'
import type { OperationState } from './states.ts'
import { claimOperation } from './store.ts'
import { undoLate } from './undo-late.ts'
import { callBackend } from './steps/call.ts'
import { compensate } from './steps/compensate.ts'
import { lookUp } from './steps/look-up.ts'
import { poll } from './steps/poll.ts'

/** Whether somebody waits for the first answer, or 202 has been said. Read once, when the step settles. */
export interface Audience { isAnnounced (): boolean }

const announced: Audience = { isAnnounced: () => true }

export interface Engine {
  /**
   * Works on an operation that the caller has just inserted as `calling`, and settles it.
   * @param release  gives back the provider's place that the caller took
   * @returns undefined when this process has no say in it any more: its claim was lost, or it had to stop
   */
  runFirst (operation: Operation, audience: Audience, release: () => void): Promise<Verdict | undefined>
  /** Claims an operation if its turn has come and takes it one step further. @returns false if it was not due */
  runStep (operationId: string): Promise<boolean>
  /** Begins no new step, and cuts off in `ms` what is then still under way. */
  endWithin (ms: number): void
  /** Waits until nothing is under way here, at most `ms`; then cuts off what is left. */
  drain (ms: number): Promise<void>
}

export function createEngine (deps: EngineDeps): Engine {
  const underWay = new Set<Promise<unknown>>()
  let cutOff: NodeJS.Timeout | undefined
  const stop = new AbortController()
  const leases = keepLeases(deps)

  const track = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    const forget = () => { underWay.delete(work) }
    work.then(forget, forget)
    return work
  }

  const endWithin = (ms: number): void => { cutOff ??= setTimeout(() => stop.abort(), ms) }

  return {
    endWithin,
    runFirst: (operation, audience, release) => track((async () => {
      await deps.atPoint?.('intent-written')
      return work(deps, leases, operation, audience, stop.signal, true)
    })().finally(release)),
    async runStep (operationId) {
      // What is claimed now would have to be taken over by somebody else in a moment.
      if (cutOff !== undefined) return false
      const now = deps.now()
      const operation = await claimOperation(deps.db, operationId, now, new Date(now.getTime() + deps.times.leaseMs))
      if (operation === undefined) return false
      await deps.atPoint?.('claimed')
      await track(work(deps, leases, operation, announced, stop.signal, false))
      return true
    },
    async drain (ms) {
      endWithin(ms)
      while (underWay.size > 0) await Promise.allSettled(underWay)
      clearTimeout(cutOff)
      leases.stop()
    }
  }
}

const longestSyncMs = 55_000

async function work (deps: EngineDeps, leases: Leases, operation: Operation, audience: Audience, stop: AbortSignal, hasPlace: boolean): Promise<Verdict | undefined> {
  const hold = leases.hold(operation)
  let isReady = false
  try {
    const [effect, open] = await Promise.all([
      deps.effects[operation.kind].prepare(operation),
      deps.openBackend(operation.providerId)
    ])
    isReady = true
    // Platforms give up after 60 s; whoever cannot wait is answered before that, however many calls the order takes.
    const patience = hasPlace && !operation.acceptsIncomplete ? [AbortSignal.timeout(longestSyncMs)] : []
    const signal = AbortSignal.any([stop, hold.lost, ...patience])
    const context: StepContext = { operation, effect, open, signal, times: deps.times, now: deps.now }
    // Paused until the claim was nearly over: somebody else is about to take it up, so nothing is sent any more.
    if (hold.isOver()) return undefined
    const verdict = hasPlace ? await step(deps, context) : await stepInPlace(deps, context)
    // A stop cut the call off: nothing is known, so nothing is written. The lease runs out and another process looks.
    if (stop.aborted) return undefined
    const kept = await settle(deps, operation, effect, verdict, audience)
    await deps.atPoint?.('settled')
    if (kept) deps.metrics.operationSettled(operation.kind, verdict.state)
    // What the platform calls its request, so that its log and ours can be laid side by side.
    const requestIdentity = operation.requestIdentity ?? undefined
    deps.log.info({ operationId: operation.id, kind: operation.kind, from: operation.state, to: verdict.state, kept, requestIdentity }, 'operation settled')
    // Whoever took it over says how it ends; what we found out is void.
    // Not by the step's own signal: that is over with the claim.
    if (!kept) await undoLate(deps, context, verdict, stop)
    return kept ? verdict : undefined
  } catch (error) {
    deps.log.error({ operationId: operation.id, kind: operation.kind, error: coded(error) }, 'operation step broke off')
    // A database that is away says nothing about the operation: the lease runs out, and it goes on from where it was.
    if (!stop.aborted && !isDatabaseAway(error)) await breakOff(deps, operation, isReady)
    throw error
  } finally {
    hold.release()
  }
}

// A provider whose places are all taken is asked a little later: its slowness holds nobody else up.
async function stepInPlace (deps: EngineDeps, context: StepContext): Promise<Verdict> {
  const release = context.open.takePlace()
  if (release === undefined) return notNow(context)
  try {
    return await step(deps, context)
  } finally {
    release()
  }
}

function notNow ({ operation, now, times }: StepContext): Verdict {
  const nextStepAt = new Date(now().getTime() + times.pollMs)
  const state = operation.state
  switch (state) {
    case 'calling': return { state: 'accepted', nextStepAt, tries: operation.tries }
    case 'waiting': case 'uncertain': case 'compensating': return { state, nextStepAt, tries: operation.tries }
    case 'accepted': case 'parked': case 'succeeded': case 'failed': throw new Error(`An operation that is ${state} has no step.`)
    default: return state satisfies never
  }
}

interface Step {
  readonly take: (context: StepContext) => Promise<Verdict>
  readonly before: Point
  readonly after: Point
}

// What is done in each state that has a step.
const steps: Partial<Record<OperationState, Step>> = {
  calling: { take: callBackend, before: 'before-call', after: 'after-call' },
  waiting: { take: poll, before: 'before-poll', after: 'after-poll' },
  uncertain: { take: lookUp, before: 'before-look-up', after: 'after-look-up' },
  compensating: { take: compensate, before: 'before-removal', after: 'after-removal' }
}

async function step (deps: EngineDeps, context: StepContext): Promise<Verdict> {
  const { state } = context.operation
  const own = steps[state]
  if (own === undefined) throw new Error(`An operation that is ${state} has no step.`)
  await deps.atPoint?.(own.before)
  const verdict = await own.take(context)
  await deps.atPoint?.(own.after)
  return verdict
}
