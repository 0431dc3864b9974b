import { coded, type Log } from '../log.ts'
import type { Engine } from '../operations/engine.ts'
import { operationQueue, type JobLibrary, type OperationJob } from '../operations/queue.ts'

export interface OperationWorkerDeps {
  readonly boss: JobLibrary
  readonly engine: Engine
  readonly log: Log
}

export interface OperationWorker {
  /** Takes an operation one step further as soon as there is room; resolves when the step has begun, not ended. */
  run (operationId: string): Promise<void>
  stop (): Promise<void>
}

// Steps mostly wait for a provider; each provider has a limit of its own below this one.
const mostSteps = 200

/** Works on steps of operations. A job only says "look at this one"; it is done when the step has begun. */
export async function workOnOperations (deps: OperationWorkerDeps): Promise<OperationWorker> {
  let running = 0
  const waiting: Array<() => void> = []

  const run = async (operationId: string): Promise<void> => {
    if (running >= mostSteps) await new Promise<void>((resolve) => { waiting.push(resolve) })
    running++
    deps.engine.runStep(operationId).catch((error: unknown) => {
      // The row and its lease are as they were: the sweep takes it up.
      deps.log.warn({ operationId, error: coded(error) }, 'a step of an operation broke off')
    }).finally(() => {
      running--
      waiting.shift()?.()
    })
  }

  const options = { batchSize: 50, localConcurrency: 1, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5, burstWhenBatchFull: true }
  await deps.boss.work<OperationJob>(operationQueue, options, async (jobs) => {
    for (const job of jobs) await run(job.data.operationId)
  })
  return { run, stop: () => deps.boss.offWork(operationQueue) }
}
