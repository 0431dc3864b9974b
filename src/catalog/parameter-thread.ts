// The main thread's side of the worker thread that checks parameters. The thread starts when it is
// needed and ends when it is idle, or when a check exceeds its time.
import type { ErrorObject } from 'ajv'
import type { Reply } from './thread-reply.ts'
import { createWorkerThread, type WorkerThread } from './worker-thread.ts'

export interface ThreadLimits {
  readonly startMs: number
  readonly compileMs: number
  readonly runMs: number
  /** A check that cannot begin within this time is skipped. */
  readonly waitMs: number
  /** The thread ends when it has had nothing to do for this long. */
  readonly idleMs: number
  readonly megabytes: number
}

// A schema of the full 64 kB compiles in one or two seconds.
export const usualLimits: ThreadLimits = {
  startMs: 10_000,
  compileMs: 3_000,
  runMs: 250,
  waitMs: 1_000,
  idleMs: 60_000,
  megabytes: 96,
}

export interface NamedSchema {
  readonly digest: string
  readonly schema: Readonly<Record<string, unknown>>
}

export type Checked =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly error: ErrorObject | undefined }
  /**
   * The schema could not be compiled: too slow, too large, or not a schema. The parameters may be
   * valid.
   */
  | { readonly kind: 'unusable'; readonly problem: string }
  /** The check did not end in time. */
  | { readonly kind: 'endless'; readonly problem: string }
  /** There was no check: too many others were before it, or the thread does not start. */
  | { readonly kind: 'skipped' }

export interface ParameterThread {
  check(schema: NamedSchema, value: unknown): Promise<Checked>
  close(): Promise<void>
}

export function createParameterThread(limits: ThreadLimits): ParameterThread {
  const thread = createWorkerThread(limits)
  let previous: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let waiting = 0
  // A thread with checks waiting for it is not idle.
  const idle = setTimeout(() => {
    if (waiting === 0) void thread.end()
    else idle.refresh()
  }, limits.idleMs).unref()

  return {
    check(schema, value) {
      const arrivedAt = performance.now()
      waiting++
      const result = previous.then(async (): Promise<Checked> => {
        if (isClosed || performance.now() - arrivedAt > limits.waitMs) return { kind: 'skipped' }
        return checkWith(thread, limits, schema, value)
      })
      previous = result
        .catch(() => {})
        .then(() => {
          waiting--
          idle.refresh()
        })
      return result
    },
    async close() {
      isClosed = true
      clearTimeout(idle)
      await thread.close()
    },
  }
}

async function checkWith(
  thread: WorkerThread,
  { runMs, compileMs }: ThreadLimits,
  { digest, schema }: NamedSchema,
  value: unknown,
): Promise<Checked> {
  const run = () => thread.ask({ ask: 'run', digest, value }, runMs)
  const first = await run()
  if (first?.kind !== 'unknown') return ofRun(first, runMs)
  const compiled = await thread.ask({ ask: 'compile', digest, schema }, compileMs)
  switch (compiled?.kind) {
    case 'compiled':
      return ofRun(await run(), runMs)
    case 'overran':
      return { kind: 'unusable', problem: `it is not compiled after ${compileMs} ms.` }
    case 'died':
    case 'broken':
      return { kind: 'unusable', problem: compiled.problem }
    default:
      return { kind: 'skipped' }
  }
}

function ofRun(answer: Reply | undefined, runMs: number): Checked {
  switch (answer?.kind) {
    case 'valid':
      return { kind: 'valid' }
    case 'invalid':
      return answer
    case 'overran':
      return { kind: 'endless', problem: `it takes longer than ${runMs} ms.` }
    case 'died':
    case 'broken':
      return { kind: 'endless', problem: answer.problem }
    default:
      return { kind: 'skipped' }
  }
}
