import type { Operation } from './operation.ts'
import type { Engine } from './engine.ts'
import type { StepResult } from './step-result.ts'

/**
 * Runs the first step of an operation and waits for its result: to the end without
 * accepts_incomplete, else at most `inlineMs`.
 * @returns undefined when the time is over or another process has taken over. The operation then
 * goes on and counts as announced, because the platform is about to get a 202
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
    // Called when a failure is being written: from then on the result is worth waiting for, even
    // after `inlineMs`.
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
