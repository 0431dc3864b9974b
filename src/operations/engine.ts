// Carries operations from their row to their end, one short step at a time (steps/run-step.ts).
import { coded } from '../log.ts'
import { createClaimDue } from './claims/claim-due.ts'
import { createLeases } from './claims/leases.ts'
import type { EngineDeps } from './context.ts'
import type { Failpoint } from './failpoints.ts'
import type { Operation } from './operation.ts'
import type { StepResult } from './step-result.ts'
import { runStep, type FirstStep } from './steps/run-step.ts'

export interface FirstCall extends Omit<FirstStep, 'decideAnnounced'> {
  /** Until when a platform that accepts a 202 waits for the result, as `receivedAtMs`. */
  readonly inlineUntilMs: number
}

export interface Engine {
  /**
   * Runs the first step of an operation that the caller has just inserted as `calling`, and waits
   * for its result: to the end without accepts_incomplete, else until `inlineUntilMs`.
   * @returns undefined when the time is over, or this process does not know the result: it lost the
   * claim, could not begin, or stops. The operation then goes on. An asynchronous order counts as
   * announced, because its platform is about to get a 202; the answer to a synchronous one is 503
   */
  runFirst(operation: Operation, first: FirstCall): Promise<StepResult | undefined>
  /**
   * Claims due operations, for each provider as many as it has free slots, and starts one step
   * each.
   * @param onEnd  called when one of these steps has ended, with or without an error
   * @returns how many steps it has started; `isFull`: some provider may have more due operations
   * than free slots
   * @throws the driver's error when the database is away
   */
  runDue(onEnd: () => void): Promise<{ readonly begun: number; readonly isFull: boolean }>
  /** Starts no new step, and aborts in `ms` the steps that still run then. */
  endWithin(ms: number): void
  /** Waits until all steps have ended; aborts after `ms` those that still run. */
  drain(ms: number): Promise<void>
}

export function createEngine(deps: EngineDeps): Engine {
  const running = new Set<Promise<unknown>>()
  const stop = new AbortController()
  const leases = createLeases(deps, stop.signal)
  const claimDue = createClaimDue(deps.db, deps.times, (error) => {
    deps.log.warn({ error: coded(error) }, 'could not claim some of the operations that are due')
  })
  let stopTimer: NodeJS.Timeout | undefined

  const endWithin = (ms: number): void => {
    stopTimer ??= setTimeout(() => stop.abort(), ms)
  }

  const start = async (
    failpoint: Failpoint,
    operation: Operation,
    first?: FirstStep,
  ): Promise<StepResult | undefined> => {
    const ended = Promise.withResolvers<void>()
    running.add(ended.promise)
    try {
      await deps.hitFailpoint?.(failpoint)
      return await runStep(deps, leases, operation, stop.signal, first)
    } finally {
      running.delete(ended.promise)
      ended.resolve()
    }
  }

  return {
    endWithin,
    runFirst(operation, { inlineUntilMs, ...given }) {
      const answer: FirstAnswer = { isAnnounced: false, isFailing: false }
      const decideAnnounced = () => {
        answer.isFailing = true
        return answer.isAnnounced
      }
      // One that closes its connection after its 202 still wants the order.
      const client = { isAbandoned: () => !answer.isAnnounced && given.client.isAbandoned() }
      const first = { ...given, client, decideAnnounced }
      const step = start('intent-written', operation, first)
      const restMs = Math.max(0, inlineUntilMs - performance.now())
      return operation.acceptsIncomplete ? waitInline(step, restMs, answer, client) : step
    },
    async runDue(onEnd) {
      const slots = deps.hasAllKeys() ? await deps.backends.freeSlots() : []
      // A stopping process claims nothing: another one would have to take it over in a moment.
      if (stopTimer !== undefined) return { begun: 0, isFull: false }
      const free = new Map(slots.map((slot) => [slot.providerId, slot.free]))
      const claimed = await claimDue(free, deps.now())
      for (const operation of claimed) {
        free.set(operation.providerId, (free.get(operation.providerId) ?? 0) - 1)
        // An error is already logged; the row and its lease say how the operation goes on.
        void start('claimed', operation).then(onEnd, onEnd)
      }
      return { begun: claimed.length, isFull: [...free.values()].some((count) => count <= 0) }
    },
    async drain(ms) {
      endWithin(ms)
      while (running.size > 0) await Promise.allSettled(running)
      clearTimeout(stopTimer)
      leases.stop()
    },
  }
}

interface FirstAnswer {
  /** The platform is about to get a 202. */
  isAnnounced: boolean
  /**
   * A failure is being written: from then on the result is worth waiting for, even after the time.
   */
  isFailing: boolean
}

async function waitInline(
  step: Promise<StepResult | undefined>,
  inlineMs: number,
  answer: FirstAnswer,
  client: FirstStep['client'],
): Promise<StepResult | undefined> {
  const timeIsOver = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => {
    // A 202 to a client that has gone would announce nothing: its order may have to end uncalled.
    if (answer.isFailing || client.isAbandoned()) return
    answer.isAnnounced = true
    timeIsOver.resolve(undefined)
  }, inlineMs)
  try {
    return await Promise.race([step, timeIsOver.promise])
  } finally {
    clearTimeout(timer)
  }
}
