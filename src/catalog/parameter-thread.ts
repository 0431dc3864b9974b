// The worker thread that checks parameters, from outside: started when it is needed, ended when it is not, and ended
// too when it takes longer than it may.
import { once } from 'node:events'
import { extname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ErrorObject } from 'ajv'
import type { Answer, Question } from './parameter-worker.ts'

export interface ThreadLimits {
  readonly startMs: number
  readonly compileMs: number
  readonly runMs: number
  /** A check that cannot begin within this time is left out. */
  readonly waitMs: number
  /** The thread ends when nothing came for so long. */
  readonly idleMs: number
  readonly megabytes: number
}

// A schema of the full 64 kB is compiled in one second or two.
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
  /** The schema could not be compiled: too slow, too large, or not a schema. It says nothing of the parameters. */
  | { readonly kind: 'unusable'; readonly problem: string }
  /** Running it did not come to an end. */
  | { readonly kind: 'endless'; readonly problem: string }
  /** No check took place: there was too much to do before it, or the thread does not start. */
  | { readonly kind: 'skipped' }

export interface ParameterThread {
  check(schema: NamedSchema, value: unknown): Promise<Checked>
  close(): Promise<void>
}

// The same file, as source or as built.
const entry = new URL(`./parameter-worker${extname(import.meta.url)}`, import.meta.url)

type Asked =
  Answer | { readonly kind: 'overran' } | { readonly kind: 'died'; readonly problem: string }

export function createParameterThread(limits: ThreadLimits): ParameterThread {
  let worker: Worker | undefined
  let before: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let waiting = 0
  // Only a thread that nobody waits for is idle.
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
      // It needs nothing of what the environment holds.
      env: {},
      resourceLimits: {
        maxOldGenerationSizeMb: limits.megabytes,
        maxYoungGenerationSizeMb: 8,
        stackSizeMb: 4,
      },
    })
    // Asked or not, one that fails is replaced by the next check.
    fresh.on('error', () => {})
    fresh.once('exit', () => {
      if (worker === fresh) worker = undefined
    })
    fresh.unref()
    const ready = await answerOf(fresh, limits.startMs)
    if (ready.kind === 'ready' && !isClosed) return fresh
    await fresh.terminate()
    return undefined
  }

  const ask = async (asked: Worker, question: Question, limitMs: number): Promise<Asked> => {
    const answering = answerOf(asked, limitMs)
    asked.postMessage(question)
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
      const result = before.then(async (): Promise<Checked> => {
        if (isClosed || performance.now() - arrivedAt > limits.waitMs) return { kind: 'skipped' }
        return check(schema, value)
      })
      before = result
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

function ofRun(answer: Asked, runMs: number): Checked {
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

/** What the thread says next, unless it works on it for longer than `limitMs`. */
async function answerOf(worker: Worker, limitMs: number): Promise<Asked> {
  const watching = new AbortController()
  const { signal } = watching
  let answered = false
  const answer = Promise.race<Asked>([
    once(worker, 'message', { signal }).then(([message]) => message as Answer, died),
    once(worker, 'exit', { signal }).then(
      () => ({ kind: 'died', problem: 'it takes more memory than it may.' }),
      died,
    ),
  ]).then((found) => {
    answered = true
    return found
  })
  try {
    return await Promise.race([answer, overrun(worker, limitMs, () => answered, signal)])
  } finally {
    watching.abort()
  }
}

function died(error: unknown): Asked {
  return {
    kind: 'died',
    problem:
      error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? 'it takes more memory than it may.'
        : 'it ends the thread that checks it.',
  }
}

/**
 * Comes back when the thread has worked for longer than it may. Time in which the machine let it not work does not
 * count: a busy machine must not make good parameters look bad.
 */
async function overrun(
  worker: Worker,
  limitMs: number,
  isAnswered: () => boolean,
  signal: AbortSignal,
): Promise<Asked> {
  const half = limitMs / 2
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, half)
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })
  let workedBefore: number | undefined
  for (let halves = 1; halves <= 20; halves++) {
    await pause()
    // An answer may lie here already, and we were the ones who had no time.
    await setImmediate()
    if (isAnswered()) break
    const usage = await worker.cpuUsage().catch(() => undefined)
    if (usage === undefined) break
    const worked = (usage.user + usage.system) / 1_000
    workedBefore ??= worked
    if (worked - workedBefore >= half * 0.8) break
  }
  return { kind: 'overran' }
}
