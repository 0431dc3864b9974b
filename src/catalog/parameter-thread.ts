// The main thread's side of the worker thread that checks parameters. The thread starts when it is
// needed and ends when it is idle, or when a check exceeds its time.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ErrorObject } from 'ajv'
import type { Question } from './parameter-worker.ts'
import { replyOf, type Reply } from './thread-reply.ts'

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

// The extension is that of this file: .ts as source, .js as built.
const entry = new URL(`./parameter-worker${extname(import.meta.url)}`, import.meta.url)

export function createParameterThread(limits: ThreadLimits): ParameterThread {
  let worker: Worker | undefined
  let previous: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let waiting = 0
  // A thread with checks waiting for it is not idle.
  const idle = setTimeout(() => {
    if (waiting === 0) void end()
    else idle.refresh()
  }, limits.idleMs).unref()

  const end = async (): Promise<void> => {
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }

  const start = async (): Promise<Worker | undefined> => {
    const fresh = new Worker(entry, {
      // The environment holds secrets, and the thread needs none of it.
      env: {},
      resourceLimits: {
        maxOldGenerationSizeMb: limits.megabytes,
        maxYoungGenerationSizeMb: 8,
        stackSizeMb: 4,
      },
    })
    // The next check starts another thread.
    fresh.on('error', () => {})
    fresh.once('exit', () => {
      if (worker === fresh) worker = undefined
    })
    fresh.unref()
    const ready = await replyOf(fresh, limits.startMs)
    if (ready.kind === 'ready' && !isClosed) return fresh
    await fresh.terminate()
    return undefined
  }

  const ask = async (thread: Worker, question: Question, limitMs: number): Promise<Reply> => {
    const answering = replyOf(thread, limitMs)
    thread.postMessage(question)
    const answer = await answering
    if (answer.kind === 'overran' || answer.kind === 'died') await end()
    return answer
  }

  const check = async ({ digest, schema }: NamedSchema, value: unknown): Promise<Checked> => {
    const thread = (worker ??= await start())
    if (thread === undefined) return { kind: 'skipped' }
    const first = await ask(thread, { ask: 'run', digest, value }, limits.runMs)
    if (first.kind !== 'unknown') return ofRun(first, limits.runMs)
    const compiled = await ask(thread, { ask: 'compile', digest, schema }, limits.compileMs)
    switch (compiled.kind) {
      case 'compiled':
        return ofRun(await ask(thread, { ask: 'run', digest, value }, limits.runMs), limits.runMs)
      case 'overran':
        return { kind: 'unusable', problem: `it is not compiled after ${limits.compileMs} ms.` }
      case 'died':
      case 'broken':
        return { kind: 'unusable', problem: compiled.problem }
      default:
        return { kind: 'skipped' }
    }
  }

  return {
    check(schema, value) {
      const arrivedAt = performance.now()
      waiting++
      const result = previous.then(async (): Promise<Checked> => {
        if (isClosed || performance.now() - arrivedAt > limits.waitMs) return { kind: 'skipped' }
        return check(schema, value)
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
      await end()
    },
  }
}

function ofRun(answer: Reply, runMs: number): Checked {
  switch (answer.kind) {
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
