import type { Operation } from './operation.ts'
import type { Engine } from './engine.ts'
import type { StepResult } from './step-result.ts'

/**
 * Runs an operation and waits for its first answer: to the end without accepts_incomplete, else at most `inlineMs`.
 * @returns undefined when the time is over, or another process took the operation over: it then goes on, and it counts
 * as announced, for the platform is about to be told 202
 */
export async function firstAnswer(
  engine: Engine,
  operation: Operation,
  inlineMs: number,
  release: () => void,
): Promise<StepResult | undefined> {
  let announced = false
  let settling = false
  const run = engine.runFirst(
    operation,
    // Called while a failure is being settled: from then on the answer is worth waiting for, however late.
    () => {
      settling = true
      return announced
    },
    release,
  )
  if (!operation.acceptsIncomplete) return run
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (settling) return
      announced = true
      resolve(undefined)
    }, inlineMs)
    run.then(resolve, reject).finally(() => {
      clearTimeout(timer)
    })
  })
}
